"""The one value for a figure and its interval."""

from __future__ import annotations

import math

import pytest
from scipy.stats import norm

from app.values.interval import CONFIDENCE, Z_95, Interval, measured_interval


@pytest.mark.parametrize("ends", [(0.3, 0.4), (0.1, 0.2), (0.4, 0.1), (math.inf, -math.inf)])
def test_an_interval_holds_its_figure(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"an interval holds its figure; got 0\.25"):
        Interval(0.25, *ends)


def test_an_interval_may_be_without_end_or_without_width() -> None:
    assert Interval(0.25, -math.inf, math.inf).low == -math.inf
    assert Interval(0.25, 0.25, 0.25).error == 0.0


def test_the_z_value_is_that_of_the_confidence() -> None:
    assert float(norm.ppf((1 + CONFIDENCE) / 2)) == pytest.approx(Z_95, rel=1e-15)
    assert Interval(5.0, 5.0 - 2 * Z_95, 5.0 + 2 * Z_95).error == pytest.approx(2.0)


def test_a_figure_that_the_gate_did_not_measure_is_none() -> None:
    metrics = {"candidate": {"mean": 0.2, "low": 0.1, "high": 0.3}, "champion": None}
    assert measured_interval(metrics, "candidate") == Interval(0.2, 0.1, 0.3)
    assert measured_interval(metrics, "champion") is None
    assert measured_interval(metrics, "popularity") is None
