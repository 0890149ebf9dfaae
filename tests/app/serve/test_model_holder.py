"""Whatever is wrong with a published model, pages go on with the one there is, and it is taken up once it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.models.current import POINTER
from app.models.registry import Registry
from app.models.storage import FolderStorage
from app.models.watch import CurrentModelWatch
from app.periodic import PeriodicRunner
from app.serve.model_holder import ModelHolder
from app.settings import Settings
from tests.app.learn.versions import publish_version


@pytest.fixture
def registry(settings: Settings) -> Registry:
    return Registry(settings)


@pytest.fixture
def holder(settings: Settings) -> ModelHolder:
    return ModelHolder(CurrentModelWatch(FolderStorage(settings.models_folder)))


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, '{"version": 1, "artifact": "1", "checksum": "", "watermark": 1e999, "published_at": 0}', ""],
    ids=["deeply nested", "beyond every number", "empty"],
)
def test_a_damaged_pointer_is_named_and_the_next_one_taken_up(
    settings: Settings, registry: Registry, holder: ModelHolder, text: str
) -> None:
    publish_version(settings, registry)
    holder.poll()
    (settings.models_folder / POINTER).write_text(text, encoding="utf-8")
    holder.poll()
    assert holder.problem is not None
    assert "is damaged" in holder.problem
    assert holder.served is not None
    assert holder.served.version == 1
    publish_version(settings, registry)
    holder.poll()
    assert (holder.served.version, holder.problem) == (2, None)


@pytest.mark.parametrize("error", [MemoryError("no room"), RecursionError("deep"), OSError(24, "Too many open files")])
def test_a_model_that_could_not_be_read_or_prepared_is_taken_up_at_the_next_poll(
    settings: Settings, registry: Registry, holder: ModelHolder, error: Exception
) -> None:
    failing = [True]

    def prepare(model: object) -> None:
        if failing[0]:
            raise error

    holder.prepare_with(prepare)
    publish_version(settings, registry)
    jobs = PeriodicRunner()
    jobs.add("model-watch", holder.poll, interval_s=60.0)
    assert jobs.run("model-watch").failures == 1
    assert holder.served is None
    assert holder.problem == f"the model could not be read: {type(error).__name__}: {error}"
    failing[0] = False
    assert jobs.run("model-watch").failures == 0
    assert holder.served is not None
    assert holder.problem is None


def test_a_champion_that_fails_keeps_no_trial_from_ending(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    storage = FolderStorage(settings.models_folder)
    trials = ModelHolder(CurrentModelWatch(storage), challenger_watch=CurrentModelWatch(storage, "c.json"))
    publish_version(settings, registry)
    pointer = settings.models_folder / POINTER
    (settings.models_folder / "c.json").write_bytes(pointer.read_bytes())
    trials.poll()
    assert trials.challenger is not None
    (settings.models_folder / "c.json").unlink()
    pointer.write_text("{", encoding="utf-8")
    trials.poll()
    assert trials.challenger is None
    assert trials.problem is not None


def test_a_trial_goes_on_when_a_folder_that_was_away_is_put_back(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    storage = FolderStorage(settings.models_folder)
    trials = ModelHolder(CurrentModelWatch(storage), challenger_watch=CurrentModelWatch(storage, "c.json"))
    publish_version(settings, registry)
    (settings.models_folder / "c.json").write_bytes((settings.models_folder / POINTER).read_bytes())
    trials.poll()
    settings.models_folder.rename(tmp_path / "away")
    trials.poll()
    assert trials.challenger is None
    (tmp_path / "away").rename(settings.models_folder)
    trials.poll()
    assert trials.challenger is not None
