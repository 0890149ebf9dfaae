"""From a history to the vector of its user, by the equations of one side of ALS."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.als.equation_kernels import factorize, fold_in
from recommender.als.scaled_fit import frequency_scale
from recommender.config import ALSConfig
from recommender.errors import RecommenderError

USUAL_LENGTH = 128
"""Items of a history up to which the weight of each age is looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """Item factors float32 (items, factors), their Gram matrix float64 (factors, factors), and the settings."""

    gram: NDArray[np.float64]
    item_factors: NDArray[np.float32]
    config: ALSConfig
    _fading: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fading", self._confidences(USUAL_LENGTH))

    def fold_in(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user's vector float32 (factors,) for dense items and their weights, oldest first."""
        user = np.zeros(self.config.factors, np.float32)
        if len(weights) and (weights[-1] > 0 or (weights > 0).any()):
            confidences = self.confidences(weights)
            self.check_solved(
                fold_in(self.gram, self.regularization(len(items)), self.item_factors, items, confidences, user)
            )
        return user

    def factorized(self, items: NDArray[np.int32], confidences: NDArray[np.float32]) -> NDArray[np.float64]:
        """The Cholesky factor float64 (factors, factors) of the equations of a history."""
        upper = np.empty((self.config.factors, self.config.factors))
        self.check_solved(
            factorize(self.gram, self.regularization(len(items)), self.item_factors, items, confidences, upper)
        )
        return upper

    def score_norm(self, user: NDArray[np.float32]) -> float:
        """Length of the vector of all dot products with a user: sqrt(u' Y'Y u)."""
        wide = user.astype(np.float64)
        return math.sqrt(max(0.0, float(wide @ self.gram @ wide)))

    def regularization(self, length: int) -> float:
        """The regularization of a history of so many items."""
        if not self.config.regularization_exponent:
            return self.config.regularization
        return self.config.regularization * float(frequency_scale(self.config, length, len(self.item_factors)))

    def confidences(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Confidence of each history item, oldest first: alpha * weight * (1 + boost * decay**age)."""
        length = len(weights)
        fading = self._fading[USUAL_LENGTH - length :] if length <= USUAL_LENGTH else self._confidences(length)
        return (fading * weights).astype(np.float32)

    def _confidences(self, length: int) -> NDArray[np.float64]:
        """Confidence of a weight of one at each place of a history of so many items."""
        ages = np.arange(length - 1, -1, -1)
        boost = 1.0 + self.config.recency_boost * self.config.recency_decay**ages
        return np.asarray(self.config.alpha * boost, np.float64)

    def check_solved(self, solved: bool) -> None:
        """Raise RecommenderError unless the equations could be solved."""
        if not solved:
            raise RecommenderError(
                "the history could not be folded in: its equations are singular; train with more regularization "
                f"(now {self.config.regularization})"
            )
