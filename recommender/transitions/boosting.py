"""What usually comes next: the boosts that the newest items of a history give to others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.config import ALSConfig
from recommender.transitions.boost_kernels import doubted_weight, gather_boosts
from recommender.transitions.transitions import Transitions

USUAL_LENGTH = 128
"""Items of a history up to which the count of each age is looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Boosting:
    """Transitions between items and the trend of the day, with the settings that weigh them; beliefs float32 (items,)
    say how much an item of a history is believed, or are empty where all are alike (`ALSConfig.trend_doubt`).
    """

    transitions: Transitions
    config: ALSConfig
    beliefs: NDArray[np.float32]
    _powers: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_powers", self._count_of_ages(min(USUAL_LENGTH, self.config.transition_history)))

    @classmethod
    def of(cls, transitions: Transitions, config: ALSConfig, popularity: NDArray[np.float32]) -> Boosting:
        """With the beliefs that follow from a (recent) popularity float32 (items,)."""
        taken = np.maximum(popularity if config.trend_doubt else popularity[:0], np.float32(0.0))
        beliefs = (taken / (taken + np.float32(config.trend_doubt or 1.0))).astype(np.float32)
        beliefs.setflags(write=False)
        return cls(transitions, config, beliefs)

    @property
    def active(self) -> bool:
        """Whether any item can be boosted at all."""
        follows = self.config.transition_weight > 0 and len(self.transitions.next_ids) > 0
        return follows or (self.config.trend_weight > 0 and len(self.transitions.trend_ids) > 0)

    def gather(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> tuple[Any, Any, Any]:
        """The table, ids and boosts of what the newest items of a history lead to; see `gather_boosts`."""
        following = self.transitions
        slots, ids, boosts = gather_boosts(
            following.indptr,
            following.next_ids,
            following.next_weights,
            following.trend_ids,
            following.trend_weights,
            self.newest(items),
            self.steps(weights),
            self.config.transition_weight,
            self.config.trend_weight,
            self.beliefs,
        )
        return slots, ids, boosts

    def newest(self, items: NDArray[np.int32]) -> NDArray[np.int32]:
        """The items whose transitions are followed, newest first."""
        return np.ascontiguousarray(items[-self.config.transition_history :][::-1])

    def steps(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """How much the transitions from each of the newest items count, newest first; 0 where an item is unwanted."""
        newest = np.maximum(weights[-self.config.transition_history :][::-1], 0.0).astype(np.float64)
        return newest * self.powers(len(newest))[: len(newest)]

    def powers(self, length: int) -> NDArray[np.float64]:
        """What transitions from an item of each age count, newest first, for the items of a history of `length` that
        are followed, and perhaps for more.
        """
        followed = min(length, self.config.transition_history)
        return self._powers if followed <= len(self._powers) else self._count_of_ages(followed)

    def _count_of_ages(self, ages: int) -> NDArray[np.float64]:
        return np.asarray(self.config.transition_recency ** np.arange(ages), np.float64)

    @property
    def weights(self) -> tuple[float, float, NDArray[np.float32]]:
        """The settings `transition_weight` and `trend_weight`, and what the latter is divided by the mean of."""
        return self.config.transition_weight, self.config.trend_weight, self.beliefs

    def trend_weight(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> float:
        """How much the trend counts for a history."""
        if not len(self.beliefs):
            return self.config.trend_weight
        steps = self.steps(weights)
        believed = float(steps @ self.beliefs[self.newest(items)].astype(np.float64))
        return float(doubted_weight(self.config.trend_weight, believed, float(steps.sum())))
