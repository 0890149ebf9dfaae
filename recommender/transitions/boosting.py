"""What usually comes next: the boosts that the newest items of a history give to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.config import ALSConfig
from recommender.transitions.boost_kernels import gather_boosts
from recommender.transitions.transitions import Transitions


@dataclass(frozen=True, slots=True, eq=False)
class Boosting:
    """Transitions between items and the trend of the day, with the settings that weigh them."""

    transitions: Transitions
    config: ALSConfig

    @property
    def active(self) -> bool:
        """Whether any item can be boosted at all."""
        follows = self.config.transition_weight > 0 and len(self.transitions.next_ids) > 0
        return follows or (self.config.trend_weight > 0 and len(self.transitions.trend_ids) > 0)

    def gather(
        self, items: NDArray[np.int32], weights: NDArray[np.float32], *, trend: bool = True
    ) -> tuple[Any, Any, Any]:
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
            self.config.trend_weight if trend else 0.0,
        )
        return slots, ids, boosts

    def followed(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> tuple[Any, ...]:
        """What `add_transition_shares` needs to know of a history, whatever the target."""
        following = self.transitions
        return (
            following.indptr,
            following.next_ids,
            following.next_weights,
            *self.gather(items, weights, trend=False),
            self.newest(items),
            self.steps(weights),
        )

    def newest(self, items: NDArray[np.int32]) -> NDArray[np.int32]:
        """The items whose transitions are followed, newest first."""
        return np.ascontiguousarray(items[-self.config.transition_history :][::-1])

    def steps(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """How much the transitions from each of the newest items count, newest first; 0 where an item is unwanted."""
        newest = np.maximum(weights[-self.config.transition_history :][::-1], 0.0).astype(np.float64)
        return newest * self.config.transition_recency ** np.arange(len(newest))
