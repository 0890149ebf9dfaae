"""Where the candidates of a second stage come from: the first stage, with the rates of items as one more factor.

The order of the second stage knows how often items are taken, but cannot bring up what it was not given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommender.model.ranker import Ranker
from recommender.second_stage.stage import SecondStage
from recommender.topk.index import FactorIndex, row_norms

RATE = 2.0
"""What a nat of an item's rate counts among candidates, where the scores of a typical history have a mean square of 1:
a third to a half of what they count, as rates spread by a sixth to a fifth of a nat on sites with much use.
"""


@dataclass(frozen=True, slots=True, eq=False)
class RatedFactors:
    """A ranker whose scores are those of the first stage plus RATE / unit for a nat of rate, unit being that of the
    scores of the history (`SecondStage.unit`); the same ranker as the first stage where the second gives rates no
    weight.

    The log rates of items, times `scale`, are the last column of the ranker's item factors float32 (items, factors +
    1), as large as the others, so that packing loses as little of those as it does without it.
    """

    ranker: Ranker
    stage: SecondStage
    scale: float

    @classmethod
    def of(cls, first: Ranker, stage: SecondStage) -> RatedFactors:
        """Lay the factors out anew, as large as the first stage's once more."""
        factors, rates = first.item_factors, stage.log_rates.astype(np.float64)
        scale = _size(factors) / max(_size(rates), 1e-30)
        if not stage.weights[-1] > 0 or not 1e-15 < scale < 1e15:
            return cls(first, stage, 0.0)
        wide = np.column_stack((factors, (rates * scale).astype(np.float32)))
        norms = row_norms(wide)
        for array in (wide, norms):  # as those of the first stage are: kernels are compiled for one kind alone
            array.setflags(write=False)
        return cls(replace(first, index=FactorIndex.build(wide), item_factors=wide, norms=norms), stage, scale)

    def user(self, user: NDArray[np.float32]) -> NDArray[np.float32]:
        """A user's vector float32 (factors,) with what it has in the last column. One of zeros stays so: such a user
        is given what is popular.
        """
        if not self.scale:
            return user
        wide = np.empty(len(user) + 1, user.dtype)
        wide[:-1], wide[-1] = user, self._weight(user)
        return wide

    def users(self, users: NDArray[np.float32]) -> NDArray[np.float32]:
        """`user` for each row of users float32 (n, factors)."""
        return np.column_stack((users, np.array(list(map(self._weight, users)), users.dtype))) if self.scale else users

    def _weight(self, user: NDArray[np.float32]) -> float:
        if not (user[0] or user.any()):
            return 0.0
        stage = self.stage
        norm = 0.0 if stage.score_unit else self.ranker.folding.score_norm(user)
        unit = stage.unit(len(self.ranker.item_factors), norm)
        return RATE / (unit * self.scale) if unit else 0.0


def _size(numbers: NDArray[np.floating]) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.square(numbers, dtype=np.float64).mean())) if numbers.size else 0.0
