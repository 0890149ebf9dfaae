"""A calibrated list has the shares it was asked for, as far as scores and bounds allow."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from recommender.reranking import calibration_kernels
from recommender.reranking.calibration import Attribute, Bounds, calibrated
from recommender.reranking.calibration_kernels import MIXED_IN


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
    bounds = Bounds(values, np.array([3, 3]), distinct=2)
    chosen = calibrated(scores, [], 5, bounds)
    assert np.bincount(values[chosen]).tolist() == [3, 2]
    assert chosen.tolist() == [0, 1, 2, 8, 9]
    assert calibrated(scores, [], 7, bounds).tolist() == [0, 1, 2, 8, 9, 3, 4], "a list is never shorter for its bounds"
    three = Bounds(np.array([0, 0, 0, 1, 2]), np.array([9, 9, 9]), distinct=3)
    assert calibrated(np.linspace(1.0, 0.5, 5), [], 4, three).tolist() == [0, 1, 3, 4]


def test_an_item_of_several_values_adds_its_share_to_each() -> None:
    members = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    chosen = calibrated(np.ones(3), [Attribute(members, np.array([0.5, 0.5]), 1.0)], 2)
    assert chosen.tolist()[0] in {0, 1, 2}
    assert members[chosen].sum(axis=0) == pytest.approx([1.0, 1.0], abs=0.51)


def choose_calibrated(
    worth: np.ndarray,
    members: np.ndarray,
    wanted: np.ndarray,
    weights: np.ndarray,
    value_of: np.ndarray,
    largest: np.ndarray,
    distinct: int,
    chosen: np.ndarray,
) -> None:
    """`calibration_kernels.choose_calibrated` in NumPy."""
    count, entries, size = np.zeros(len(wanted)), np.zeros(len(largest), dtype=np.int64), len(chosen)
    for place in range(size):
        had = count * ((1.0 - MIXED_IN) / (place + 1)) + MIXED_IN * wanted
        gain = worth + members @ (weights * wanted * np.log1p((1.0 - MIXED_IN) / (place + 1) / had))
        if len(largest):
            open_values = entries < largest
            if size - place <= distinct - np.count_nonzero(entries):
                open_values &= entries == 0
            allowed = open_values[value_of] & (worth > -np.inf)
            if allowed.any():
                gain[~allowed] = -np.inf
        best = int(gain.argmax())
        chosen[place] = best
        worth[best] = -np.inf
        count += members[best]
        if len(largest):
            entries[value_of[best]] += 1


@pytest.mark.parametrize("seed", range(12))
def test_the_kernel_chooses_as_its_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, values = 40, 5
    value_of = rng.integers(0, values, n)
    members = np.concatenate([np.eye(values)[value_of], np.eye(3)[rng.integers(0, 3, n)]], axis=1)
    wanted, weights = np.concatenate([rng.dirichlet(np.ones(values)), rng.dirichlet(np.ones(3))]), rng.random(8)
    largest = rng.integers(1, 4, values) if seed % 3 else np.empty(0, dtype=np.int64)
    scores = rng.random(n)
    found, expected = np.empty((2, 12), dtype=np.int64)
    for choose, chosen in ((calibration_kernels.choose_calibrated, found), (choose_calibrated, expected)):
        choose(scores.copy(), members, wanted, weights, value_of, largest, seed % 5, chosen)
    assert found.tolist() == expected.tolist()
    assert len(set(found.tolist())) == 12
