"""The learnable ceiling: what to show by all there is to know of the population, but of a visitor what they opened.

An oracle knows each visitor's whims, which no amount of data tells. The Bayes answer knows how tastes are distributed
and how they decide clicks: many tastes are drawn from the population, each weighs as likely as it is to have opened
what the visitor opened from rows of random items, and the ten best by their mean interest are shown. No model is
involved, and none that learns from clicks can be better on average.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.site.quality import Judge, K
from seed_data.population import Population

TASTES = 60_000
FIRST_TASTE = 40_000_000
"""The tastes are those of visitors who are nobody's judges and come to no site."""

_CHUNK = 2_000


def ceiling_rows(
    population: Population, panel: Sequence[Judge], tastes: int = TASTES, day: float = 14.0
) -> list[list[int]]:
    """The ten best items of each judge by the Bayes answer, as rows of `population.items`; none of their history."""
    histories = np.array([[population.index[item_id] for item_id in judge.history] for judge in panel])
    # Sums over tastes of (weight of the taste for a judge) x (interest of the taste in an item), in chunks of tastes.
    sums = np.zeros((len(panel), len(population.items)))
    for first in range(0, tastes, _CHUNK):
        numbers = range(FIRST_TASTE + first, FIRST_TASTE + min(first + _CHUNK, tastes))
        interest = population.expected_interest_of(numbers, day)
        # Of random items a visitor opens this one next with its interest over that in all items.
        sums += _weights(interest, histories).T @ interest
    sums[np.arange(len(panel))[:, None], histories] = -1.0
    best: NDArray[np.int64] = np.argsort(-sums, axis=1, kind="stable")[:, :K]
    rows: list[list[int]] = best.tolist()
    return rows


def _weights(interest: NDArray[np.float32], histories: NDArray[np.int64]) -> NDArray[np.float32]:
    """How likely each taste is to have opened each history, (tastes, judges), up to a factor of the judge's own."""
    lifts = interest / interest.mean(axis=1, keepdims=True)
    weights = np.ones((len(interest), len(histories)), np.float32)
    for opened in histories.T:
        weights *= lifts[:, opened]
    return weights
