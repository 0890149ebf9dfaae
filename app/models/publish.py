"""Publishing: which model version the site uses, changed in one atomic step, and changed back.

The order of steps makes every moment safe to die in: the artifact is kept before the pointer names it, the pointer
is replaced whole, and the registry follows the pointer (`Registry.reconcile`). Callers hold `Registry.publishing`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.models.current import CHALLENGER_POINTER, Current, load_current, read_current
from app.models.errors import StorageUnavailableError, VersionError
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion, Step
from app.models.taking_up import take_up
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
    registry: Registry,
    version: ModelVersion,
    now: Callable[[], float] = time.time,
    step: str = "published",
    by: str = "trainer",
    sentence: str = "",
    figures: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Current:
    """Make a version, whose artifact is kept, the one that the site uses. The caller holds `Registry.publishing`.

    step, by, sentence, figures: how this is written into the registry; see `app.models.registry_rows.Step`.
    reason: somebody's own words, written after the sentence.
    """
    before = registry.champion()
    current = _write_pointer(registry, version, now())
    instead = "" if before is None or before.version == version.version else f" instead of version {before.version}"
    said = sentence or f"The site uses version {version.version}{instead}."
    if reason.strip():
        said = f"{said} Reason: {reason.strip().rstrip('.')}."
    done = Step(version.version, current.published_at, step, by, said, figures or {})
    registry.set_champion(version.version, current.published_at, done)
    if version.state == "challenger":
        follow_challenger(registry)
    return current


def follow_challenger(registry: Registry) -> str | None:
    """Make the challenger's pointer agree with the registry, which is the truth about trials.

    Returns a sentence when something was changed. The caller holds `Registry.publishing`.
    """
    challenger, storage = registry.challenger(), registry.storage
    if challenger is None:
        if not storage.remove_pointer(CHALLENGER_POINTER):
            return None
        return "the challenger's pointer was left over and is removed"
    try:
        named = storage.read_pointer(CHALLENGER_POINTER)
    except ArtifactError:
        named = None
    if named is not None and (named.version, named.checksum) == (challenger.version, challenger.checksum):
        return None
    written = Current(
        challenger.version, challenger.artifact, challenger.checksum, challenger.watermark, challenger.created_at
    )
    storage.write_pointer(written, CHALLENGER_POINTER)
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
    with registry.publishing():
        recover(settings, registry)
        version = registry.get(number)
        if version is None:
            known = ", ".join(str(row.version) for row in registry.versions(10)) or "none"
            raise VersionError(f"there is no model version {number}; the newest are: {known}")
        return _put_in_use(registry, version, now, "by hand", by, reason)


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
    with registry.publishing():
        recover(settings, registry)
        champion = registry.champion()
        if champion is None:
            raise VersionError("nothing is published, so there is nothing to roll back; see `flask models list`")
        for version in published_before(registry.versions(), champion):
            return _put_in_use(registry, version, now, "rolled back", by, reason)
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
    """Put right what an end in the middle of publishing left behind; returns what was.

    A damaged registry is set aside and made anew around what is published. A damaged pointer is replaced by one to the
    registry's champion when that is intact; else it stays, and is reported. The caller holds `Registry.publishing`.
    """
    storage = registry.storage
    fixed = registry.set_aside_if_damaged(time.time())
    fixed += take_up(settings, registry)
    fixed += storage.tidy({str(row.version) for row in registry.versions() if not row.artifact})
    try:
        current = storage.read_pointer()
    except ArtifactError as error:
        champion = registry.champion()
        if champion is None or not champion.artifact:
            return [*fixed, str(error)]
        current = _write_pointer(registry, champion, champion.created_at)
        fixed.append(f"the champion pointer was damaged; it names version {champion.version} again")
    fixed += registry.reconcile(current)
    followed = follow_challenger(registry)
    return [*fixed, followed] if followed else fixed


def prune_artifacts(settings: Settings, registry: Registry) -> list[int]:
    """Remove artifacts beyond `settings.keep_versions` and return their versions; rows stay. The caller holds the lock.

    The newest once-published ones are kept for rollback, champion and challenger always, and the newest few that were
    refused or retired without ever being published. A process that has mapped a removed artifact keeps its pages until
    it lets go.
    """
    current = registry.storage.read_pointer()
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
            registry.storage.remove(row.artifact)
            removed.append(row.version)
    return removed


def _write_pointer(registry: Registry, version: ModelVersion, published_at: float) -> Current:
    current = Current(version.version, version.artifact, version.checksum, version.watermark, published_at)
    registry.storage.write_pointer(current)
    return current


def _put_in_use(
    registry: Registry,
    version: ModelVersion,
    now: Callable[[], float],
    step: str,
    by: str,
    reason: str,
) -> ModelVersion:
    current = _read_current_or_none(registry)
    if current is not None and current.version == version.version:
        raise VersionError(f"version {version.version} is in use already")
    if not version.artifact:
        raise VersionError(f"the artifact of version {version.version} was cleared away; see `flask models list`")
    try:
        registry.storage.load(version.artifact, version.checksum)
    except StorageUnavailableError:
        raise
    except ArtifactError as error:
        raise VersionError(f"version {version.version} cannot be published: {error}") from error
    current = publish(registry, version, now, step, by, reason=reason)
    day = datetime.fromtimestamp(current.published_at, UTC).date().isoformat()
    registry.change(version.version, verdict=f"{version.verdict} Put in use by hand on {day}.")
    return registry.get(version.version) or version


def _read_current_or_none(registry: Registry) -> Current | None:
    """The published version, or None when there is none or its pointer is damaged."""
    try:
        return registry.storage.read_pointer()
    except ArtifactError:
        return None
