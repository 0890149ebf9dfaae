"""An interval that may be watched: it covers at every look, and still finds what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender.evaluation import confidence_sequence


def looks(values: np.ndarray) -> list[int]:
    """Sample sizes at which somebody looks: every few observations, and always at the end."""
    return [*range(20, len(values), 15), len(values)]


def test_watching_differences_around_zero_raises_few_false_alarms() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(300):
        values = rng.choice([-2, -1, 0, 1, 2], 1500, p=[0.05, 0.25, 0.4, 0.25, 0.05]).astype(float)
        alarms += any(
            not found.low <= 0.0 <= found.high for found in (confidence_sequence(values[:n]) for n in looks(values))
        )
    assert alarms / 300 <= 0.05


def test_a_true_difference_is_found_soon() -> None:
    rng = np.random.default_rng(3)
    found_at = []
    for _ in range(50):
        values = rng.normal(0.4, 1.0, 2000)
        found_at.append(next(n for n in looks(values) if confidence_sequence(values[:n]).low > 0.0))
    assert np.median(found_at) <= 120


def test_the_formula_at_one_point() -> None:
    values = np.tile([1.0, -1.0], 100)
    rho_squared = (5.991464547 + np.log(6.991464547)) / 200
    grown = 200 * rho_squared + 1
    half = np.sqrt(values.var(ddof=1) + 1.0 / 200) * np.sqrt(
        2 * grown / (200**2 * rho_squared) * np.log(np.sqrt(grown) / 0.05)
    )
    found = confidence_sequence(values)
    assert (found.mean, found.low, found.high) == pytest.approx((0.0, -half, half))


@pytest.mark.parametrize("value", [0.0, 1.0, -250.0])
def test_observations_that_all_agree_are_no_certainty(value: float) -> None:
    widths = [found.high - found.low for found in (confidence_sequence([value] * count) for count in (20, 200, 2000))]
    assert widths[0] > 5 * widths[1] > 25 * widths[2] > 0.0
    agreed = confidence_sequence([value] * 20)
    assert agreed.low <= value <= agreed.high
    assert agreed.high - agreed.low > 0.3 * (abs(value) or 1.0)


def test_few_observations_say_nothing() -> None:
    found = confidence_sequence([5.0] * 19)
    assert (found.mean, found.low, found.high) == (5.0, -np.inf, np.inf)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "at least 1"),
        (([np.nan],), "finite"),
        (([1e308, -1e308] * 20,), r"at most 1e\+50"),
        (([1.0], 1.0), "confidence must be"),
        (([1.0], 0.9, 0), "tuned_for must be"),
    ],
)
def test_misuse_is_named(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        confidence_sequence(*arguments)
