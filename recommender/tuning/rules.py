"""Settings from a look at a log alone: what `train` takes when it is given no config. No search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from recommender.config import ALSConfig, config_without_order
from recommender.interactions.log import Interactions
from recommender.tuning.profile import LogProfile, profile_log

TOGETHER: dict[str, Any] = {
    "transition_weight": 0.5,
    "transition_activity_damping": 0.5,
    "transition_damping": 0.5,
    "transition_window": 50,
    "transition_shrinkage": 10.0,
}
"""What goes together: items of one user lead to each other, whatever their order."""
NEXT: dict[str, Any] = {"transition_weight": 0.65, "transition_backward": 0.5, "transition_neighbours": 200}
"""What comes next, where items do not age: what comes before them counts half as much, for people take from the same
lists in orders of their own."""
WELL_KNOWN = 0.25
"""What goes together counts half as much where users have MANY_ROWS: their tastes are known by then."""
USUAL_ROWS = 40.0
"""Confidence without order: alpha is this over the square root of the rows of a mean user, from LEAST to MOST_ALPHA."""
LEAST_ALPHA, MOST_ALPHA = 2.0, 20.0
SHARE_OF_STRENGTH = 0.02
"""Regularization without order, relative to alpha times the largest singular value of the log, where users say much."""
FEW_ROWS, LEAST_ROWS = 8.0, 1000
"""Rows of a mean item below which factors know little about most, so that popularity has a part of the ranking; and
rows of a log from which on that can be told.
"""
TASTES_LAST = 4.0
"""Half-life of tastes in half-lives of popularity, where items age."""
MANY_ROWS, SMOOTHEST = 50.0, 10.0
"""Rows of a mean user that are much; of users with fewer, regularization grows in proportion, up to so many times."""


def config_for(log: Interactions) -> ALSConfig:
    """The settings that `train` takes for a log when it is given none; see `config_of`."""
    return config_of(profile_log(log))


def config_of(profile: LogProfile) -> ALSConfig:
    """Settings by what a look at a log found.

    With order they are those of `ALSConfig` and NEXT, with a part of popularity where items have a handful of rows;
    where items age, the trend of the day and what comes next count above taste, the trend the more, the less is taken
    now of what somebody took, and what is old fades. Without order, or where the order carries nothing, recency is off,
    transitions lead both ways, confidence grows with how little a user says, and regularization with how often
    something occurs.
    """
    if not profile.order_carries:
        return _without_order(profile)
    if profile.half_life:
        return ALSConfig(
            regularization=5.0,
            iterations=8,
            half_life=TASTES_LAST * profile.half_life,
            trend_half_life=profile.half_life,
            trend_weight=1.5,
            trend_doubt=10.0,
            transition_weight=4.5,
            transition_shrinkage=30.0,
        )
    if LEAST_ROWS <= profile.rows < FEW_ROWS * profile.items:
        return ALSConfig(trend_weight=0.3, **NEXT)
    return ALSConfig(**NEXT)


def _without_order(profile: LogProfile) -> ALSConfig:
    per_user = profile.rows / max(profile.users, 1)
    alpha = min(MOST_ALPHA, max(LEAST_ALPHA, USUAL_ROWS / max(per_user, 1.0) ** 0.5))
    smoother = min(SMOOTHEST, max(1.0, MANY_ROWS / max(per_user, 1.0)))
    regularization = max(SHARE_OF_STRENGTH * smoother * alpha * profile.strength, 1e-3)
    config = ALSConfig(
        alpha=round(alpha, 1), regularization=float(f"{regularization:.3g}"), regularization_exponent=1.0, **TOGETHER
    )
    if per_user >= MANY_ROWS:
        config = replace(config, transition_weight=WELL_KNOWN)
    return replace(config_without_order(config), iterations=8)
