"""What the charts draw."""

from __future__ import annotations

import pytest

from app.measure.ratio import Bounds, Rate
from app.measure.windows import WindowClicks
from app.web.charts import MOST_POINTS, click_chart, pooled


def _rate(clicks: int, seen: int, half: float | None = 0.1) -> Rate:
    value = clicks / seen
    return Rate(value, None if half is None else Bounds(value - half, value + half), clicks, seen, 5)


def _window(number: int, arm: str, rate: Rate, origin: str = "simulated") -> WindowClicks:
    first = 1_000 * number + 1
    return WindowClicks(number, first, first + 999, 0.0, 1.0, True, origin, arm, rate)


def test_windows_are_pooled_by_what_was_seen_in_them() -> None:
    found = pooled([_rate(10, 100), _rate(60, 300)])
    assert found is not None
    assert found.value == pytest.approx(70 / 400)
    assert found.high - found.value == pytest.approx(0.1 * (0.25**2 + 0.75**2) ** 0.5)
    assert found.low < found.value


def test_a_window_of_one_visitor_leaves_its_pool_without_an_interval() -> None:
    found = pooled([_rate(10, 100), _rate(1, 2, half=None)])
    assert found is not None
    assert found.low == found.value == found.high
    assert pooled([]) is None


def test_a_long_course_has_few_points_and_loses_no_click() -> None:
    windows = [_window(n, arm, _rate(n % 7, 50)) for n in range(100) for arm in ("control", "treatment")]
    spec = click_chart(windows, "simulated")
    assert spec is not None
    assert len(spec["x"]["values"]) <= MOST_POINTS
    assert spec["x"]["values"][-1] == 100_000
    assert spec["x"]["values"] == sorted(set(spec["x"]["values"]))
    assert all(len(curve["values"]) == len(spec["x"]["values"]) for curve in spec["series"])


def test_other_origins_are_left_out_and_an_arm_may_miss_a_window() -> None:
    windows = [_window(0, "treatment", _rate(1, 10)), _window(1, "control", _rate(9, 10), origin="real")]
    spec = click_chart(windows, "simulated")
    assert spec is not None
    assert [curve["values"] for curve in spec["series"]] == [[0.1], [None]]
    assert click_chart(windows, "imported") is None
