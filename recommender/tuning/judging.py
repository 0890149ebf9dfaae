"""Settings judged on windows of the past: factors are fitted once for many blends, and whoever is judged again goes on
where it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from recommender.als.trainer import ALSTrainer, train
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
    "trend_half_life",
)  # fmt: skip
"""Settings that need transitions counted of their own; weights, recency and the length of history share one count."""
OF_CHOICE = ("transition_shrinkage", "transition_damping", "transition_neighbours")
"""Settings by which neighbours are chosen among what was counted."""
LOOK_SWEEPS = 3
"""Sweeps of a fit that begins with the factors of other settings, for a first look."""


CHOOSING = 0.2
"""What choosing costs, of what counting costs."""


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
    _counted: dict[int, tuple[tuple[object, ...], TransitionCounts]] = field(default_factory=dict)  # the last of a log
    _chosen: dict[tuple[object, ...], Transitions] = field(default_factory=dict)
    _values: dict[tuple[ALSConfig, int], NDArray[np.float64]] = field(default_factory=dict)

    def values(self, config: ALSConfig, count: int, windows: int | None = None) -> list[NDArray[np.float64]]:
        """NDCG of the first `count` cases of every window, or of the first few, by a model of these settings."""
        found = []
        for number, window in enumerate(self.windows[:windows]):
            known = self._values.get((config, number), np.empty(0))
            wanted = min(count, len(window.cases))
            if len(known) < wanted:
                self.budget.announce(judging_seconds(config, window, wanted - len(known)))
                judged = window.judge(self._model(config, window), wanted, len(known))
                known = self._values[config, number] = np.concatenate((known, judged))
            found.append(known[:wanted])
        return found

    def mean(self, config: ALSConfig, count: int) -> float:
        """Mean NDCG of the windows that are looked at first, which count alike, by `count` cases a window of all."""
        windows, cases = self._first(count)
        return float(np.mean([values.mean() for values in self.values(config, cases, windows)]))

    def look(self, config: ALSConfig, near: ALSConfig, count: int) -> float:
        """About what `mean` says, for less: a fit begins with the factors of `near`, where they are as wide."""
        windows, wanted = self._first(count)
        found = []
        for window in self.windows[:windows]:
            cases = min(wanted, len(window.cases))
            self.budget.announce(judging_seconds(config, window, cases))
            found.append(window.judge(self._model(config, window, self._factors(near, window)), cases).mean())
        return float(np.mean(found))

    def _first(self, count: int) -> tuple[int, int]:
        """How many windows are looked at first, and by how many cases each: all, which are of different days; or as few
        as hold so many cases of those that chance made, which are alike, so that there are fewer fits.
        """
        every, largest = len(self.windows), max(len(window.cases) for window in self.windows)
        few = every if self.windows[0].log.ordered else min(every, math.ceil(count * every / largest))
        return few, math.ceil(count * every / few)

    def compare(self, config: ALSConfig, other: ALSConfig, count: int, confidence: float) -> tuple[Interval, float]:
        """The paired interval of `config` less `other` over all windows, and its difference in that half of them (every
        second one) in which it is smaller.
        """
        ours, theirs = self.values(config, count), self.values(other, count)
        groups = [group for window in self.windows for group in window.groups(count)]
        interval = paired_interval(np.concatenate(ours), np.concatenate(theirs), groups, confidence, self.seed)
        differences = [float((a - b).mean()) for a, b in zip(ours, theirs, strict=True)]
        return interval, min(float(np.mean(half)) for half in (differences[::2], differences[1::2]) if half)

    def _model(self, config: ALSConfig, window: Window, near: FactorModel | None = None) -> FactorModel:
        log, fitted = window.log, self._factors(config, window, near)
        popularity = log.popularity(config.trend_half_life)
        blend = replace(config, regularization=fitted.config.regularization)
        transitions = self._transitions(config, log, popularity)
        return FactorModel(fitted.item_ids, fitted.item_factors, popularity, blend, transitions=transitions)

    def _factors(self, config: ALSConfig, window: Window, near: FactorModel | None = None) -> FactorModel:
        """A fit to a window; with `near`, where there is none yet, a short one that begins there and is not kept."""
        log = window.log
        key = (id(log), *(getattr(config, name) for name in OF_FACTORS))
        if key in self._fitted:
            return self._fitted[key]
        plain = replace(config, transition_weight=0.0, trend_weight=0.0)
        if self.strength and not config.regularization_exponent:
            scale = log.strength() / self.strength
            plain = replace(plain, regularization=max(config.regularization * scale, 1e-9))
        if near is not None and near.config.factors == config.factors and config.iterations > LOOK_SWEEPS:
            short = replace(plain, iterations=LOOK_SWEEPS, refit_iterations=LOOK_SWEEPS)
            self.budget.announce(fit_seconds(short, log))
            trainer = ALSTrainer(short, self.seed, warm_start=near)
            trainer.fit(log)
            return trainer.model()
        self.budget.announce(fit_seconds(config, log))
        self.fits += 1
        return self._fitted.setdefault(key, train(log, plain, self.seed))

    def _transitions(self, config: ALSConfig, log: Interactions, popularity: NDArray[np.float32]) -> Transitions:
        trend = Transitions.trend_of(popularity) if config.trend_weight else {}
        if not config.transition_weight:
            return Transitions.empty(log.items, **trend)
        of_counts = tuple(getattr(config, name) for name in OF_COUNTS)
        key = (id(log), *of_counts, *(getattr(config, name) for name in OF_CHOICE))
        if key not in self._chosen:
            following = replace(config, transition_weight=1.0)
            counted, counts = self._counted.get(id(log), (None, None))
            if counts is None or counted != of_counts:
                self.budget.announce(count_seconds(config, log))
                counts = TransitionCounts(following)
                count_log(counts, log)
                self._counted[id(log)] = of_counts, counts
            else:
                self.budget.announce(count_seconds(config, log) * CHOOSING)
                counts.choose_by(following)
            self._chosen[key] = counts.transitions(popularity, log.newest)
        chosen = self._chosen[key]
        return Transitions(chosen.indptr, chosen.next_ids, chosen.next_weights, **trend)


def fit_seconds(config: ALSConfig, log: Interactions) -> float:
    """What a fit is estimated to cost on one core: sweeps over rows of `factors` squares and over all pairs."""
    vectors = (log.users + log.items) * config.factors**2 * 1e-10
    return 0.01 + config.iterations * (vectors + log.rows * config.factors * 3e-9)


def count_seconds(config: ALSConfig, log: Interactions) -> float:
    """What a count of transitions is estimated to cost."""
    before = min(config.transition_window, log.rows / max(log.users, 1))
    return 0.01 + log.rows * before * (2 if config.transition_backward or not config.transition_ordered else 1) * 7e-8


def judging_seconds(config: ALSConfig, window: Window, count: int) -> float:
    """What ranking for so many cases is estimated to cost, the model's layout included."""
    followed = min(config.transition_history, window.mean_history) * bool(config.transition_weight)
    folding = min(config.factors, window.mean_history) ** 2 * config.factors * 8e-11
    return 0.02 + window.log.items * 1e-6 + count * (3e-5 + folding + followed * 1e-6)
