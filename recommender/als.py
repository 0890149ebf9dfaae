"""Training: alternating least squares on implicit's solver for full fits, on own kernels for updates."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from recommender._solvers import refresh_rows
from recommender.config import ALSConfig
from recommender.errors import NotFittedError, RecommenderError
from recommender.history import ItemId, UserId
from recommender.interactions import Interactions, Row
from recommender.model import FactorModel
from recommender.scaled_fit import fit_scaled, frequency_scale
from recommender.transition_counts import TransitionCounts, count_log

Progress = Callable[[int, int], None]

INITIAL_SCALE = 0.01
UPKEEP = 8
"""Users that an update solves beside each one it touches, at most, taking turns: their vectors follow what items have
become."""
ROUND = 0.02
"""Relative change of the item factors' Gram matrix in which every user has had a turn, as far as UPKEEP allows."""
LARGEST_REGULARIZATION = 0.2
"""Share of the largest singular value of the confidences that regularization may reach; from 1 on factors vanish."""


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a full fit learned from, and how long it took."""

    rows: int
    users: int
    items: int
    sweeps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update learned from and touched, how long it took, and how far updates have led by now.

    drift: |G - G0| / |G0|, Frobenius, with G the Gram matrix of the item factors and G0 that of the last full fit; 0
    right after a fit. What updates leave alone was solved against G0, so that a large drift says that it is stale.
    """

    rows: int
    touched_users: int
    touched_items: int
    new_users: int
    new_items: int
    seconds: float
    drift: float


class ALSTrainer:
    """Learns item and user factors from a log of interactions and hands out immutable models.

    Not safe between threads: one trainer, one thread. Models it handed out never change.
    """

    def __init__(self, config: ALSConfig | None = None, seed: int = 7, warm_start: FactorModel | None = None) -> None:
        """`warm_start` gives the first fit its item factors, for the item ids it knows; its width must be
        `config.factors`.
        """
        self.config = config or ALSConfig()
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(f"seed must be a whole number of at least 0, got {seed!r}")
        if warm_start is not None and warm_start.item_factors.shape[1] != self.config.factors:
            raise ValueError(
                f"warm_start has {warm_start.item_factors.shape[1]} factors, config.factors is {self.config.factors}; "
                "give a config of the same width, or fit cold"
            )
        self.seed = seed
        self._regularization = self.config.regularization
        self.log = Interactions()
        self._warm_start = warm_start
        self._random = np.random.default_rng(seed)
        width = self.config.factors
        self._user_factors = np.zeros((0, width), dtype=np.float32)
        self._item_factors = np.zeros((0, width), dtype=np.float32)
        self._user_gram = np.zeros((width, width))
        self._item_gram = np.zeros((width, width))
        self._fitted_gram = self._item_gram
        self._next_kept_up = 0
        self._transitions = TransitionCounts(self.config)

    def fit(self, log: Interactions, on_progress: Progress | None = None) -> FitReport:
        """Fit everything in `log` (copied; it becomes the trainer's whole knowledge). Warm when factors exist, cold
        otherwise.

        `on_progress(sweep, sweeps)` is called after every sweep, counting from 1. Raises ValueError for a log without
        rows.
        """
        if log.rows == 0:
            raise ValueError("cannot fit an empty log; append some rows of (user_id, item_id) first")
        known = self._known_factors()
        self.log = log.copy()
        return self._fit_log(known, on_progress)

    def refit(self, log: Interactions | None = None, on_progress: Progress | None = None) -> FitReport:
        """A full fit, warm-started, on everything known so far, or on `log` instead."""
        if log is not None:
            return self.fit(log, on_progress)
        if self.log.rows == 0:
            raise NotFittedError("nothing to refit: call fit(log) or update(rows) first")
        return self._fit_log(self._known_factors(), on_progress)

    def update(self, rows: Iterable[Row]) -> UpdateReport:
        """Learn from new rows by solving the users and items in them; new ids are welcome, rows of a pair add up.

        New items are solved first, from the users that were known; then the touched users, from whole histories; then
        the touched items; then those users once more, and in turn some others, up to eight for each. Cost goes with the
        histories of what is touched, not with the log. A trainer that has learned nothing yet fits instead.
        """
        start = time.perf_counter()
        first = len(self._item_factors) == 0
        first_row = self.log.length
        appended = self.log.append(rows)
        users, items = appended.touched_users, appended.touched_items
        if first and len(users):
            self._fit_log({}, None)
        elif len(users):
            self._grow()
            self._solve(users, items)
            self._transitions.count(self.log.sequences(users), self.log.items, first_row=first_row)
        seconds = time.perf_counter() - start
        new_users, new_items = appended.new_users, appended.new_items
        return UpdateReport(appended.rows, len(users), len(items), new_users, new_items, seconds, self.drift)

    def discard(self, user_id: UserId, item_id: ItemId | None = None) -> UpdateReport:
        """Forget a user (or one item of theirs) and solve again what their rows had touched.

        Transitions are withdrawn at once and as if they had never been; factors keep a trace until the next refit.
        """
        start = time.perf_counter()
        user = self.log.user_index(user_id)
        before = self.log.rows
        users = np.array([] if user is None else [user], dtype=np.int32)
        if len(self._item_factors):
            self._transitions.count(self.log.sequences(users), self.log.items, sign=-1.0)
        items = self.log.discard(user_id, item_id)
        if len(self._item_factors):
            self._transitions.count(self.log.sequences(users), self.log.items)
        if len(items):
            self._solve(users, items)
        seconds = time.perf_counter() - start
        return UpdateReport(before - self.log.rows, len(users), len(items), 0, 0, seconds, self.drift)

    @property
    def drift(self) -> float:
        """How far updates have led since the last full fit; see `UpdateReport`. 0 before there is one."""
        return _distance(self._item_gram, self._fitted_gram)

    def model(self) -> FactorModel:
        """An immutable snapshot of what was learned so far; later updates never change it."""
        if len(self._item_factors) == 0:
            raise NotFittedError("the trainer has learned nothing yet; call fit(log) or update(rows) first")
        popularity = self.log.popularity(self.config.trend_half_life)
        return FactorModel(
            self.log.item_ids,
            self._item_factors[: self.log.items].copy(),
            popularity,
            self._learned_config(),
            transitions=self._transitions.transitions(popularity, self.log.newest),
        )

    @property
    def user_factors(self) -> NDArray[np.float32]:
        """Vectors of the users of the log as last solved, a copy, float32 (user_slots, factors), by `log.user_index`.

        Models do without them: they are for batch jobs over everybody, which need not fold anybody in.
        """
        return self._user_factors[: self.log.user_slots].copy()

    def _set_regularization(self) -> None:
        most = LARGEST_REGULARIZATION * self.config.alpha * self.log.strength()
        self._regularization = min(self.config.regularization, max(most, 1e-6))

    def _learned_config(self) -> ALSConfig:
        """The config with the regularization of the last fit, which is what the model has to fold in with."""
        return replace(self.config, regularization=self._regularization)

    def _known_factors(self) -> dict[ItemId, NDArray[np.float32]]:
        known: dict[ItemId, NDArray[np.float32]] = {}
        if self._warm_start is not None:
            known.update(zip(self._warm_start.item_ids, self._warm_start.item_factors, strict=True))
        known.update(zip(self.log.item_ids, self._item_factors, strict=False))  # factors have room to grow
        return known

    def _fit_log(self, known: dict[ItemId, NDArray[np.float32]], on_progress: Progress | None) -> FitReport:
        start = time.perf_counter()
        log, config = self.log, self.config
        item_factors = np.random.default_rng(self.seed).random((log.items, config.factors), dtype=np.float32)
        item_factors *= INITIAL_SCALE
        for index, item_id in enumerate(log.item_ids):
            warm = known.get(item_id)
            if warm is not None and warm.any():
                item_factors[index] = warm
        sweeps = config.refit_iterations if known else config.iterations
        confidences = log.to_csr(config.half_life) * np.float32(config.alpha)
        self._set_regularization()
        learned = self._learned_config()
        if config.regularization_exponent:
            fitted = fit_scaled(confidences, item_factors, learned, sweeps=sweeps, on_progress=on_progress)
        else:
            fitted = fit_implicit(
                confidences, item_factors, learned, sweeps=sweeps, seed=self.seed, on_progress=on_progress
            )
        self._user_factors, self._item_factors = fitted
        self._user_gram = _gram(self._user_factors)
        self._item_gram = _gram(self._item_factors)
        self._fitted_gram = self._item_gram.copy()
        count_log(self._transitions, log)
        self._warm_start = None
        return FitReport(log.rows, log.users, log.items, sweeps, time.perf_counter() - start)

    def _grow(self) -> None:
        """Give new users zeros (they are solved before they are used) and new items a small random start."""
        users, items, width = self.log.user_slots, self.log.items, self.config.factors
        if users > len(self._user_factors):
            grown = np.zeros((max(users, len(self._user_factors) * 5 // 4), width), dtype=np.float32)
            grown[: len(self._user_factors)] = self._user_factors
            self._user_factors = grown
        if items > len(self._item_factors):
            grown = np.zeros((max(items, len(self._item_factors) * 5 // 4), width), dtype=np.float32)
            grown[: len(self._item_factors)] = self._item_factors
            self._item_factors = grown

    def _solve(self, users: NDArray[np.int32], items: NDArray[np.int32]) -> None:
        self._set_regularization()
        before = self._item_gram.copy()
        half_life = self.config.half_life
        by_user = self.log.rows_of_users(users, half_life)
        by_item = self.log.rows_of_items(items, half_life)
        blank = ~self._item_factors[items].any(axis=1)
        if blank.any():
            self._refresh_items(items[blank], by_item[np.flatnonzero(blank)])
            still_blank = items[blank][~self._item_factors[items[blank]].any(axis=1)]
            if len(still_blank):
                started = self._random.random((len(still_blank), self.config.factors), dtype=np.float32) * INITIAL_SCALE
                self._item_factors[still_blank] = started
                self._item_gram += _gram(started)
        self._refresh_users(users, by_user)
        self._refresh_items(items, by_item)
        self._refresh_users(users, by_user)
        moved = _distance(self._item_gram, before)
        self._keep_up(min(UPKEEP * len(users), round(moved / ROUND * self.log.user_slots)))

    def _keep_up(self, count: int) -> None:
        """Solve the next `count` users in turn, so that those whom no row touches do not stay as the last fit left
        them.
        """
        slots = self.log.user_slots
        users = ((self._next_kept_up + np.arange(min(count, slots))) % slots).astype(np.int32)
        self._next_kept_up = (self._next_kept_up + len(users)) % slots
        self._refresh_users(users, self.log.rows_of_users(users, self.config.half_life))

    def _refresh_users(self, users: NDArray[np.int32], pairs: scipy.sparse.csr_matrix) -> None:
        self._refresh(users, pairs, self._user_factors, self._user_gram, self._item_factors, self._item_gram)

    def _refresh_items(self, items: NDArray[np.int32], pairs: scipy.sparse.csr_matrix) -> None:
        self._refresh(items, pairs, self._item_factors, self._item_gram, self._user_factors, self._user_gram)

    def _refresh(self, rows: Any, pairs: Any, factors: Any, gram: Any, other_factors: Any, other_gram: Any) -> None:
        confidences = pairs.data * np.float32(self.config.alpha)
        scale = frequency_scale(self.config, np.diff(pairs.indptr), pairs.shape[1])
        failed = refresh_rows(
            gram,
            other_gram,
            self._regularization * scale,
            other_factors,
            rows,
            pairs.indptr.astype(np.int64),
            pairs.indices.astype(np.int32),
            confidences,
            factors,
        )
        if failed:
            raise RecommenderError(
                f"{failed} of {len(rows)} rows could not be solved; raise ALSConfig.regularization "
                f"(now {self._regularization}) or refit"
            )


def fit_implicit(
    confidences: scipy.sparse.csr_matrix,
    item_factors: NDArray[np.float32],
    config: ALSConfig,
    *,
    sweeps: int,
    seed: int,
    on_progress: Progress | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run implicit's ALS from `item_factors`; returns (user_factors, item_factors), float32 (users or items, factors).

    confidences float32 CSR (users, items). BLAS is held to one thread, as implicit's own threads share its work.
    """
    from implicit.cpu.als import AlternatingLeastSquares

    def report(sweep: int, _seconds: float, _loss: float | None) -> None:
        if on_progress is not None:
            on_progress(sweep + 1, sweeps)

    with threadpool_limits(limits=1, user_api="blas"):
        solver = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            alpha=1.0,
            iterations=sweeps,
            num_threads=config.threads,
            random_state=seed,
        )
        solver.item_factors = np.ascontiguousarray(item_factors, dtype=np.float32)
        solver.user_factors = np.zeros((confidences.shape[0], config.factors), dtype=np.float32)
        solver.fit(confidences, show_progress=False, callback=report)
    if not (np.isfinite(solver.item_factors).all() and np.isfinite(solver.user_factors).all()):
        raise RecommenderError(
            f"training ran into numbers that are not finite; raise regularization (now {config.regularization}) "
            f"or lower alpha (now {config.alpha})"
        )
    return solver.user_factors, solver.item_factors


def train(
    log: Interactions, config: ALSConfig | None = None, seed: int = 7, on_progress: Progress | None = None
) -> FactorModel:
    """Fit a log once and return the model."""
    trainer = ALSTrainer(config, seed=seed)
    trainer.fit(log, on_progress)
    return trainer.model()


def _gram(factors: NDArray[np.float32]) -> NDArray[np.float64]:
    with threadpool_limits(limits=1, user_api="blas"):
        wide = factors.astype(np.float64)
        return wide.T @ wide


def _distance(gram: NDArray[np.float64], before: NDArray[np.float64]) -> float:
    """|G - G0| / |G0|, Frobenius; 0 where there was nothing before."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(gram - before)) / length if length else 0.0
