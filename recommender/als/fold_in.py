"""From a history to the vector of its user, by the equations of one side of ALS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.als.dual_kernels import LEFT, Room, fold_in_dual, room_for
from recommender.als.equation_kernels import fold_in
from recommender.als.factorized_history import FactorizedHistory
from recommender.als.many_kernels import fold_in_left, fold_in_many
from recommender.als.principal_axes import spectrum_of
from recommender.als.scaled_fit import frequency_scale
from recommender.config import ALSConfig
from recommender.errors import RecommenderError
from recommender.interactions.histories import Histories
from recommender.kernel import direct_call
from recommender.topk.score_kernels import length_of_scores

FLOAT32 = np.dtype(np.float32)
USUAL_LENGTH = 128
"""Items of a history up to which the weight of each age is looked up."""


class FoldingRun(NamedTuple):
    """Many users that are to be folded in, see `many_kernels`: regularizations, rows (indptr, items, weights, fading),
    room, and what is written, users and found.
    """

    regularizations: NDArray[np.float64]
    rows: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.float64]]
    room: Room
    users: NDArray[np.float32]
    found: NDArray[np.int8]


class _Own(threading.local):
    """What a thread folds histories of usual length in by: all but the last four arguments, its own room among them,
    are given, since to hand them on takes a tenth of a short fold-in.
    """

    def __init__(self) -> None:
        self.fold: Callable[..., int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """Item factors float32 (items, factors), their Gram matrix float64 (factors, factors), and the settings.

    Short histories are solved by their dual where the Gram matrix is diagonal, as it is in the coordinates of a model;
    long ones, and all others, by the equations themselves. `spectrum` float64 is that diagonal, 0 long where there is
    no dual.
    """

    gram: NDArray[np.float64]
    item_factors: NDArray[np.float32]
    config: ALSConfig
    _fading: NDArray[np.float64] = field(init=False, repr=False)
    spectrum: NDArray[np.float64] = field(init=False, repr=False)
    _own: _Own = field(init=False, repr=False)
    _factors: int = field(init=False, repr=False)
    _regularization: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_fading", self._confidences(USUAL_LENGTH))
        spectrum = spectrum_of(self.gram, self.config.regularization)
        object.__setattr__(self, "spectrum", np.empty(0) if spectrum is None else spectrum)
        object.__setattr__(self, "_own", _Own())
        object.__setattr__(self, "_factors", self.config.factors)
        same = not self.config.regularization_exponent
        object.__setattr__(self, "_regularization", self.config.regularization if same else -1.0)

    def fold_in(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """The user's vector float32 (factors,) for dense items and their weights, oldest first."""
        user = np.empty(self._factors, FLOAT32)
        if self.solve_dual(items, weights, user) == LEFT:
            confidences = self.confidences(weights)
            self.check_solved(
                fold_in(self.gram, self.regularization(len(items)), self.item_factors, items, confidences, user)
            )
        return user

    def solve_dual(self, items: NDArray[np.int32], weights: NDArray[np.float32], user: NDArray[np.float32]) -> int:
        """Write the user's vector by the dual; see `dual_kernels.fold_in_dual` for what it returns. All arrays are in C
        order and of these types, which nobody looks at any more.
        """
        regularization = self._regularization
        if regularization < 0.0:
            regularization = self.regularization(len(items))
        if len(items) <= USUAL_LENGTH:
            fold = self._own.fold
            if fold is not None:
                return fold(regularization, items, weights, user)
        return self._solve_with_new_room(regularization, items, weights, user)

    def _solve_with_new_room(
        self, regularization: float, items: NDArray[np.int32], weights: NDArray[np.float32], user: NDArray[np.float32]
    ) -> int:
        length = max(len(items), USUAL_LENGTH)
        given = self.spectrum, self.item_factors, self.fading(length), *room_for(self._factors, length)
        arguments = *given, regularization, items, weights, user
        found: int = fold_in_dual(*arguments)
        if length == USUAL_LENGTH:
            self._own.fold = partial(direct_call(fold_in_dual, arguments) or fold_in_dual, *given)
        return found

    def lay_out(self, histories: Histories) -> FoldingRun:
        """What `fold_in_many` needs for many users."""
        users = np.empty((len(histories), self.config.factors), dtype=np.float32)
        found = np.empty(len(histories), dtype=np.int8)
        lengths = np.diff(histories.indptr)
        regularizations = np.full(len(lengths), self.config.regularization)
        if self.config.regularization_exponent:
            for length in np.unique(lengths):
                regularizations[lengths == length] = self.regularization(int(length))
        longest = int(lengths.max(initial=0))
        rows = histories.indptr, histories.items, histories.weights, self.fading(longest)
        return FoldingRun(regularizations, rows, room_for(self._factors, longest), users, found)

    def fold_in_many(self, run: FoldingRun) -> NDArray[np.float32]:
        """The vectors float32 (n, factors) of many users, as `fold_in` gives them, without the GIL: apart from what is
        left to the equations, it is asked for once.
        """
        if fold_in_many(*self.dual_of_many(run)):
            fold_in_left(*self.equations_of_many(run))
            self.check_solved(not (run.found == LEFT).any())
        return run.users

    def dual_of_many(self, run: FoldingRun) -> tuple[Any, ...]:
        """The arguments of `many_kernels.fold_in_many`."""
        return self.spectrum, run.regularizations, self.item_factors, *run.rows, *run.room, run.users, run.found

    def equations_of_many(self, run: FoldingRun) -> tuple[Any, ...]:
        """The arguments of `many_kernels.fold_in_left`."""
        return self.gram, run.regularizations, self.item_factors, *run.rows, run.users, run.found

    def factorized(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> FactorizedHistory:
        """The equations of a history, ready to say what each of its items adds to a score."""
        found = FactorizedHistory.of(
            self.gram, self.item_factors, self.spectrum if len(self.spectrum) else None,
            self.regularization(len(items)), items, self.confidences(weights),
        )  # fmt: skip
        self.check_solved(found is not None)
        assert found is not None
        return found

    def score_norm(self, user: NDArray[np.float32]) -> float:
        """Length of the vector of all dot products with a user: sqrt(u' Y'Y u)."""
        return float(length_of_scores(self.gram, user))

    def regularization(self, length: int) -> float:
        """The regularization of a history of so many items."""
        if not self.config.regularization_exponent:
            return self.config.regularization
        return self.config.regularization * float(frequency_scale(self.config, length, len(self.item_factors)))

    def confidences(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Confidence of each history item, oldest first: alpha * weight * (1 + boost * decay**age)."""
        fading = self.fading(len(weights))
        return (fading[len(fading) - len(weights) :] * weights).astype(np.float32)

    def fading(self, length: int) -> NDArray[np.float64]:
        """Confidence of a weight of one at each age, the newest last, for at least so many items."""
        return self._fading if length <= USUAL_LENGTH else self._confidences(length)

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
