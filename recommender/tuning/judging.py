"""Settings judged on windows of the past: factors are fitted once for many blends, and whoever is judged again goes on
where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommender.als.trainer import train
from recommender.config import ALSConfig
from recommender.evaluation.intervals import Interval, paired_interval
from recommender.interactions.log import Interactions
from recommender.model.factor_model import FactorModel
from recommender.transitions.counts import TransitionCounts, count_log
from recommender.transitions.transitions import Transitions
from recommender.tuning.windows import Window

OF_FACTORS = (
    "factors",
    "regularization",
    "regularization_exponent",
    "alpha",
    "iterations",
    "half_life",
    "activity_shrinkage",
)
"""Settings that need a fit of their own; all others share one."""
OF_COUNTS = (
    "transition_ordered", "transition_backward", "transition_activity_damping", "transition_window", "transition_decay",
    "transition_shrinkage", "transition_damping", "transition_neighbours", "trend_half_life",
)  # fmt: skip
"""Settings that need transitions counted of their own; weights, recency and the length of history share one count."""


class OutOfTimeError(Exception):
    """The budget does not hold what was to come next."""


@dataclass(slots=True)
class Budget:
    """What a search may cost, in seconds of work as they are estimated beforehand, so that the same search is made on
    every machine; the clock only stops it. `spent` grows as work is announced, up to `limit` for now.
    """

    work: float
    stop_at: float
    clock: Callable[[], float]
    spent: float = 0.0
    limit: float = math.inf

    @property
    def over(self) -> bool:
        """Whether the clock says that it is time to stop."""
        return self.clock() > self.stop_at

    def announce(self, seconds: float) -> None:
        """Ask for room for so many seconds of work; raises OutOfTimeError when there is none."""
        if self.spent + seconds > min(self.work, self.limit) or self.over:
            raise OutOfTimeError
        self.spent += seconds


@dataclass(slots=True)
class Judging:
    """Models of the windows by their settings, and what they were worth on the cases so far.

    strength: that of the whole log. A window knows less, and regularization goes with the largest singular value, so
    that it is judged with as much less; else whatever is smoother would look better than it is. Regularization that
    grows with how often something occurs is as much less there by itself.
    """

    windows: list[Window]
    budget: Budget
    seed: int
    strength: float = 0.0
    fits: int = 0
    _fitted: dict[tuple[object, ...], FactorModel] = field(default_factory=dict)
    _counted: dict[tuple[object, ...], Transitions] = field(default_factory=dict)
    _values: dict[tuple[ALSConfig, int], NDArray[np.float64]] = field(default_factory=dict)

    def values(self, config: ALSConfig, count: int) -> list[NDArray[np.float64]]:
        """NDCG of the first `count` cases of every window by a model of these settings."""
        found = []
        for number, window in enumerate(self.windows):
            known = self._values.get((config, number), np.empty(0))
            wanted = min(count, len(window.cases))
            if len(known) < wanted:
                self.budget.announce(judging_seconds(config, window, wanted))
                known = window.judge(self._model(config, window), wanted)
                self._values[config, number] = known
            found.append(known[:wanted])
        return found

    def mean(self, config: ALSConfig, count: int) -> float:
        """Mean NDCG, windows counting alike."""
        return float(np.mean([values.mean() for values in self.values(config, count)]))

    def compare(self, config: ALSConfig, other: ALSConfig, count: int, confidence: float) -> tuple[Interval, float]:
        """The paired interval of `config` less `other` over all windows, and its difference in that half of them (every
        second one) in which it is smaller.
        """
        ours, theirs = self.values(config, count), self.values(other, count)
        groups = [group for window in self.windows for group in window.groups(count)]
        interval = paired_interval(np.concatenate(ours), np.concatenate(theirs), groups, confidence, self.seed)
        differences = [float((a - b).mean()) for a, b in zip(ours, theirs, strict=True)]
        return interval, min(float(np.mean(half)) for half in (differences[::2], differences[1::2]) if half)

    def _model(self, config: ALSConfig, window: Window) -> FactorModel:
        log = window.log
        key = (id(log), *(getattr(config, name) for name in OF_FACTORS))
        if key not in self._fitted:
            self.budget.announce(fit_seconds(config, log))
            plain = replace(config, transition_weight=0.0, trend_weight=0.0)
            if self.strength and not config.regularization_exponent:
                scale = log.strength() / self.strength
                plain = replace(plain, regularization=max(config.regularization * scale, 1e-9))
            self._fitted[key] = train(log, plain, self.seed)
            self.fits += 1
        fitted = self._fitted[key]
        popularity = log.popularity(config.trend_half_life)
        blend = replace(config, regularization=fitted.config.regularization)
        transitions = self._transitions(config, log, popularity)
        return FactorModel(fitted.item_ids, fitted.item_factors, popularity, blend, transitions=transitions)

    def _transitions(self, config: ALSConfig, log: Interactions, popularity: NDArray[np.float32]) -> Transitions:
        trend = Transitions.trend_of(popularity) if config.trend_weight else {}
        if not config.transition_weight:
            return Transitions.empty(log.items, **trend)
        key = (id(log), *(getattr(config, name) for name in OF_COUNTS))
        if key not in self._counted:
            self.budget.announce(count_seconds(config, log))
            counts = TransitionCounts(replace(config, transition_weight=1.0))
            count_log(counts, log)
            self._counted[key] = counts.transitions(popularity, log.newest)
        counted = self._counted[key]
        return Transitions(counted.indptr, counted.next_ids, counted.next_weights, **trend)


def fit_seconds(config: ALSConfig, log: Interactions) -> float:
    """What a fit is estimated to cost on one core: sweeps over rows of `factors` squares and over all pairs."""
    vectors = (log.users + log.items) * config.factors**2 * 1e-10
    return 0.01 + config.iterations * (vectors + log.rows * config.factors * 3e-9)


def count_seconds(config: ALSConfig, log: Interactions) -> float:
    """What a count of transitions is estimated to cost."""
    before = min(config.transition_window, log.rows / max(log.users, 1))
    return 0.01 + log.rows * before * (2 if config.transition_backward or not config.transition_ordered else 1) * 4e-8


def judging_seconds(config: ALSConfig, window: Window, count: int) -> float:
    """What ranking for so many cases is estimated to cost, the model's layout included."""
    followed = min(config.transition_history, window.mean_history) * bool(config.transition_weight)
    folding = min(config.factors, window.mean_history) ** 2 * config.factors * 8e-11
    return 0.02 + window.log.items * 1e-6 + count * (3e-5 + folding + followed * 1e-6)
