"""The vectors of users and items while they are learned: fitted whole, or solved row by row as rows come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.als.blas import one_blas_thread
from recommender.als.equation_kernels import refresh_rows
from recommender.als.implicit_fit import fit_implicit
from recommender.als.principal_axes import gram_of
from recommender.als.scaled_fit import fit_scaled, frequency_scale
from recommender.config import ALSConfig
from recommender.errors import RecommenderError
from recommender.interactions.checks import ItemId
from recommender.interactions.log import Interactions

INITIAL_SCALE = 0.01
USERS_IN_TURN = 8
"""Users that an update solves beside each one it touches, at most, taking turns: their vectors follow what items have
become."""
ROUND = 0.02
"""Relative change of the item factors' Gram matrix in which every user has had a turn, if USERS_IN_TURN allows."""
LARGEST_REGULARIZATION = 0.2
"""Share of the largest singular value of the confidences that regularization may reach; from 1 on factors vanish."""

Replaced = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]
"""An array of vectors, some of its rows, and what they held before they were solved."""


class LearnedFactors:
    """User and item vectors of a log, and the Gram matrices of both, which follow every row that is solved.

    users and items are float32 (room, factors) with a row for each slot of the log and room to grow; user_gram and
    item_gram are float64 (factors, factors). `regularization` is that of the last solve; see `ALSConfig`.
    """

    def __init__(self, config: ALSConfig, seed: int) -> None:
        self.config = config
        self.seed = seed
        self.regularization = config.regularization
        self.users = np.zeros((0, config.factors), dtype=np.float32)
        self.items = np.zeros((0, config.factors), dtype=np.float32)
        self.user_gram = np.zeros((config.factors, config.factors))
        self.item_gram = np.zeros((config.factors, config.factors))
        self.fitted_gram = self.item_gram
        self._random = np.random.default_rng(seed)
        self._next_in_turn = 0
        self._replaced: list[Replaced] = []

    @property
    def learned_config(self) -> ALSConfig:
        """The config with the regularization of the last solve, which is what a model has to fold in with."""
        return replace(self.config, regularization=self.regularization)

    @property
    def drift(self) -> float:
        """How far the Gram matrix of the items is from that of the last full fit; see `UpdateReport`."""
        return _distance(self.item_gram, self.fitted_gram)

    def fit(
        self,
        log: Interactions,
        known: dict[ItemId, NDArray[np.float32]],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Sweep over the whole log, from the vectors of `known` items on; returns the number of sweeps.

        Raises RecommenderError when the numbers do not stay finite; then all is as before.
        """
        config = self.config
        items = np.random.default_rng(self.seed).random((log.items, config.factors), dtype=np.float32)
        items *= INITIAL_SCALE
        for index, item_id in enumerate(log.item_ids):
            warm = known.get(item_id)
            if warm is not None and warm.any():
                items[index] = warm
        sweeps = config.refit_iterations if known else config.iterations
        confidences = log.to_csr(config.half_life)
        confidences.data = self._confidences(
            log, confidences.data, np.repeat(np.arange(log.user_slots), np.diff(confidences.indptr))
        )
        regularization = self._regularization(log)
        learned = replace(config, regularization=regularization)
        if config.regularization_exponent:
            users, items = fit_scaled(confidences, items, learned, sweeps=sweeps, on_progress=on_progress)
        else:
            users, items = fit_implicit(
                confidences, items, learned, sweeps=sweeps, seed=self.seed, on_progress=on_progress
            )
        user_gram, item_gram = _gram(users), _gram(items)
        self.regularization = regularization
        self.users, self.items, self.user_gram, self.item_gram = users, items, user_gram, item_gram
        self.fitted_gram = self.item_gram.copy()
        return sweeps

    def solve(self, log: Interactions, users: NDArray[np.int32], items: NDArray[np.int32]) -> None:
        """Solve these users and items of the log: new items first, then users, items, the users once more, and a few
        others in turn.

        Raises RecommenderError when equations cannot be solved; then all is as before.
        """
        kept = self.regularization, self._next_in_turn, self.user_gram.copy(), self.item_gram.copy()
        random_state = self._random.bit_generator.state
        try:
            self._solve(log, users, items)
        except BaseException:
            for factors, rows, values in reversed(self._replaced):
                factors[rows] = values
            self.regularization, self._next_in_turn, self.user_gram, self.item_gram = kept
            self._random.bit_generator.state = random_state
            raise
        finally:
            self._replaced = []

    def _solve(self, log: Interactions, users: NDArray[np.int32], items: NDArray[np.int32]) -> None:
        self.users = _grown(self.users, log.user_slots)
        self.items = _grown(self.items, log.items)
        self.regularization = self._regularization(log)
        before = self.item_gram.copy()
        half_life = self.config.half_life
        by_user, by_item = self._pairs_of_users(log, users), log.rows_of_items(items, half_life)
        by_item.data = self._confidences(log, by_item.data, by_item.indices)
        blank = ~self.items[items].any(axis=1)
        if blank.any():
            self._refresh_items(items[blank], by_item[np.flatnonzero(blank)])
            still_blank = items[blank][~self.items[items[blank]].any(axis=1)]
            if len(still_blank):
                started = self._random.random((len(still_blank), self.config.factors), dtype=np.float32) * INITIAL_SCALE
                self._replaced.append((self.items, still_blank, self.items[still_blank]))
                self.items[still_blank] = started
                self.item_gram += _gram(started)
        self._refresh_users(users, by_user)
        self._refresh_items(items, by_item)
        self._refresh_users(users, by_user)
        moved = _distance(self.item_gram, before)
        self._refresh_in_turn(log, min(USERS_IN_TURN * len(users), round(moved / ROUND * log.user_slots)))

    def _confidences(self, log: Interactions, weights: NDArray[np.float32], users: NDArray[Any]) -> NDArray[np.float32]:
        """Confidences float32 (n,) of pairs of these summed weights, each of the user at its place of `users`."""
        confidences: NDArray[np.float32] = weights * np.float32(self.config.alpha)
        if self.config.activity_shrinkage:
            confidences *= log.activity_shares(users, self.config.activity_shrinkage)
        return confidences

    def _regularization(self, log: Interactions) -> float:
        largest = LARGEST_REGULARIZATION * self.config.alpha * log.strength(self.config.activity_shrinkage)
        return min(self.config.regularization, max(largest, 1e-6))

    def _refresh_in_turn(self, log: Interactions, count: int) -> None:
        """Solve the next `count` users in turn, so that those whom no row touches do not stay as the last fit left
        them.
        """
        slots = log.user_slots
        users = ((self._next_in_turn + np.arange(min(count, slots))) % slots).astype(np.int32)
        self._next_in_turn = (self._next_in_turn + len(users)) % slots
        self._refresh_users(users, self._pairs_of_users(log, users))

    def _pairs_of_users(self, log: Interactions, users: NDArray[np.int32]) -> scipy.sparse.csr_matrix:
        """Confidences of these users' pairs, CSR (users, items)."""
        pairs = log.rows_of_users(users, self.config.half_life)
        pairs.data = self._confidences(log, pairs.data, np.repeat(users, np.diff(pairs.indptr)))
        return pairs

    def _refresh_users(self, users: NDArray[np.int32], pairs: scipy.sparse.csr_matrix) -> None:
        self._refresh(users, pairs, self.users, self.user_gram, self.items, self.item_gram)

    def _refresh_items(self, items: NDArray[np.int32], pairs: scipy.sparse.csr_matrix) -> None:
        self._refresh(items, pairs, self.items, self.item_gram, self.users, self.user_gram)

    def _refresh(self, rows: Any, pairs: Any, factors: Any, gram: Any, other_factors: Any, other_gram: Any) -> None:
        scale = frequency_scale(self.config, np.diff(pairs.indptr), pairs.shape[1])
        self._replaced.append((factors, rows, factors[rows]))
        failed = refresh_rows(
            gram,
            other_gram,
            self.regularization * scale,
            other_factors,
            rows,
            pairs.indptr.astype(np.int64),
            pairs.indices.astype(np.int32),
            pairs.data,
            factors,
        )
        failed = failed or int((~np.isfinite(factors[rows])).any(axis=1).sum())
        if failed:
            raise RecommenderError(
                f"{failed} of {len(rows)} rows could not be solved; raise ALSConfig.regularization "
                f"(now {self.regularization}) or refit"
            )


def _grown(factors: NDArray[np.float32], needed: int) -> NDArray[np.float32]:
    """`factors` with rows of zeros for newcomers, a quarter more at a time so that growing stays cheap."""
    if needed <= len(factors):
        return factors
    grown = np.zeros((max(needed, len(factors) * 5 // 4), factors.shape[1]), dtype=np.float32)
    grown[: len(factors)] = factors
    return grown


def _gram(factors: NDArray[np.float32]) -> NDArray[np.float64]:
    with one_blas_thread():
        return gram_of(factors)


def _distance(gram: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    """|G - G0| / |G0|, Frobenius; 0 where there was nothing before."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(gram - before)) / length if length else 0.0
