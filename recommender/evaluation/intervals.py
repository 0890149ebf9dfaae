"""Paired comparison of two models on the same cases."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit  # quantiles; scipy.stats gives the same and takes long to import

DRAWS = 2000
CHUNK = 100
NOTHING = 1e-9
"""Residuals below this share of the values are what rounding left."""
LARGEST_VALUE = 1e50
"""Largest size of a value: squares of sums stay far below what float64 can hold (1.8e308)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the interval around it."""

    mean: float
    low: float
    high: float


def paired_interval(
    a: ArrayLike,
    b: ArrayLike,
    groups: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 7,
) -> Interval:
    """Mean of a - b over cases, with a percentile bootstrap interval that draws whole groups (say, users) with
    replacement, widened where few groups stand for its width.

    a and b (cases,), aligned; groups (cases,), each case its own when None: cases of one user are not independent, so
    they are drawn together. A single group gives an interval without end (-inf, inf), and groups that agree one that is
    not empty: see `widening`. Raises ValueError for no cases, shapes that differ, differences that are not finite or
    beyond LARGEST_VALUE, a group that is NaN, or a confidence outside (0, 1).
    """
    differences = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    if np.shape(a) != np.shape(b) or differences.ndim != 1 or len(differences) == 0:
        raise ValueError(
            f"a and b must be two lists of the same length, at least 1; got shapes {np.shape(a)}, {np.shape(b)}"
        )
    if not (np.abs(differences) <= LARGEST_VALUE).all():
        raise ValueError(
            f"a and b must be finite numbers that differ by at most {LARGEST_VALUE:g}; drop the cases that have none "
            "from both"
        )
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be between 0 and 1, exclusive; got {confidence!r}")
    group = number_groups(groups, len(differences), "cases")
    sums, counts = np.bincount(group, differences), np.bincount(group).astype(np.float64)
    mean = float(differences.mean())
    if len(sums) < 2:
        return Interval(mean, -np.inf, np.inf)
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(0, DRAWS, CHUNK):
        drawn = rng.integers(len(sums), size=(CHUNK, len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    tail = (1.0 - confidence) / 2.0
    low, high = np.percentile(np.concatenate(means), [100.0 * tail, 100.0 * (1.0 - tail)])
    residuals = (sums - mean * counts) / counts.mean()
    unit = typical_size(sums / counts)
    if float((residuals**2).sum()) <= (NOTHING * unit) ** 2:  # the width is that of one group that has not been seen
        half = float(stdtrit(len(sums) - 1, 1.0 - tail)) * unit / len(sums)
        return Interval(mean, mean - half, mean + half)
    wider = widening(residuals, unit, tail)
    # Percentiles of a skew distribution at a low confidence may lie on one side of the mean; an interval holds it.
    return Interval(mean, mean - wider * max(0.0, mean - float(low)), mean + wider * max(0.0, float(high) - mean))


def number_groups(groups: Sequence[Hashable] | None, count: int, what: str) -> NDArray[np.int64]:
    """The group of each of `count` cases or rows as a number from 0, each its own when None.

    Raises ValueError for another number of groups, and for a NaN, the name of a group that is not known: no two NaN are
    equal, so that each would count as a group of its own.
    """
    if groups is None:
        return np.arange(count, dtype=np.int64)
    if len(groups) != count:
        raise ValueError(f"groups must name a group for each of the {count} {what}, got {len(groups)}")
    numbers: dict[Hashable, int] = {}
    for place, name in enumerate(groups):
        if name != name:  # only NaN is not equal to itself
            raise ValueError(f"groups must name a group for each of the {count} {what}, got {name!r} at {place}")
        numbers.setdefault(name, len(numbers))
    return np.array([numbers[name] for name in groups], dtype=np.int64)


def freedom_of(squares: NDArray[np.float64]) -> float:
    """Satterthwaite's degrees of freedom of a sum of squares that are not all 0, each with one of its own."""
    shares = squares / squares.max()  # so that the squares of these neither vanish nor overflow
    return float(shares.sum()) ** 2 / float((shares**2).sum())


def typical_size(values: NDArray[np.float64]) -> float:
    """Root mean square of values; 1, the largest difference of two shares, where all are 0."""
    return float(np.sqrt((values**2).mean())) or 1.0


def widening(residuals: NDArray[np.float64], unit: float, tail: float) -> float:
    """By how much an interval of normal theory is too narrow for the evidence in these residuals, at least 1.

    Where a handful of groups makes up the variance, the variance is as uncertain as one of a handful: Student's t with
    Satterthwaite's degrees of freedom for a sum of squares, each with one of its own (Biometrics Bulletin 2, 1946). And
    one more group that nobody has seen yet may differ by `unit`, so that agreement is never certainty; its part fades
    with the number of groups.
    """
    squares = residuals**2
    freedom = freedom_of(squares)
    unseen = 1.0 + unit**2 / float(squares.sum())
    return float(stdtrit(freedom, 1.0 - tail) / ndtri(1.0 - tail) * np.sqrt(unseen))
