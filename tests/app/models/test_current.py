"""The champion pointer, and how the web process watches it."""

from __future__ import annotations

import json

import pytest

from app.models.current import POINTER, Current, load_current, read_current, write_current
from app.models.registry import Registry
from app.models.watch import CurrentModelWatch
from app.settings import Settings
from recommender import ArtifactError
from tests.app.learn.versions import marked_as, publish_version


def test_nothing_is_published_at_first(settings: Settings) -> None:
    assert read_current(settings.models_folder) is None
    assert load_current(settings.models_folder) is None
    assert CurrentModelWatch(settings.models_folder).poll() is None


def test_what_is_written_is_read_and_nothing_else_is_left(settings: Settings) -> None:
    settings.models_folder.mkdir()
    current = Current(3, "3", "abc", 120, 1_700_000_000.5)
    write_current(settings.models_folder, current)
    assert read_current(settings.models_folder) == current
    assert [entry.name for entry in settings.models_folder.iterdir()] == [POINTER]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 1}',
        json.dumps({"version": "x", "artifact": "1", "checksum": "", "watermark": 0, "published_at": 0}),
        json.dumps({"version": 1, "artifact": "../1", "checksum": "", "watermark": 0, "published_at": 0}),
        json.dumps({"version": 1, "artifact": "", "checksum": "", "watermark": 0, "published_at": 0}),
    ],
)
def test_a_damaged_pointer_is_named_and_so_is_the_mend(settings: Settings, text: str) -> None:
    settings.models_folder.mkdir()
    (settings.models_folder / POINTER).write_text(text, encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"current\.json is damaged .* `flask models promote VERSION`"):
        read_current(settings.models_folder)


def test_the_watch_gives_each_published_model_once(settings: Settings, registry: Registry) -> None:
    watch = CurrentModelWatch(settings.models_folder)
    publish_version(settings, registry)
    publish_version(settings, registry)
    news = watch.poll()
    assert news is not None
    assert (news[0].version, marked_as(news[1])) == (2, 2)
    assert watch.poll() is None
    publish_version(settings, registry)
    news = watch.poll()
    assert news is not None
    assert marked_as(news[1]) == 3


def test_a_broken_artifact_is_reported_once_and_the_next_publication_found(
    settings: Settings, registry: Registry
) -> None:
    watch = CurrentModelWatch(settings.models_folder)
    publish_version(settings, registry)
    factors = settings.models_folder / "1" / "item_factors.npy"
    factors.write_bytes(factors.read_bytes()[:-1] + b"!")
    with pytest.raises(ArtifactError, match="item_factors"):
        watch.poll()
    assert watch.poll() is None
    publish_version(settings, registry)
    assert watch.poll() is not None


def test_an_artifact_that_is_not_the_published_one_is_refused(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    manifest = settings.models_folder / "1" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(ArtifactError, match="it was changed since"):
        load_current(settings.models_folder)


def test_a_pointer_that_went_away_is_no_news(settings: Settings, registry: Registry) -> None:
    watch = CurrentModelWatch(settings.models_folder)
    publish_version(settings, registry)
    watch.poll()
    (settings.models_folder / POINTER).unlink()
    assert watch.poll() is None
