"""What updates had lost against a refit: both models sit the same exam on the same data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from app.measure.evaluation.holdout import Holdout
from recommender import Recommender
from recommender.evaluation import paired_interval


def update_drift(
    updated: Recommender, refitted: Recommender, gram_drift: float, holdout: Holdout, seed: int
) -> dict[str, Any]:
    """Rank gain of the model that updates had led to and of the refit that replaces it, and their paired difference.

    Intervals {mean, low, high} are 95 %, over holdout visitors. short: the share of the refit's quality that was
    missing, at least 0. gram_drift: relative change of the Gram matrix of the items since the last full fit. Empty when
    the holdout is too small to tell models apart.
    """
    if not holdout.can_judge:
        return {}
    visitors = [case.user_id for case in holdout.cases]
    before = holdout.examine(updated)
    after = holdout.examine(refitted)
    nothing = np.zeros(len(before))
    mean = float(after.mean())
    return {
        "updated": asdict(paired_interval(before, nothing, groups=visitors, seed=seed)),
        "refitted": asdict(paired_interval(after, nothing, groups=visitors, seed=seed)),
        "gained": asdict(paired_interval(after, before, groups=visitors, seed=seed)),
        "short": max(0.0, 1.0 - float(before.mean()) / mean) if mean > 0 else 0.0,
        "gram_drift": gram_drift,
    }
