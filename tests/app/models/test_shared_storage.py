"""Models for hosts without a folder in common: artifacts in a storage, registry and pointers where the events are."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.models import fsspec_objects
from app.models.current import MANIFEST
from app.models.errors import RegistryError, StorageUnavailableError, VersionError
from app.models.objects import Objects
from app.models.publish import promote, prune_artifacts, recover, rollback
from app.models.registry import Registry
from app.models.shared_storage import SharedStorage
from app.models.storage import load_published
from app.settings import Settings
from recommender import ArtifactError
from tests.app.learn.versions import add_version, marked_as, publish_version
from tests.app.models.shared_hosts import (
    Cut,
    Host,
    away,
    change,
    database_url,
    elsewhere,
    objects,
    place,
    registry,
    server,
    settings,
)
from tests.postgres_server import PostgresServer

__all__ = ["database_url", "elsewhere", "objects", "place", "registry", "server", "settings"]

pytestmark = pytest.mark.postgres

on_both = pytest.mark.parametrize("place", ["folder", "s3"], indirect=True)
"""A client of S3 takes half a second to open: other tests of it are long forms."""


@on_both
def test_hosts_without_a_folder_in_common_agree(settings: Settings, registry: Registry, elsewhere: Host) -> None:
    assert elsewhere.serves is None
    publish_version(settings, registry)
    assert elsewhere.serves == 1
    publish_version(settings, registry)
    assert elsewhere.serves == 2
    assert rollback(elsewhere.settings, elsewhere.registry, reason="two is slow").version == 1
    assert elsewhere.serves == 1
    published = load_published(registry.storage)
    assert published is not None
    assert published[0].version == 1
    assert registry.steps(1)[0].sentence.endswith("Reason: two is slow.")
    assert registry.next_version() == elsewhere.registry.next_version() == 3
    with registry.publishing():
        assert recover(settings, registry) == []
    assert not settings.registry_database.exists()
    assert not (settings.models_folder / "current.json").exists()


def test_a_trial_is_seen_on_every_host(settings: Settings, registry: Registry, elsewhere: Host) -> None:
    publish_version(settings, registry)
    add_version(settings, registry, "challenger")
    elsewhere.models.poll()
    assert elsewhere.models.challenger is not None
    assert marked_as(elsewhere.models.challenger.model) == 2
    registry.change(2, state="retired")
    elsewhere.models.poll()
    assert elsewhere.models.challenger is None


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "a bit": lambda whole: whole[:-9] + bytes([whole[-9] ^ 4]) + whole[-8:],
    "the end": lambda whole: whole[: len(whole) // 2],
    "all": lambda whole: b"",
}


@pytest.mark.parametrize("name", [MANIFEST, "item_factors.npy", "item_ids.json"])
def test_what_is_damaged_is_never_loaded_and_pages_keep_their_model(
    settings: Settings, registry: Registry, elsewhere: Host, objects: Objects, tmp_path: Path, name: str
) -> None:
    publish_version(settings, registry)
    assert elsewhere.serves == 1
    publish_version(settings, registry)
    for harm in HARMS.values():
        whole = change(objects, tmp_path, "2", name, harm)
        assert elsewhere.serves == 1
        assert elsewhere.models.problem is not None
        with pytest.raises(VersionError, match="version 2 cannot be published"):
            promote_anew(elsewhere.settings, elsewhere.registry)
        change(objects, tmp_path, "2", name, lambda _, whole=whole: whole)  # type: ignore[misc]
    assert elsewhere.serves == 2
    assert elsewhere.models.problem is None
    objects.remove("2", MANIFEST)
    with pytest.raises(ArtifactError, match=r"holds no manifest\.json of model 2"):
        Registry(replace(settings, var=tmp_path / "third")).storage.load("2", registry.versions()[0].checksum)


def test_a_version_that_is_rolled_back_leaves_no_trouble_of_the_one_that_was_damaged(
    settings: Settings, registry: Registry, elsewhere: Host, objects: Objects, tmp_path: Path
) -> None:
    publish_version(settings, registry)
    assert elsewhere.serves == 1
    publish_version(settings, registry)
    change(objects, tmp_path, "2", MANIFEST, HARMS["the end"])
    assert elsewhere.serves == 1
    assert elsewhere.models.problem is not None
    rollback(settings, registry)
    assert elsewhere.serves == 1
    assert elsewhere.models.problem is None


def promote_anew(settings: Settings, registry: Registry) -> None:
    """Roll back and try to come back to version 2, from a host that has no copy of it."""
    rollback(settings, registry)
    try:
        promote(settings, registry, 2)
    finally:
        registry.set_champion(2, 1_700_000_000.0)


def test_a_damaged_copy_of_this_machine_is_fetched_anew(
    settings: Settings, registry: Registry, elsewhere: Host
) -> None:
    version = publish_version(settings, registry)
    assert elsewhere.serves == 1
    copy = elsewhere.settings.models_folder / "1" / "item_factors.npy"
    copy.write_bytes(HARMS["a bit"](copy.read_bytes()))
    assert marked_as(elsewhere.registry.storage.load("1", version.checksum)) == 1
    assert copy.read_bytes() == (settings.models_folder / "1" / "item_factors.npy").read_bytes()
    assert [entry.name for entry in elsewhere.settings.models_folder.iterdir()] == ["1"]


@pytest.mark.parametrize("cut", [{"puts": 0}, {"puts": 2}, {"puts": 99, "lies": True}])
def test_an_upload_that_is_cut_or_spoilt_is_seen_by_nobody(
    settings: Settings, registry: Registry, elsewhere: Host, objects: Objects, cut: dict[str, Any]
) -> None:
    publish_version(settings, registry)
    spoilt = Registry(settings)
    spoilt.storage = SharedStorage(settings.models_folder, Cut(objects, **cut), registry._in_state)
    with pytest.raises(StorageUnavailableError):
        publish_version(settings, spoilt)
    assert elsewhere.serves == 1
    assert objects.folders() == ["1"]
    assert not (settings.models_folder / "2").exists()
    with registry.publishing():
        assert recover(settings, registry) == ["version 2 was never judged"]
    assert publish_version(settings, registry).version == 3
    assert elsewhere.serves == 3


def test_old_models_are_removed_from_the_storage_and_what_was_left_is_swept(
    settings: Settings, registry: Registry, objects: Objects, tmp_path: Path
) -> None:
    for _ in range(settings.keep_versions + 2):
        publish_version(settings, registry)
    with registry.publishing():
        assert prune_artifacts(settings, registry) == [2, 1]
    assert objects.folders() == ["3", "4", "5"]
    (tmp_path / "left").write_text("by a cut")
    objects.put("1", "item_factors.npy", tmp_path / "left")
    objects.put("77", "nobody-knows.npy", tmp_path / "left")
    with registry.publishing():
        assert recover(settings, registry) == ["1 was left over and is removed"]
    assert objects.folders() == ["3", "4", "5", "77"]
    assert registry.next_version() == 78, "no name is used twice, whosever it is"


def test_two_who_publish_take_turns(settings: Settings, registry: Registry, elsewhere: Host) -> None:
    done: list[str] = []

    def publish_elsewhere() -> None:
        with elsewhere.registry.publishing():
            done.append("second")
            publish_version(elsewhere.settings, elsewhere.registry)

    second = threading.Thread(target=publish_elsewhere)
    with registry.publishing():
        second.start()
        publish_version(settings, registry)
        second.join(0.3)
        done.append("first")
    second.join(30)
    assert done == ["first", "second"]
    assert [(row.version, row.state) for row in registry.versions()] == [(2, "champion"), (1, "retired")]
    assert elsewhere.serves == 2


def test_who_lost_the_lock_of_publishing_writes_nothing_more(
    settings: Settings, registry: Registry, elsewhere: Host, postgres: PostgresServer
) -> None:
    publish_version(settings, registry)
    with registry.publishing():
        late = add_version(settings, registry)
        postgres.run(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
            f" WHERE l.locktype = 'advisory' AND d.datname = '{settings.database_url.split('/')[3].split('?')[0]}'"
        )
        with elsewhere.registry.publishing():
            publish_version(elsewhere.settings, elsewhere.registry)
        with pytest.raises(RegistryError, match="the registry of models cannot be used"):
            registry.set_champion(late.version, 1_700_000_000.0)
    champion = registry.champion()
    assert champion is not None
    assert champion.version == elsewhere.serves == 3


def test_a_registry_and_models_of_this_machine_are_taken_up_once(
    settings: Settings, registry: Registry, elsewhere: Host
) -> None:
    own = replace(settings, artifacts="")
    before = Registry(own)
    for _ in range(3):
        publish_version(own, before)
    before.add_search(1.0, 5, "nothing", ["tried", "two"])
    shutil.rmtree(own.models_folder / "1")
    rollback(own, before)
    with registry.publishing():
        assert recover(settings, registry) == ["3 versions of registry.db were taken up, 2 with their models"]
        assert recover(settings, registry) == []
    assert elsewhere.serves == 2
    shown = [replace(row, artifact="") if row.version == 1 else row for row in before.versions()]
    assert registry.versions() == shown
    assert registry.steps() == before.steps()
    assert registry.searches() == before.searches()
    assert rollback_fails(settings, registry)


def rollback_fails(settings: Settings, registry: Registry) -> bool:
    """Whether there is no earlier version with its model."""
    with pytest.raises(VersionError, match="no earlier published version"):
        rollback(settings, registry)
    return True


@on_both
def test_pages_keep_their_model_while_the_storage_is_away(
    settings: Settings, registry: Registry, elsewhere: Host, place: str, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    publish_version(settings, registry)
    assert elsewhere.serves == 1
    publish_version(settings, registry)
    monkeypatch.setitem(fsspec_objects.OPTIONS, "s3", {"config_kwargs": {"retries": {"max_attempts": 0}}})
    fresh = Registry(replace(elsewhere.settings, var=elsewhere.settings.var / "fresh"))
    with away(place, request):
        assert elsewhere.serves == 1
        assert elsewhere.models.problem == "the storage of models cannot be reached; it is tried again"
        with pytest.raises(StorageUnavailableError):
            load_published(fresh.storage)
        with pytest.raises(StorageUnavailableError):
            fresh.storage.check()
    assert elsewhere.serves == 2
    assert elsewhere.models.problem is None
