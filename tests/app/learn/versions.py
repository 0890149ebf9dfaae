"""Small model versions whose content says which version they are."""

from __future__ import annotations

import numpy as np

from app.models.publish import publish
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from recommender import ALSConfig, FactorModel

CONFIG = ALSConfig(factors=4)


def marked_model(version: int) -> FactorModel:
    """A model of twenty items, each as popular as the version's number is high."""
    factors = np.random.default_rng(version).random((20, 4), dtype=np.float32)
    return FactorModel([f"item-{n}" for n in range(20)], factors, np.full(20, version, dtype=np.float32), CONFIG)


def marked_as(model: FactorModel) -> int:
    """The version that `marked_model` made the model for."""
    return int(model.popularity[0])


def add_version(settings: Settings, registry: Registry, state: str = "candidate") -> ModelVersion:
    """Add the next version with its artifact, without publishing it."""
    number = registry.next_version()
    empty: dict[str, float] = {}
    row = ModelVersion(
        version=number,
        created_at=1_700_000_000.0 + number,
        kind="fit",
        state=state,
        parent=None,
        watermark=10 * number,
        rows=number,
        users=1,
        items=20,
        config=empty,
        config_hash="",
        code_version="",
        timings=empty,
        metrics=empty,
        verdict="Passed: made up.",
        artifact=str(number),
        checksum="",
    )
    registry.add(row)
    registry.change(number, checksum=registry.storage.save(marked_model(number), row.artifact))
    found = registry.get(number)
    assert found is not None
    return found


def publish_version(settings: Settings, registry: Registry) -> ModelVersion:
    """Add the next version and publish it."""
    version = add_version(settings, registry)
    publish(registry, version, now=lambda: version.created_at)
    return version
