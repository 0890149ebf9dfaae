"""The settings of training and fold-in, and what becomes of them where rows have no order."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from recommender.interactions.checks import LARGEST_WEIGHT, check_number, check_whole


@dataclass(frozen=True, slots=True, repr=False)
class ALSConfig:
    """Settings of an ALS model; they travel with it. ValueError, naming the setting, for a value out of range. Its repr
    names what differs from the defaults.
    """

    factors: int = 64
    """Length of the vectors."""
    regularization: float = 10.0
    """Added to the diagonal of every least-squares system; larger is smoother. On little data it is lowered to a fifth
    of the (estimated) largest singular value of the confidences, above which nothing is learned; `model.config` tells
    what was used."""
    regularization_exponent: float = 0.0
    """How regularization grows with the number n of interactions of a user (or item): it is multiplied by (1 + alpha *
    n / items) ** exponent (or users). 0: the same for all, trained by implicit; 1 serves large sets without order."""
    alpha: float = 1.0
    """Confidence in one unit of weight; an unseen pair has confidence 1 that the item is not wanted."""
    iterations: int = 12
    """Sweeps of a cold fit; one sweep solves all users, then all items."""
    refit_iterations: int = 2
    """Sweeps of a warm-started fit."""
    recency_boost: float = 20.0
    """How much more the newest item of a history counts at fold-in: weights are multiplied by 1 + boost * decay**age.
    0: off.
    """
    recency_decay: float = 0.7
    """How fast that fades, from 0 to 1; age counts the items of the history that are newer."""
    half_life: float = 0.0
    """Seconds after which an interaction counts half in training, by its timestamp and the newest one. 0: never."""
    activity_shrinkage: float = 0.0
    """Sum a of a user's positive weights at which their rows count half in training: weights are multiplied by a / (a +
    shrinkage). Whoever took one thing says what everybody is shown; whoever took many says what goes together.
    Popularity, transitions and fold-in do not shrink. 0: all users alike."""
    transition_weight: float = 0.5
    """Length of the vector of transition scores, over all items, relative to that of the factor scores: how much what
    usually comes next, or goes together, counts beside taste. 0: off."""
    transition_ordered: bool = True
    """Whether transitions go from the earlier item to the later one only. False: both ways, as in every log without
    order; there recency is off, `transition_backward`, `transition_decay` and `transition_recency` are 1 and the whole
    history is followed, whatever is set, and `model.config` tells what was used."""
    transition_backward: float = 0.0
    """How much the way back, from the later item to the earlier one, counts beside the way there. People who are shown
    the same list take from it in orders of their own. 1: both ways alike, as in every log without order."""
    transition_activity_damping: float = 0.0
    """Power of the number of a user's rows by which their transitions are divided, so that a pair says less when it
    comes from somebody who takes everything."""
    transition_history: int = 10
    """Newest items of a history whose transitions are followed."""
    transition_window: int = 10
    """How many items before an interaction are counted as having led to it."""
    transition_decay: float = 0.8
    """Count of the second nearest of these relative to the nearest, of the third to the second, and so on."""
    transition_shrinkage: float = 100.0
    """Count at which an item's transitions are believed by half; fewer count less."""
    transition_damping: float = 0.3
    """Power of the popularity by which a transition's target is divided; larger favours the unusual."""
    transition_neighbours: int = 100
    """Next items that are kept for each item."""
    transition_recency: float = 0.75
    """Count of the second newest item of a history relative to the newest, and so on."""
    trend_weight: float = 0.0
    """Length of the vector of (recent) popularity relative to that of the factor scores. 0: off."""
    trend_half_life: float = 0.0
    """Seconds after which an interaction counts half in popularity and transitions. 0: never."""
    trend_doubt: float = 0.0
    """(Recent) popularity at which an item of a history is believed by half. The less is taken now of what somebody
    took, the less it says, and the more the trend counts: its weight is divided by the mean belief in the items whose
    transitions are followed. 0: the same for all."""
    threads: int = 0
    """Threads of a full fit; 0 is one a core. A process that was forked after this package was imported uses one, since
    OpenMP's threads do not survive a fork and waiting for them would never end."""

    def __post_init__(self) -> None:
        for name, minimum in WHOLE.items():
            object.__setattr__(self, name, check_whole(getattr(self, name), name, minimum))
        for name, (lowest, highest) in BOUNDS.items():
            object.__setattr__(self, name, check_number(getattr(self, name), name, lowest, highest))
        if not isinstance(self.transition_ordered, bool | np.bool_):
            raise ValueError(f"transition_ordered must be True or False, got {self.transition_ordered!r}")
        object.__setattr__(self, "transition_ordered", bool(self.transition_ordered))

    def __repr__(self) -> str:
        changed = [
            f"{setting.name}={getattr(self, setting.name)!r}"
            for setting in fields(self)
            if getattr(self, setting.name) != setting.default
        ]
        return f"ALSConfig({', '.join(changed)})"


WHOLE_HISTORY = 1000
"""Items of a history whose transitions are followed where none is newer than another."""


def config_without_order(config: ALSConfig) -> ALSConfig:
    """`config` for a log whose rows have no order: recency off, transitions both ways from the whole history."""
    return replace(
        config,
        recency_boost=0.0,
        transition_ordered=False,
        transition_backward=1.0,
        transition_decay=1.0,
        transition_recency=1.0,
        transition_history=max(config.transition_history, WHOLE_HISTORY),
    )


WHOLE = {
    "factors": 1,
    "iterations": 1,
    "refit_iterations": 1,
    "transition_history": 1,
    "transition_window": 1,
    "transition_neighbours": 1,
    "threads": 0,
}
"""Settings that are whole numbers, and the least each may be."""

_SHARE, _POWER, _FACTOR, _SECONDS = (0, 1), (0, 10), (0, LARGEST_WEIGHT), (0, 1e18)
BOUNDS: dict[str, tuple[float, float]] = {
    "regularization": (1e-9, 1e12),
    "regularization_exponent": _POWER,
    "alpha": (1e-9, LARGEST_WEIGHT),
    "recency_boost": _FACTOR,
    "recency_decay": _SHARE,
    "half_life": _SECONDS,
    "activity_shrinkage": (0, 1e12),
    "transition_weight": _FACTOR,
    "transition_backward": _SHARE,
    "transition_activity_damping": _POWER,
    "transition_decay": _SHARE,
    "transition_shrinkage": (0, 1e12),
    "transition_damping": _POWER,
    "transition_recency": _SHARE,
    "trend_weight": _FACTOR,
    "trend_half_life": _SECONDS,
    "trend_doubt": (0, 1e12),
}
"""Other numbers, and the range of each: products of the largest ones stay finite in the arithmetic of the kernels."""
