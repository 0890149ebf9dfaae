"""Publishing: which model version the site uses, changed in one atomic step, and changed back.

The order of steps makes every moment safe to die in: the artifact is on disk before the pointer names it, the pointer
is replaced whole, and the registry follows the pointer (`Registry.reconcile`). Callers hold `publish_lock`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files import make_private, make_private_folder
from app.models.current import CHALLENGER_POINTER, Current, load_artifact, load_current, read_current, write_current
from app.models.errors import VersionError
from app.models.locks import PUBLISH_LOCK, publish_lock
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.models.watch import CurrentModelWatch
from app.settings import Settings
from recommender import ArtifactError

__all__ = [
    "CHALLENGER_POINTER",
    "Current",
    "CurrentModelWatch",
    "follow_challenger",
    "load_current",
    "promote",
    "publish",
    "read_current",
    "recover",
    "rollback",
]

KEEP_PASSED_OVER = 3
"""Artifacts of versions never published that are kept to look into, beside those kept for rollback."""


def publish(
    models_folder: Path,
    registry: Registry,
    version: ModelVersion,
    now: Callable[[], float] = time.time,
    step: str = "published",
    by: str = "trainer",
    sentence: str = "",
    figures: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Current:
    """Make a version, whose artifact is on disk, the one that the site uses. The caller holds `publish_lock`.

    step, by, sentence, figures: how this is written into the registry; see `app.models.registry_rows.Step`.
    reason: somebody's own words, written after the sentence.
    """
    before = registry.champion()
    current = _write_pointer(models_folder, version, now())
    instead = "" if before is None or before.version == version.version else f" instead of version {before.version}"
    said = sentence or f"The site uses version {version.version}{instead}."
    if reason.strip():
        said = f"{said} Reason: {reason.strip().rstrip('.')}."
    done = Step(version.version, current.published_at, step, by, said, figures or {})
    registry.set_champion(version.version, current.published_at, done)
    if version.state == "challenger":
        follow_challenger(models_folder, registry)
    return current


def follow_challenger(models_folder: Path, registry: Registry) -> str | None:
    """Make the challenger's pointer agree with the registry, which is the truth about trials.

    Returns a sentence when something was changed. The caller holds `publish_lock`.
    """
    challenger = registry.challenger()
    pointer = models_folder / CHALLENGER_POINTER
    if challenger is None:
        if not pointer.exists():
            return None
        pointer.unlink()
        return "the challenger's pointer was left over and is removed"
    try:
        named = read_current(models_folder, CHALLENGER_POINTER)
    except ArtifactError:
        named = None
    if named is not None and (named.version, named.checksum) == (challenger.version, challenger.checksum):
        return None
    written = Current(
        challenger.version, challenger.artifact, challenger.checksum, challenger.watermark, challenger.created_at
    )
    write_current(models_folder, written, CHALLENGER_POINTER)
    return f"version {challenger.version} is on trial; the challenger's pointer names it again"


def promote(
    settings: Settings,
    registry: Registry,
    number: int,
    now: Callable[[], float] = time.time,
    by: str = "flask models promote",
    reason: str = "",
) -> ModelVersion:
    """Publish a version by hand, whatever the gate said of it, and return its row.

    by: who is written down for it. reason: why, kept with the version's steps; may be empty.
    Raises VersionError when there is no such version, its artifact is gone or damaged, or it is in use already.
    """
    with publish_lock(settings.models_folder):
        recover(settings, registry)
        version = registry.get(number)
        if version is None:
            known = ", ".join(str(row.version) for row in registry.versions(10)) or "none"
            raise VersionError(f"there is no model version {number}; the newest are: {known}")
        return _put_in_use(settings, registry, version, now, "by hand", by, reason)


def rollback(
    settings: Settings,
    registry: Registry,
    now: Callable[[], float] = time.time,
    by: str = "flask models rollback",
    reason: str = "",
) -> ModelVersion:
    """Publish the newest version that was first published before the present one and has its artifact; returns its row.

    A second rollback goes one further back. by, reason: see `promote`. Raises VersionError when there is none.
    """
    with publish_lock(settings.models_folder):
        recover(settings, registry)
        champion = registry.champion()
        if champion is None:
            raise VersionError("nothing is published, so there is nothing to roll back; see `flask models list`")
        for version in published_before(registry.versions(), champion):
            return _put_in_use(settings, registry, version, now, "rolled back", by, reason)
        raise VersionError(f"version {champion.version} is in use and no earlier published version has its artifact")


def published_before(versions: Iterable[ModelVersion], champion: ModelVersion) -> list[ModelVersion]:
    """Versions that the site used before it first used `champion` and that still have their artifacts, newest first."""

    def place(version: ModelVersion) -> tuple[float, int]:
        return version.published_at or 0.0, version.version

    return sorted(
        (
            row
            for row in versions
            if row.state == "retired" and row.published_at is not None and row.artifact and place(row) < place(champion)
        ),
        key=place,
        reverse=True,
    )


def recover(settings: Settings, registry: Registry) -> list[str]:
    """Put right what an end in the middle of publishing left behind; returns what was. The caller holds `publish_lock`.

    A damaged registry is set aside and made anew around what is published. A damaged pointer is replaced by one to the
    registry's champion when that is intact; else it stays, and is reported.
    """
    folder = settings.models_folder
    make_private_folder(folder)
    make_private(folder)
    fixed = registry.set_aside_if_damaged(time.time())
    fixed += _sweep(folder, registry)
    try:
        current = read_current(folder)
    except ArtifactError as error:
        champion = registry.champion()
        if champion is None or not champion.artifact:
            return [*fixed, str(error)]
        current = _write_pointer(folder, champion, champion.created_at)
        fixed.append(f"the champion pointer was damaged; it names version {champion.version} again")
    fixed += registry.reconcile(current)
    followed = follow_challenger(folder, registry)
    return [*fixed, followed] if followed else fixed


def prune_artifacts(settings: Settings, registry: Registry) -> list[int]:
    """Remove artifacts beyond `settings.keep_versions` and return their versions; rows stay. The caller holds the lock.

    The newest once-published ones are kept for rollback, champion and challenger always, and the newest few that were
    refused or retired without ever being published. A process that has mapped a removed artifact keeps its pages until
    it lets go.
    """
    current = read_current(settings.models_folder)
    with_artifact = [row for row in registry.versions() if row.artifact]
    published = sorted(
        (row for row in with_artifact if row.state in ("champion", "retired") and row.published_at is not None),
        key=lambda row: (row.published_at, row.version),
        reverse=True,
    )
    passed_over = [row for row in with_artifact if row.published_at is None and row.state in ("refused", "retired")]
    removed = []
    for row in published[settings.keep_versions :] + passed_over[KEEP_PASSED_OVER:]:
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
    settings: Settings,
    registry: Registry,
    version: ModelVersion,
    now: Callable[[], float],
    step: str,
    by: str,
    reason: str,
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
    current = publish(settings.models_folder, registry, version, now, step, by, reason=reason)
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
