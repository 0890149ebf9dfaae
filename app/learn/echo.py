"""Echo: how much better a model looks on what models had put before visitors than on pages drawn by lot.

Visitors open what is put before them, so a model that put it there finds it again. The model asked is a kept version
that had not learned from these clicks: the newest one that is older than enough of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from app.measure.evaluation.holdout import NEUTRAL, Holdout
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store
from app.store.interactions import interactions_of
from app.store.measures.logged import choices_from_models
from app.visitors.history import history_of
from recommender import ArtifactError
from recommender.evaluation import NextItemCase, paired_interval

NEWEST = 1_000
"""Clicks that are looked at, newest first."""

MIN_CLICKS = 100
"""With fewer clicks that the model had not learned from nothing is said."""


def measure_echo(store: Store, settings: Settings, registry: Registry, holdout: Holdout) -> dict[str, Any]:
    """Rank gain of one kept version on choices from models' own slates and on pages drawn by lot, and the difference.

    Intervals {mean, low, high} are 95 %, over visitors. Empty when the holdout's pages were not drawn by lot, or no
    kept version is older than MIN_CLICKS clicks.
    """
    if holdout.basis != NEUTRAL or not holdout.can_judge:
        return {}
    clicks = choices_from_models(store.reader(), NEWEST)
    version = _older_than(registry.versions(), clicks)
    if version is None:
        return {}
    try:
        model = registry.storage.load(version.artifact, version.checksum)
    except ArtifactError:
        return {}
    new = [click for click in clicks if click[0] > version.watermark]
    own = Holdout(tuple(_cases(store, settings, new)))
    if not own.can_judge:
        return {}
    found = {}
    for name, exam in (("own", own), ("neutral", holdout)):
        gains = exam.examine(model)
        visitors = [case.user_id for case in exam.cases]
        found[name] = paired_interval(gains, np.zeros(len(gains)), groups=visitors, seed=settings.seed)
    return {
        "version": version.version,
        "cases": len(own.cases),
        "difference": found["own"].mean - found["neutral"].mean,
        **{name: asdict(interval) for name, interval in found.items()},
    }


def _older_than(versions: Sequence[ModelVersion], clicks: Sequence[tuple[int, str, str]]) -> ModelVersion | None:
    """The newest kept version that had not learned from the newest MIN_CLICKS clicks."""
    if len(clicks) < MIN_CLICKS:
        return None
    oldest = clicks[MIN_CLICKS - 1][0]
    return next((row for row in versions if row.artifact and row.watermark < oldest), None)


def _cases(store: Store, settings: Settings, clicks: Sequence[tuple[int, str, str]]) -> list[NextItemCase]:
    of_visitor = interactions_of(store.reader(), {visitor_id for _, visitor_id, _ in clicks})
    cases = []
    for seq, visitor_id, item_id in clicks:
        past = [row for row in of_visitor.get(visitor_id, ()) if row.event_seq < seq]
        weights = history_of(past, settings.kind_weights(), settings.history_length).weights
        if weights and item_id not in weights:
            cases.append(NextItemCase(visitor_id, dict[str | int, float](weights), item_id))
    return cases
