"""The power goes while a version is published: the site finds the old version or the new one, whole.

A disk keeps what was synced. Names may be on it earlier than that, contents are not: so each moment leaves two disks to
look at, one with the names of the last sync of each folder, and one with the names as they were. On both a file that
was not synced is empty. The registry syncs itself, through SQLite, and is taken as it stands.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.models.current import load_current
from app.models.locks import publish_lock
from app.models.publish import prune_artifacts, recover
from app.models.registry import Registry
from app.settings import Settings
from recommender import ArtifactError
from tests.app.learn.versions import marked_as, publish_version

BY_SQLITE = "registry.db"


class Disk:
    """What of a folder would be there after a loss of power, kept by inode."""

    def __init__(self, folder: Path, images: Path) -> None:
        self._folder = folder
        self._images = images
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self.cuts: list[Path] = []

    def sync_all(self) -> None:
        """Everything that is there now is on the disk."""
        for path in (self._folder, *self._folder.rglob("*")):
            self._keep(path)

    def sync(self, descriptor: int) -> None:
        """A file or folder that was opened is on the disk."""
        self._keep(Path(os.readlink(f"/proc/self/fd/{descriptor}")))

    def cut(self) -> None:
        """Keep what would be found if the power went now."""
        for by_sync in (True, False):
            image = self._images / str(len(self.cuts))
            self._write(self._folder, image, by_sync)
            self.cuts.append(image)

    def _keep(self, path: Path) -> None:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            self._names[found.st_ino] = {entry.name: entry.inode() for entry in os.scandir(path)}
        elif stat.S_ISREG(found.st_mode):
            self._contents[found.st_ino] = path.read_bytes()

    def _write(self, folder: Path, image: Path, by_sync: bool) -> None:
        image.mkdir(parents=True)
        entries = {entry.inode(): entry for entry in os.scandir(folder)} if folder.is_dir() else {}
        names = {entry.name: inode for inode, entry in entries.items()}
        if by_sync:
            names = self._names.get(folder.stat().st_ino, {}) if folder.is_dir() else {}
            names |= {entry.name: inode for inode, entry in entries.items() if entry.name.startswith(BY_SQLITE)}
        for name, inode in names.items():
            now = entries.get(inode)
            if now is not None and now.is_dir():
                self._write(Path(now.path), image / name, by_sync)
            elif name.startswith(BY_SQLITE):
                shutil.copy(folder / name, image / name)
            else:
                (image / name).write_bytes(self._contents.get(inode, b""))


@pytest.fixture
def disk(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk below the site's folder, cut before and after everything that syncs or renames in it."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to tell which file is synced")
    disk = Disk(settings.var, tmp_path / "images")
    sync = os.fsync

    def synced(descriptor: int) -> None:
        sync(descriptor)
        if str(settings.var) in os.readlink(f"/proc/self/fd/{descriptor}"):
            disk.sync(descriptor)
            disk.cut()

    monkeypatch.setattr(os, "fsync", synced)
    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, cutting(disk, getattr(os, name)))
    return disk


def cutting(disk: Disk, move: Callable[..., None]) -> Callable[..., None]:
    """A rename after which the power may go before anything is synced."""

    def moved(*places: Any, **named: Any) -> None:
        move(*places, **named)
        disk.cut()

    return moved


def publish(settings: Settings, registry: Registry) -> None:
    with publish_lock(settings.models_folder):
        publish_version(settings, registry)
        prune_artifacts(settings, registry)


def version_after(image: Path, settings: Settings) -> int:
    """The version that a site finds on what is left, before and after a trainer has looked at it."""
    left = replace(settings, var=image)
    loaded = load_current(left.models_folder)
    assert loaded is not None
    current, model = loaded
    assert marked_as(model) == current.version
    registry = Registry(left)
    with publish_lock(left.models_folder):
        recover(left, registry)
    champion = registry.champion()
    assert champion is not None
    assert champion.version == current.version
    return current.version


def test_a_power_cut_at_any_moment_of_publishing_leaves_the_old_version_or_the_new_one(
    settings: Settings, disk: Disk
) -> None:
    registry = Registry(settings)
    publish(settings, registry)
    disk.sync_all()
    disk.cuts.clear()
    shutil.rmtree(settings.var.parent / "images")
    publish(settings, registry)
    found = [version_after(image, settings) for image in disk.cuts]
    assert len(found) > 20
    assert set(found) == {1, 2}
    assert found[0] == 1
    assert found[-1] == 2, "what was synced last is the new pointer's folder"


def test_a_site_that_renames_what_it_did_not_sync_is_found_out(
    settings: Settings, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(settings)
    publish(settings, registry)
    disk.sync_all()
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    publish(settings, registry)
    with pytest.raises(ArtifactError):
        version_after(disk.cuts[-1], settings)
