"""How well an exam ranks models after so many choices, worked out from true interest in place of drawn clicks.

Of a page drawn by lot everything is known here: the chance of each item to stand in a slot and the chance that it is
opened there. So the mean of what an exam says of every model, and the noise of that mean after so many choices, follow
without drawing a single click; only the noise is drawn, as a normal variable with the covariance of the models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Floats = NDArray[np.float64]
Gain = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""What a rank (from 0) is worth to an exam."""

DRAWS = 100
CHOICES_A_VISITOR = 2.0
"""Of a holdout visitor's choices so many judge, about: visitors differ, and each adds noise of their own."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Holdout visitors with a history, and what models would show them.

    ranks int16 (models, visitors, items), from 0; items that a model does not name have the last. interest float64
    (visitors, items): true chances of a click, 0 for items of the history.
    """

    ranks: NDArray[np.int16]
    interest: Floats

    def chances(self, popular: NDArray[np.bool_], share: float) -> Floats:
        """The chance of each item to stand in a slot, (visitors, items): see `Lot.draw`. popular bool (items,)."""
        free = self.interest > 0
        among = free & popular
        mixed = share * among / among.sum(axis=1, keepdims=True) + (1.0 - share) * free / free.sum(
            axis=1, keepdims=True
        )
        return np.asarray(mixed)


@dataclass(frozen=True, slots=True)
class ExamLaw:
    """What an exam comes to. means (models,): of an entry looked at. within, between (models, models): covariance of an
    entry, and of visitors. opened: chance that an entry is opened.
    """

    means: Floats
    within: Floats
    between: Floats
    opened: float

    def agreement(self, truth: Floats, choices: float, rng: np.random.Generator) -> tuple[float, float, float]:
        """Rank correlation with the truth (models, judges) after so many choices: mean and 95 % of draws of choices and
        of judges.
        """
        looked, visitors = choices / self.opened, max(1.0, choices / CHOICES_A_VISITOR)
        spread = self.within / looked + self.between / visitors
        values, vectors = np.linalg.eigh(spread)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        found = []
        for _ in range(DRAWS):
            drawn = self.means + root @ rng.standard_normal(len(root))
            judged = np.bincount(rng.integers(truth.shape[1], size=truth.shape[1]), minlength=truth.shape[1])
            found.append(spearmanr(drawn, truth @ judged).statistic)
        low, high = np.percentile(found, [2.5, 97.5])
        return float(np.mean(found)), float(low), float(high)

    def needed(self, truth: Floats, least: float, rng: np.random.Generator) -> float:
        """Choices from which the agreement is at least `least` on average, to a half; infinity beyond 4 million."""
        choices = 250.0
        while choices < 4e6:
            if self.agreement(truth, choices, rng)[0] >= least:
                return choices
            choices *= 1.5
        return float("inf")


def exam_law(
    panel: Panel, chances: Floats, gain: Gain, *, power: float = 1.0, expected: Floats | None = None
) -> ExamLaw:
    """The law of an exam that gives an opened entry its gain times (inverse propensity)^power.

    chances: of items in a slot (visitors, items). expected: click rate of each item (items,) that is taken off each
    entry looked at, opened or not (a control variate: the gains of all items have one sum whatever the model); None for
    nothing.
    """
    models = len(panel.ranks)
    weights = np.where(chances > 0, np.maximum(chances, 1e-12) ** -power, 0.0)
    off = np.zeros_like(chances) if expected is None else np.broadcast_to(expected, chances.shape) * (chances > 0)
    means = np.zeros((models, len(chances)))
    within = np.zeros((models, models))
    for visitor, chance in enumerate(chances):
        gains = gain(panel.ranks[:, visitor].astype(np.float32)).astype(np.float64)
        interest, weight = panel.interest[visitor], weights[visitor]
        beyond = gains @ (chance * weight * (interest - off[visitor]))
        squares = chance * weight**2 * (interest * (1 - interest) + (interest - off[visitor]) ** 2)
        within += (gains * squares) @ gains.T - np.outer(beyond, beyond)
        means[:, visitor] = gains @ (chance * weight * interest)
    return ExamLaw(
        means.mean(axis=1),
        within / len(chances),
        np.cov(means),
        float((chances * panel.interest).sum(axis=1).mean()),
    )


def rank_gain(persistence: float, depth: int) -> Gain:
    """persistence^rank up to `depth`, as `evaluate_rank_gain` has it."""
    return lambda ranks: np.where(ranks < depth, persistence**ranks, 0.0).astype(np.float32)


def discounted(depth: int) -> Gain:
    """1 / log2(rank + 2) up to `depth`: NDCG."""
    return lambda ranks: np.where(ranks < depth, 1.0 / np.log2(ranks + 2.0), 0.0).astype(np.float32)


def found_among(depth: int) -> Gain:
    """1 up to `depth`: recall."""
    return lambda ranks: (ranks < depth).astype(np.float32)
