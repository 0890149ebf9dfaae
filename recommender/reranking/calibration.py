"""A list whose attributes have the shares that the user gives them, built greedily.

Steck, "Calibrated recommendations" (RecSys 2018), eq. 5: a list I of items with scores s has the worth

    sum over I of s_i - sum over attributes a of calibration_a * KL(p_a | q_a),   q_a = (1 - e) q_a(I) + e p_a

where p_a are the user's shares of the values of a, q_a(I) those of the list, and e = 0.01. Greedy choice is within
1 - 1/e of the best list, since the worth is submodular. Two rules come on top, for one attribute: no value takes more
than its largest share of the list, and at least so many values are in it, as far as the candidates allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.reranking.calibration_kernels import choose_calibrated

Floats = NDArray[np.float64]
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of n candidates. members: (n, values), the share of each value in each, rows of sum 1 or 0.

    wanted: (values,), the shares that the list should have. weight: what a nat of divergence costs, in units of scores.
    """

    members: Floats
    wanted: Floats
    weight: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits on one attribute. value_of: (n,), the value of each candidate, from 0. largest: (values,), most entries
    that each value may have. distinct: so many values at least.
    """

    value_of: NDArray[np.int64]
    largest: NDArray[np.int64]
    distinct: int


def calibrated(
    scores: Floats, attributes: Sequence[Attribute], k: int, bounds: Bounds | None = None
) -> NDArray[np.int64]:
    """Places of min(k, n) candidates in the order in which they are chosen, ties by their order; scores (n,).

    Where no candidate is left within the bounds, the best of the others is taken: a list is never shorter for them.
    """
    chosen = np.empty(min(k, len(scores)), dtype=np.int64)
    worth = scores.astype(np.float64, copy=True)
    columns = _side_by_side(attributes, len(scores))
    if bounds is None:
        choose_calibrated(worth, *columns, _NONE, _NONE, 0, chosen)
    else:
        choose_calibrated(
            worth, *columns, np.ascontiguousarray(bounds.value_of), bounds.largest, bounds.distinct, chosen
        )
    return chosen


def _side_by_side(attributes: Sequence[Attribute], candidates: int) -> tuple[Floats, Floats, Floats]:
    """All values that matter of all attributes as columns: members (candidates, columns), wanted and weights."""
    kept = [(attribute, attribute.wanted > 0) for attribute in attributes if attribute.weight]
    if not kept:
        return np.zeros((candidates, 0)), np.zeros(0), np.zeros(0)
    return (
        np.ascontiguousarray(np.concatenate([attribute.members[:, known] for attribute, known in kept], axis=1)),
        np.concatenate([attribute.wanted[known] for attribute, known in kept]),
        np.concatenate([np.full(np.count_nonzero(known), attribute.weight) for attribute, known in kept]),
    )
