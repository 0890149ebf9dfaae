"""States follow thresholds, trends say which way is worse, and what is not known is not called well."""

from __future__ import annotations

import pytest

from app.measure.governance.usecase import RiskIndicator, load_use_case
from app.measure.risks.reading import Measurement, Point, read, state_of, trend_of

LAG = RiskIndicator("lag", "d", "events", 10.0, 20.0, "above", "engineering", "Look.")
COVERAGE = RiskIndicator("coverage", "d", "share", 0.4, 0.3, "below", "catalog", "Look.")


@pytest.mark.parametrize(
    ("indicator", "value", "state"),
    [
        (LAG, 10.0, "ok"),
        (LAG, 10.1, "watch"),
        (LAG, 20.1, "alarm"),
        (COVERAGE, 0.4, "ok"),
        (COVERAGE, 0.39, "watch"),
        (COVERAGE, 0.29, "alarm"),
        (LAG, None, "unknown"),
    ],
)
def test_a_value_past_a_threshold_has_its_state(indicator: RiskIndicator, value: float | None, state: str) -> None:
    assert state_of(indicator, value) == state


def test_a_trend_is_worse_where_it_nears_the_alarm_and_one_odd_reading_makes_none() -> None:
    rising = [Point(60.0 * n, float(n)) for n in range(20)]
    trend = trend_of(LAG, rising)
    assert trend is not None
    assert (trend.per_hour, trend.direction, trend.readings) == (pytest.approx(60.0), "worse", 20)
    towards = trend_of(COVERAGE, rising)
    assert towards is not None
    assert towards.direction == "better"
    odd = [Point(60.0 * n, 100.0 if n == 19 else 1.0) for n in range(20)]
    steady = trend_of(LAG, odd)
    assert steady is not None
    assert steady.direction == "steady"
    assert trend_of(LAG, rising[:4]) is None
    assert trend_of(LAG, [rising[0]] * 9) is None
    still = trend_of(LAG, [Point(60.0 * n, 3.0) for n in range(9)])
    assert still is not None
    assert (still.per_hour, still.direction) == (0.0, "steady")


def test_every_indicator_has_a_reading_even_if_nothing_was_measured() -> None:
    lag, coverage = read([LAG, COVERAGE], {"lag": Measurement(12.0, "n")}, {}, 5.0)
    assert (lag.state, lag.value, lag.note, lag.trend) == ("watch", 12.0, "n", None)
    assert (coverage.state, coverage.value) == ("unknown", None)


def test_every_risk_has_two_thresholds_an_owner_and_something_to_do() -> None:
    use_case = load_use_case()
    assert len(use_case.risk_indicators) == 18
    assert all(risk.what_to_do and risk.definition and risk.unit for risk in use_case.risk_indicators)
