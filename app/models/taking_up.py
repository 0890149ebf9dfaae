"""Taking up the registry and the models of this machine where `artifacts` names a storage that has none yet."""

from __future__ import annotations

from dataclasses import replace

from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.models.shared_storage import SharedStorage
from app.settings import Settings
from recommender import ArtifactError


def take_up(settings: Settings, registry: Registry) -> list[str]:
    """Copy versions, steps, searches and the models that are whole from the var folder, once, into an empty registry.

    Nothing of the var folder is changed. Returns a sentence when it did. The caller holds `Registry.publishing`.
    Raises StorageUnavailableError, and has written no row then.
    """
    storage = registry.storage
    if not isinstance(storage, SharedStorage) or not settings.registry_database.exists() or registry.versions(1):
        return []
    own = Registry(replace(settings, artifacts=""))
    taken = []
    for version in own.versions():
        artifact = version.artifact
        if artifact and not _is_whole(own, version):
            artifact = ""
        if artifact:
            storage.store(artifact)
        taken.append(replace(version, artifact=artifact))
    registry.take_up(taken, own.steps(), own.searches())
    kept = sum(bool(version.artifact) for version in taken)
    return [f"{len(taken):,} versions of {settings.registry_database.name} were taken up, {kept:,} with their models"]


def _is_whole(registry: Registry, version: ModelVersion) -> bool:
    try:
        registry.storage.load(version.artifact, version.checksum)
    except ArtifactError:
        return False
    return True
