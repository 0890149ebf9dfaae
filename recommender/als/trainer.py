"""Training: alternating least squares over a log that grows, fitted whole or updated where rows touch it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from recommender.als.learned_factors import LearnedFactors
from recommender.als.principal_axes import axes_to_turn_to, gram_of, turn
from recommender.als.reports import FitReport, UpdateReport
from recommender.config import ALSConfig, config_without_order
from recommender.errors import NotFittedError
from recommender.interactions.checks import ItemId, UserId, check_whole, shown
from recommender.interactions.log import Interactions, check_log
from recommender.interactions.rows import Row
from recommender.model.factor_model import FactorModel
from recommender.transitions.counts import TransitionCounts, count_log
from recommender.tuning.rules import config_for

Progress = Callable[[int, int], None]


class ALSTrainer:
    """Learns item and user factors from a log of interactions and hands out immutable models.

    Not safe between threads: one trainer, one thread. Models it handed out never change.
    """

    def __init__(self, config: ALSConfig | None = None, seed: int = 7, warm_start: FactorModel | None = None) -> None:
        """`warm_start` gives the first fit its item factors, for the item ids it knows; its width must be
        `config.factors`.
        """
        if config is not None and not isinstance(config, ALSConfig):
            raise ValueError(f"config must be an ALSConfig, such as ALSConfig(factors=8), got {shown(config)}")
        self.config = config or ALSConfig()
        if warm_start is not None and warm_start.item_factors.shape[1] != self.config.factors:
            raise ValueError(
                f"warm_start has {warm_start.item_factors.shape[1]} factors, config.factors is {self.config.factors}; "
                "give a config of the same width, or fit cold"
            )
        self.seed = check_whole(seed, "seed", 0)
        self.log = Interactions()
        self._warm_start = warm_start
        self._factors = LearnedFactors(self.config, self.seed)
        self._transitions = TransitionCounts(self.config)
        self._ordered = True
        self._counted = False

    def __repr__(self) -> str:
        return f"ALSTrainer({self.config!r}, seed={self.seed})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an ALSTrainer is not pickled; keep its rows and save its model: trainer.model().save(path)")

    def fit(self, log: Interactions, on_progress: Progress | None = None) -> FitReport:
        """Fit everything in `log` (copied; it becomes the trainer's whole knowledge). Warm when factors exist, cold
        otherwise.

        Whether the log has an order (`Interactions.ordered`) is asked here; updates keep to it until the next fit.
        `on_progress(sweep, sweeps)` is called after every sweep, counting from 1. Raises ValueError for a log without
        rows.
        """
        if check_log(log).rows == 0:
            raise ValueError("cannot fit an empty log; append some rows of (user_id, item_id) first")
        return self._fit_log(log.copy(), self._known_factors(), on_progress)

    def refit(self, log: Interactions | None = None, on_progress: Progress | None = None) -> FitReport:
        """A full fit, warm-started, on everything known so far, or on `log` instead."""
        if log is not None:
            return self.fit(log, on_progress)
        if self.log.rows == 0:
            raise NotFittedError("nothing to refit: call fit(log) or update(rows) first")
        return self._fit_log(self.log, self._known_factors(), on_progress)

    def update(self, rows: Iterable[Row]) -> UpdateReport:
        """Learn from new rows by solving the users and items in them; new ids are welcome, rows of a pair add up.

        New items are solved first, from the users that were known; then the touched users, from whole histories; then
        the touched items; then those users once more, and in turn some others, up to eight for each. Cost goes with the
        histories of what is touched, not with the log. A trainer that has learned nothing yet fits instead. When
        learning fails, the rows are taken back and the trainer is as it was.
        """
        start = time.perf_counter()
        first = len(self._factors.items) == 0
        first_row = self.log.length
        appended = self.log.append(rows)
        users, items = appended.touched_users, appended.touched_items
        try:
            if first and len(users):
                self._fit_log(self.log, {}, None)
            elif len(users):
                self._factors.solve(self.log, users, items)
        except BaseException:
            self.log.undo(appended)
            raise
        if not first:
            self._transitions.count_new(self.log.sequences(users), self.log.items, first_row)
        seconds = time.perf_counter() - start
        new_users, new_items = appended.new_users, appended.new_items
        return UpdateReport(appended.rows, len(users), len(items), new_users, new_items, seconds, self.drift)

    def discard(self, user_id: UserId, item_id: ItemId | None = None) -> UpdateReport:
        """Forget a user (or one item of theirs) and solve again what their rows had touched.

        Transitions are withdrawn at once and as if they had never been; factors keep a trace until the next refit. The
        rows are gone even when what they touched cannot be solved, which raises RecommenderError.
        """
        start = time.perf_counter()
        user = self.log.user_index(user_id)
        before = self.log.rows
        users = np.array([] if user is None else [user], dtype=np.int32)
        if len(self._factors.items):
            self._counted = False  # what is withdrawn leaves entries of nothing, which the next refit is to clear
            self._transitions.count(self.log.sequences(users), self.log.items, sign=-1.0)
        items = self.log.discard(user_id, item_id)
        if len(self._factors.items):
            self._transitions.count(self.log.sequences(users), self.log.items)
        if len(items):
            self._factors.solve(self.log, users, items)
        seconds = time.perf_counter() - start
        return UpdateReport(before - self.log.rows, len(users), len(items), 0, 0, seconds, self.drift)

    @property
    def drift(self) -> float:
        """How far updates have led since the last full fit; see `UpdateReport`. 0 before there is one."""
        return self._factors.drift

    def model(self) -> FactorModel:
        """An immutable snapshot of what was learned so far; later updates never change it."""
        if len(self._factors.items) == 0:
            raise NotFittedError("the trainer has learned nothing yet; call fit(log) or update(rows) first")
        popularity = self.log.popularity(self.config.trend_half_life)
        return FactorModel(
            self.log.item_ids,
            self._factors.items[: self.log.items].copy(),
            popularity,
            _in_keeping(self._factors.learned_config, self._ordered),
            transitions=self._transitions.transitions(popularity, self.log.newest),
        )

    @property
    def user_factors(self) -> NDArray[np.float32]:
        """Vectors of the users of the log as last solved, a copy, float32 (user_slots, factors), by `log.user_index`.

        They are in the coordinates of `model()`, which does without them: they are for batch jobs over everybody, which
        need not fold anybody in.
        """
        gram = gram_of(self._factors.items[: self.log.items])
        axes = axes_to_turn_to(gram, self._factors.regularization)
        return turn(self._factors.users[: self.log.user_slots], axes)

    def _known_factors(self) -> dict[ItemId, NDArray[np.float32]]:
        known: dict[ItemId, NDArray[np.float32]] = {}
        if self._warm_start is not None:
            known.update(zip(self._warm_start.item_ids, self._warm_start.item_factors, strict=True))
        known.update(zip(self.log.item_ids, self._factors.items, strict=False))  # factors have room to grow
        return known

    def _fit_log(
        self, log: Interactions, known: dict[ItemId, NDArray[np.float32]], on_progress: Progress | None
    ) -> FitReport:
        """Learn `log` whole and keep it; a fit that fails leaves log, factors and transitions as they were."""
        start = time.perf_counter()
        sweeps = self._factors.fit(log, known, on_progress)
        ordered = log.ordered
        transitions = self._transitions
        if not (self._counted and log is self.log and ordered == self._ordered and transitions.are_recent(log.newest)):
            transitions = TransitionCounts(_in_keeping(self.config, ordered))
            count_log(transitions, log)
        self.log, self._transitions, self._warm_start, self._ordered = log, transitions, None, ordered
        self._counted = True
        return FitReport(log.rows, log.users, log.items, sweeps, time.perf_counter() - start)


def _in_keeping(config: ALSConfig, ordered: bool) -> ALSConfig:
    """The settings that hold for a log with order, or without."""
    return config if ordered else config_without_order(config)


def train(
    log: Interactions, config: ALSConfig | None = None, seed: int = 7, on_progress: Progress | None = None
) -> FactorModel:
    """Fit a log once and return the model. Without a config the settings follow from a look at the log (`config_for`):
    whether its order carries anything, whether its items age, how much its users say.
    """
    trainer = ALSTrainer(config_for(log) if config is None and check_log(log).rows else config, seed=seed)
    trainer.fit(log, on_progress)
    return trainer.model()


def reblend(model: FactorModel, log: Interactions, config: ALSConfig) -> FactorModel:
    """The factors of `model` with transitions and a trend counted anew from `log`, its log, as `config` says.

    What concerns factors and fold-in stays as the model has it, so only settings of recency, transitions and trend may
    differ. Costs a pass over the log instead of a fit: a search for a blend needs one fit. Raises ValueError for a log
    of other items and for factors of another width.
    """
    if log.item_ids != model.item_ids:
        raise ValueError("reblend needs the log that the model was fitted on: its items differ from the model's")
    popularity = log.popularity(config.trend_half_life)
    config = _in_keeping(config, log.ordered)
    counts = TransitionCounts(config)
    count_log(counts, log)
    blended = replace(config, regularization=model.config.regularization)
    transitions = counts.transitions(popularity, log.newest)
    return FactorModel(model.item_ids, model.item_factors, popularity, blended, transitions=transitions)
