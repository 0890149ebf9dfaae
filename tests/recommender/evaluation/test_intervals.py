"""Paired intervals: the truth is inside as often as promised, and groups are drawn whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender.evaluation import Interval, paired_interval


@pytest.mark.parametrize("difference", [0.0, 0.1, -3.0])
def test_cases_that_all_agree_are_no_certainty_and_many_are_nearly_one(difference: float) -> None:
    widths = []
    for cases in (2, 50, 5000):
        found = paired_interval(np.full(cases, 1.0 + difference), np.ones(cases))
        assert found.mean == pytest.approx(difference)
        assert found.high - found.mean == pytest.approx(found.mean - found.low)
        widths.append(found.high - found.low)
    assert widths[0] > 20 * widths[1] > 20 * 50 * widths[2] > 0.0


def test_one_case_that_differs_from_all_others_says_little() -> None:
    values = np.full(300, 0.1)
    values[7] = 0.6
    found = paired_interval(values, np.zeros(300))
    assert found.high - found.low > 0.02


def test_values_of_any_size_have_the_interval_of_their_unit() -> None:
    values = np.random.default_rng(6).normal(0.3, 1.0, 40)
    plain = paired_interval(values, np.zeros(40))
    for unit in (1e-120, 1e48):
        found = paired_interval(values * unit, np.zeros(40))
        assert (found.low / unit, found.high / unit) == pytest.approx((plain.low, plain.high))


def test_few_groups_are_covered_as_often_as_promised() -> None:
    rng = np.random.default_rng(5)
    held = sum(
        found.low <= 0.3 <= found.high
        for found in (paired_interval(rng.normal(0.3, 1.0, 8), np.zeros(8), seed=seed) for seed in range(300))
    )
    assert held / 300 >= 0.93


def test_the_same_seed_gives_the_same_interval() -> None:
    a, b = np.random.default_rng(0).random((2, 80))
    assert paired_interval(a, b, seed=3) == paired_interval(a, b, seed=3)
    assert paired_interval(a, b, seed=3) != paired_interval(a, b, seed=4)


def test_the_interval_holds_the_truth_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for seed in range(60):
        interval = paired_interval(rng.normal(0.3, 1.0, size=150), np.zeros(150), confidence=0.9, seed=seed)
        held += interval.low <= 0.3 <= interval.high
    assert 47 <= held <= 60


def test_cases_of_one_user_count_as_one_opinion() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(30), 20).tolist()
    values = np.repeat(rng.normal(size=30), 20)
    alone, grouped = paired_interval(values, np.zeros(600)), paired_interval(values, np.zeros(600), groups=groups)
    assert grouped.mean == pytest.approx(alone.mean)
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)


def test_one_group_alone_tells_nothing() -> None:
    assert paired_interval([1.0, 2.0], [0.0, 0.0], groups=["a", "a"]) == Interval(1.5, -np.inf, np.inf)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "at least 1"),
        (([1.0], [1.0, 2.0]), "a and b must be two lists of the same length"),
        (([1.0], [float("nan")]), "finite"),
        (([1e308, 0.0], [0.0, 0.0]), r"differ by at most 1e\+50"),
        (([1.0] * 3, [0.0] * 3, np.full(3, np.nan).tolist()), "got nan at 0"),
        (([1.0], [1.0], ["a", "b"]), "groups must name a group"),
        (([1.0], [1.0], None, 1.0), "confidence must be between 0 and 1"),
    ],
)
def test_misuse_is_named(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        paired_interval(*arguments)


def test_the_interval_of_skew_values_holds_their_mean_at_a_low_confidence() -> None:
    found = paired_interval([10.0**power for power in range(20)], [0.0] * 20, confidence=0.01)
    assert found.low <= found.mean <= found.high
