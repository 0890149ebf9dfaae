"""Publishing: which model version the site uses, changed in one atomic step, and changed back.

The order of steps makes every moment safe to die in: the artifact is on disk before the pointer names it, the pointer
is replaced whole, and the registry follows the pointer (`Registry.reconcile`). Callers hold `publish_lock`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.learn.current import Current, load_artifact, load_current, read_current, write_current
from app.learn.errors import VersionError
from app.learn.locks import PUBLISH_LOCK, publish_lock
from app.learn.registry import Registry
from app.learn.watch import CurrentModelWatch
from app.settings import Settings
from app.store.registry import ModelVersion
from recommender import ArtifactError

__all__ = ["Current", "CurrentModelWatch", "load_current", "promote", "publish", "read_current", "recover", "rollback"]

KEEP_REFUSED = 3
"""Artifacts of refused versions that are kept to look into, beside those kept for rollback."""


def publish(
    models_folder: Path, registry: Registry, version: ModelVersion, now: Callable[[], float] = time.time
) -> Current:
    """Make a version, whose artifact is on disk, the one that the site uses. The caller holds `publish_lock`."""
    current = _write_pointer(models_folder, version, now())
    registry.crown(version.version)
    return current


def promote(settings: Settings, registry: Registry, number: int, now: Callable[[], float] = time.time) -> ModelVersion:
    """Publish a version by hand, whatever the gate said of it, and return its row.

    Raises VersionError when there is no such version, its artifact is gone or damaged, or it is in use already.
    """
    with publish_lock(settings.models_folder):
        recover(settings, registry)
        version = registry.get(number)
        if version is None:
            known = ", ".join(str(row.version) for row in registry.versions(10)) or "none"
            raise VersionError(f"there is no model version {number}; the newest are: {known}")
        return _put_in_use(settings, registry, version, now)


def rollback(settings: Settings, registry: Registry, now: Callable[[], float] = time.time) -> ModelVersion:
    """Publish the newest earlier version that was once published and still has its artifact, and return its row.

    A second rollback goes one further back. Raises VersionError when there is none.
    """
    with publish_lock(settings.models_folder):
        recover(settings, registry)
        champion = registry.champion()
        if champion is None:
            raise VersionError("nothing is published, so there is nothing to roll back; see `flask models list`")
        for version in registry.versions():
            if version.version < champion.version and version.state == "retired" and version.artifact:
                return _put_in_use(settings, registry, version, now)
        raise VersionError(f"version {champion.version} is in use and no earlier published version has its artifact")


def recover(settings: Settings, registry: Registry) -> list[str]:
    """Put right what an end in the middle of publishing left behind; returns what was. The caller holds `publish_lock`.

    A damaged pointer is replaced by one to the registry's champion when that is intact; else it stays, and is reported.
    """
    folder = settings.models_folder
    folder.mkdir(parents=True, exist_ok=True)
    mended = _sweep(folder, registry)
    try:
        current = read_current(folder)
    except ArtifactError as error:
        champion = registry.champion()
        if champion is None or not champion.artifact:
            return [*mended, str(error)]
        current = _write_pointer(folder, champion, champion.created_at)
        mended.append(f"the champion pointer was damaged; it names version {champion.version} again")
    return mended + registry.reconcile(current)


def clear_away(settings: Settings, registry: Registry) -> list[int]:
    """Remove artifacts beyond `settings.keep_versions` and return their versions; rows stay. The caller holds the lock.

    The newest once-published ones are kept for rollback, the champion always, and the newest few refused. A process
    that has mapped a removed artifact keeps its pages until it lets go.
    """
    current = read_current(settings.models_folder)
    with_artifact = [row for row in registry.versions() if row.artifact]
    published = [row for row in with_artifact if row.state in ("champion", "retired")]
    refused = [row for row in with_artifact if row.state == "refused"]
    removed = []
    for row in published[settings.keep_versions :] + refused[KEEP_REFUSED:]:
        if current is None or row.version != current.version:
            registry.change(row.version, artifact="")
            shutil.rmtree(settings.models_folder / row.artifact, ignore_errors=True)
            removed.append(row.version)
    return removed


def _write_pointer(models_folder: Path, version: ModelVersion, published_at: float) -> Current:
    current = Current(version.version, version.artifact, version.checksum, version.watermark, published_at)
    write_current(models_folder, current)
    return current


def _put_in_use(
    settings: Settings, registry: Registry, version: ModelVersion, now: Callable[[], float]
) -> ModelVersion:
    current = _read_current_or_none(settings.models_folder)
    if current is not None and current.version == version.version:
        raise VersionError(f"version {version.version} is in use already")
    if not version.artifact:
        raise VersionError(f"the artifact of version {version.version} was cleared away; see `flask models list`")
    try:
        load_artifact(settings.models_folder, version.artifact, version.checksum)
    except ArtifactError as error:
        raise VersionError(f"version {version.version} cannot be published: {error}") from error
    current = publish(settings.models_folder, registry, version, now)
    day = datetime.fromtimestamp(current.published_at, UTC).date().isoformat()
    registry.change(version.version, verdict=f"{version.verdict} Put in use by hand on {day}.")
    return registry.get(version.version) or version


def _read_current_or_none(models_folder: Path) -> Current | None:
    """The published version, or None when there is none or its pointer is damaged."""
    try:
        return read_current(models_folder)
    except ArtifactError:
        return None


def _sweep(folder: Path, registry: Registry) -> list[str]:
    """Remove what a killed process left: half-written names, and artifacts whose row says they were cleared away."""
    cleared = {str(row.version) for row in registry.versions() if not row.artifact}
    swept = []
    for entry in sorted(folder.iterdir()):
        unfinished = entry.name.startswith(".") and entry.name != PUBLISH_LOCK
        if unfinished or entry.name in cleared:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)
            swept.append(f"{entry.name} was left over and is removed")
    return swept
