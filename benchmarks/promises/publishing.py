"""Small model versions over the template catalog, each of which can be told by what it recommends."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

from app.models.current import artifact_checksum
from app.models.locks import publish_lock
from app.models.publish import publish
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from recommender import ALSConfig, FactorModel
from seed_data.templates import load_templates

_CONFIG = ALSConfig(factors=8)


@cache
def made_up_model(version: int) -> FactorModel:
    """A model whose factors are drawn from the version's number, so that versions recommend different items."""
    item_ids = [item.item_id for item in load_templates()]
    rng = np.random.default_rng(version)
    factors = rng.standard_normal((len(item_ids), _CONFIG.factors), dtype=np.float32)
    return FactorModel(item_ids, factors, rng.random(len(item_ids), dtype=np.float32), _CONFIG)


def publish_made_up(settings: Settings, registry: Registry) -> ModelVersion:
    """Add the next version and publish it, as the trainer does after the gate."""
    nothing: dict[str, float] = {}
    with publish_lock(settings.models_folder):
        number = registry.next_version()
        model = made_up_model(number)
        row = ModelVersion(
            version=number,
            created_at=time.time(),
            kind="fit",
            state="candidate",
            parent=None,
            watermark=0,
            rows=0,
            users=0,
            items=len(model.item_ids),
            config=nothing,
            config_hash="",
            code_version="",
            timings=nothing,
            metrics=nothing,
            verdict="Passed: made up.",
            artifact=str(number),
            checksum="",
        )
        registry.add(row)
        folder = settings.models_folder / row.artifact
        model.save(folder)
        registry.change(number, checksum=artifact_checksum(folder))
        version = registry.get(number)
        assert version is not None
        publish(registry, version)
        return version
