"""The champion pointer, and how the web process watches it."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.models.current import POINTER, Current, load_current, read_current, write_current
from app.models.registry import Registry
from app.models.storage import FolderStorage
from app.models.watch import RETRY_S, CurrentModelWatch
from app.settings import Settings
from recommender import ArtifactError
from tests.app.learn.versions import marked_as, publish_version


def test_nothing_is_published_at_first(settings: Settings) -> None:
    assert read_current(settings.models_folder) is None
    assert load_current(settings.models_folder) is None
    assert CurrentModelWatch(FolderStorage(settings.models_folder)).poll() is None


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
        '{"version": 1, "artifact": "1", "checksum": "", "watermark": 1e999, "published_at": 0}',
        *(
            json.dumps({"version": 1, "artifact": "1", "checksum": "", "watermark": 0, "published_at": 0} | wrong)
            for wrong in (
                {"version": -1},
                {"watermark": 2**63},
                {"published_at": float("nan")},
                {"published_at": 1_700_000_000_000},
                {"artifact": "1\0"},
                {"artifact": "\ud800"},
                {"artifact": ".."},
            )
        ),
        "[" * 50_000,
        '{"version": ' * 10_000,
        " " * 1_000_000 + "{}",
    ],
)
def test_a_damaged_pointer_is_named_and_so_is_the_mend(settings: Settings, text: str) -> None:
    settings.models_folder.mkdir()
    (settings.models_folder / POINTER).write_text(text, encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"current\.json is damaged .* `flask models promote VERSION`"):
        read_current(settings.models_folder)


def test_the_watch_gives_each_published_model_once(settings: Settings, registry: Registry) -> None:
    watch = CurrentModelWatch(FolderStorage(settings.models_folder))
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
    watch = CurrentModelWatch(FolderStorage(settings.models_folder))
    publish_version(settings, registry)
    factors = settings.models_folder / "1" / "item_factors.npy"
    factors.write_bytes(factors.read_bytes()[:-1] + b"!")
    with pytest.raises(ArtifactError, match="item_factors"):
        watch.poll()
    assert watch.poll() is None
    publish_version(settings, registry)
    assert watch.poll() is not None


def test_a_broken_artifact_is_read_again_and_found_once_it_is_whole(settings: Settings, registry: Registry) -> None:
    now = [0.0]
    watch = CurrentModelWatch(FolderStorage(settings.models_folder), clock=lambda: now[0])
    publish_version(settings, registry)
    factors = settings.models_folder / "1" / "item_factors.npy"
    whole = factors.read_bytes()
    factors.write_bytes(whole[:-1] + b"!")
    for rest_s in (RETRY_S, 2 * RETRY_S, 4 * RETRY_S):
        with pytest.raises(ArtifactError, match="item_factors"):
            watch.poll()
        now[0] += rest_s - 0.01
        assert watch.poll() is None, "it is not read at every look"
        now[0] += 0.01
    factors.write_bytes(whole)
    news = watch.poll()
    assert news is not None
    assert news[0].version == 1


def test_a_read_that_failed_for_want_of_descriptors_is_made_up_for(settings: Settings, registry: Registry) -> None:
    now = [0.0]
    watch = CurrentModelWatch(FolderStorage(settings.models_folder), clock=lambda: now[0])
    publish_version(settings, registry)
    with no_descriptors_left(), pytest.raises(ArtifactError, match="Too many open files"):
        watch.poll()
    now[0] += RETRY_S
    news = watch.poll()
    assert news is not None
    assert news[0].version == 1


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    """Nothing can be opened inside."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_an_artifact_that_is_not_the_published_one_is_refused(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    manifest = settings.models_folder / "1" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(ArtifactError, match="it was changed since"):
        load_current(settings.models_folder)


def test_a_pointer_that_went_away_is_no_news(settings: Settings, registry: Registry) -> None:
    watch = CurrentModelWatch(FolderStorage(settings.models_folder))
    publish_version(settings, registry)
    watch.poll()
    (settings.models_folder / POINTER).unlink()
    assert watch.poll() is None


@pytest.mark.parametrize(("name", "value"), [("version", 4), ("watermark", 121), ("published_at", 1.0)])
def test_a_pointer_with_a_value_that_was_changed_is_refused(tmp_path: Path, name: str, value: float) -> None:
    write_current(tmp_path, Current(3, "3", "abc", 120, 1_700_000_000.5))
    values = json.loads((tmp_path / POINTER).read_text(encoding="utf-8"))
    (tmp_path / POINTER).write_text(json.dumps({**values, name: value}), encoding="utf-8")
    with pytest.raises(ArtifactError, match="sum"):
        read_current(tmp_path)


def test_a_pointer_of_earlier_code_is_read(tmp_path: Path) -> None:
    current = Current(3, "3", "abc", 120, 1_700_000_000.5)
    write_current(tmp_path, current)
    values = json.loads((tmp_path / POINTER).read_text(encoding="utf-8"))
    del values["sum"]
    (tmp_path / POINTER).write_text(json.dumps(values), encoding="utf-8")
    assert read_current(tmp_path) == current
