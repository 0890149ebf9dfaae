"""A calibrated list has the shares it was asked for, as far as scores and bounds allow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from recommender.reranking import calibration_kernels, row_kernels, twins
from recommender.reranking.calibration_kernels import choose_calibrated


@dataclass(frozen=True)
class Attribute:
    """members (n, values), wanted (values,), and what a nat of divergence costs."""

    members: np.ndarray
    wanted: np.ndarray
    weight: float


@dataclass(frozen=True)
class Bounds:
    value_of: np.ndarray
    largest: np.ndarray
    distinct: int


def calibrated(scores: np.ndarray, attributes: Sequence[Attribute], k: int, bounds: Bounds | None = None) -> np.ndarray:
    """Places of min(k, n) candidates in the order in which they are chosen."""
    chosen = np.empty(min(k, len(scores)), dtype=np.int64)
    members = np.concatenate([np.zeros((len(scores), 0)), *(each.members for each in attributes)], axis=1)
    codes = np.tile(np.arange(members.shape[1], dtype=np.int32), (len(scores), 1))
    wanted = np.concatenate([np.zeros(0), *(each.wanted for each in attributes)])
    weights = np.concatenate([np.zeros(0), *(np.full(len(each.wanted), each.weight) for each in attributes)])
    none: np.ndarray = np.empty(0, dtype=np.int64)
    limits: tuple[Any, Any, Any] = (
        (none, np.empty(0), 0) if bounds is None else (bounds.value_of, bounds.largest, bounds.distinct)
    )
    choose_calibrated(scores.astype(np.float64), codes, members, wanted, weights, *limits, chosen)
    return chosen


def one_hot(values: list[int], count: int) -> np.ndarray:
    return np.eye(count)[values]


def test_without_calibration_it_is_the_order_of_scores_with_ties_in_order() -> None:
    scores = np.array([0.2, 0.9, 0.9, 0.1])
    assert calibrated(scores, [], 3).tolist() == [1, 2, 0]
    assert calibrated(scores, [], 9).tolist() == [1, 2, 0, 3]


def test_equal_scores_come_in_the_wanted_shares() -> None:
    values = [0] * 30 + [1] * 30 + [2] * 30
    attribute = Attribute(one_hot(values, 3), np.array([0.5, 0.3, 0.2]), weight=1.0)
    chosen = calibrated(np.ones(90), [attribute], 10)
    assert np.bincount(np.array(values)[chosen]).tolist() == [5, 3, 2]


def test_greedy_choice_comes_close_to_the_best_of_all_lists() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        values = rng.integers(0, 3, 9).tolist()
        wanted = rng.dirichlet(np.ones(3))
        scores, members = rng.random(9), one_hot(values, 3)

        def worth(
            chosen: tuple[int, ...],
            scores: np.ndarray = scores,
            members: np.ndarray = members,
            wanted: np.ndarray = wanted,
        ) -> float:
            share = 0.99 * members[list(chosen)].mean(axis=0) + 0.01 * wanted
            return float(scores[list(chosen)].sum() - 2.0 * (wanted * np.log(wanted / share)).sum())

        best = max(worth(chosen) for chosen in itertools.combinations(range(9), 4))
        greedy = worth(tuple(calibrated(scores, [Attribute(members, wanted, 2.0)], 4).tolist()))
        assert best - greedy < 0.35


def test_bounds_hold_and_give_way_only_where_nothing_else_is_left() -> None:
    values = np.array([0] * 8 + [1] * 2)
    scores = np.linspace(1.0, 0.1, 10)
    bounds = Bounds(values, np.array([0.6, 0.6]), distinct=2)
    chosen = calibrated(scores, [], 5, bounds)
    assert np.bincount(values[chosen]).tolist() == [3, 2]
    assert chosen.tolist() == [0, 1, 8, 2, 9], "the first three hold two of a value at most"
    assert calibrated(scores, [], 8, bounds).tolist() == [0, 1, 8, 2, 3, 9, 4, 5], "never shorter for its bounds"
    free = np.ones(3)
    three = Bounds(np.array([0, 0, 0, 1, 2]), free, distinct=3)
    assert calibrated(np.linspace(1.0, 0.5, 5), [], 4, three).tolist() == [0, 1, 3, 4]
    too_many = Bounds(values, np.array([0.6, 1.0]), distinct=5)
    assert np.bincount(values[calibrated(scores, [], 5, too_many)]).tolist() == [3, 2], "shares hold without variety"


def test_an_item_of_several_values_adds_its_share_to_each() -> None:
    members = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    chosen = calibrated(np.ones(3), [Attribute(members, np.array([0.5, 0.5]), 1.0)], 2)
    assert chosen.tolist()[0] in {0, 1, 2}
    assert members[chosen].sum(axis=0) == pytest.approx([1.0, 1.0], abs=0.51)


@pytest.mark.parametrize("seed", range(12))
def test_the_kernels_choose_as_their_twins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, sizes = 40, (5, 3)
    codes = np.stack([rng.integers(-1, 5, n), rng.integers(-1, 5, n), 5 + rng.integers(0, 3, n)], axis=1)
    codes = codes.astype(np.int32)
    members = rng.random((n, 3))
    base = np.concatenate([rng.dirichlet(np.ones(size)) for size in sizes])
    base[4] = 0.0
    codes[codes == 4] = -1
    largest = rng.choice([0.2, 0.4, 0.6, 1.0], 6) if seed % 3 else np.empty(0)
    of_row = rng.choice([0.3, 0.6, 1.0], 6)
    found: list[tuple[np.ndarray, ...]] = []
    for module in (calibration_kernels, twins):
        chosen = np.empty(12, dtype=np.int64)
        value_of = np.where(codes[:, 0] >= 0, codes[:, 0], 5).astype(np.int64)
        scores = np.linspace(1.0, 0.0, n)
        module.choose_calibrated(
            scores.copy(), codes, members, base, np.full(8, 0.7), value_of, largest, seed % 5, chosen
        )
        assert len(set(chosen.tolist())) == 12
        found.append((chosen,))
    for module in (row_kernels, twins):
        shares, lifts, wanted, order = np.empty(8), np.empty(8), np.empty(n), np.empty(n, dtype=np.int64)
        weights = np.full(seed, 1.5)
        trait_of = np.repeat(np.arange(2), sizes)
        module.shares_and_lifts(
            np.arange(seed), weights, codes, members, trait_of, base, np.array([1.5, 9.0]), shares, lifts
        )
        rows, counts = np.arange(n)[::-1].copy(), np.empty(8, dtype=np.int64)
        costs = np.where(np.arange(n) % 7 == 0, 1e6, 0.0) if seed % 2 else np.empty(0)
        module.fill_row(
            rows, scores, costs, codes, members, members[::-1].copy(), shares, lifts, 0.4, 0.3, of_row, 3, wanted,
            12, order,
        )  # fmt: skip
        module.count_holders(rows[:seed], codes, np.arange(8), counts)
        found.append((shares, lifts, wanted, order, counts))
    for pair in (found[:2], found[2:]):
        for one, other in zip(*pair, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9)
