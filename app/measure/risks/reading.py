"""A reading of one risk indicator: its value, whether it is past a threshold, and which way it is going."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import theilslopes

from app.measure.governance.usecase import RiskIndicator
from app.values.interval import CONFIDENCE

STATES = ("alarm", "watch", "unknown", "ok")
"""From the worst to the best."""
TREND_S = 3600.0
TREND_READINGS = 120
_MIN_READINGS = 5


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of one indicator. value: None when it cannot be told; note: why, or what it was counted on."""

    value: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Point:
    """One stored reading, for a chart. at: Unix seconds."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Where the readings of the last hour go.

    per_hour: change of the value in an hour (Theil-Sen slope). low, high: its 95 % interval. readings: behind it.
    direction: ``worse`` or ``better`` when the interval leaves 0 out, else ``steady``.
    """

    per_hour: float
    low: float
    high: float
    readings: int
    direction: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One indicator as it stands.

    indicator: definition, unit, thresholds, owner and what to do. value: in its unit, None when it is not known.
    state: ``ok``, ``watch``, ``alarm`` or ``unknown``. note: what the value was counted on, or why it is not known.
    measured_at: Unix seconds. trend: None with fewer than five readings. points: the readings behind it, oldest first.
    """

    indicator: RiskIndicator
    value: float | None
    state: str
    note: str
    measured_at: float
    trend: Trend | None
    points: tuple[Point, ...]


def state_of(indicator: RiskIndicator, value: float | None) -> str:
    """The state of a value: a threshold that is reached but not passed is not yet worse."""
    if value is None:
        return "unknown"
    sign = 1 if indicator.alarm == "above" else -1
    if sign * value > sign * indicator.threshold:
        return "alarm"
    return "watch" if sign * value > sign * indicator.watch else "ok"


def trend_of(indicator: RiskIndicator, points: Sequence[Point]) -> Trend | None:
    """The trend of readings, oldest first: Theil-Sen, so that one odd reading does not make it (Sen, 1968)."""
    by_time = {point.at: point.value for point in points}
    if len(by_time) < _MIN_READINGS:
        return None
    if len(set(by_time.values())) == 1:
        return Trend(0.0, 0.0, 0.0, len(by_time), "steady")
    hours = [(at - points[0].at) / 3600.0 for at in by_time]
    slope, _, low, high = theilslopes(list(by_time.values()), hours, CONFIDENCE)
    rises, falls = low > 0, high < 0
    worse = rises if indicator.alarm == "above" else falls
    direction = "worse" if worse else "better" if rises or falls else "steady"
    return Trend(float(slope), float(low), float(high), len(by_time), direction)


def read(
    indicators: Sequence[RiskIndicator],
    measured: Mapping[str, Measurement],
    points: Mapping[str, Sequence[Point]],
    measured_at: float,
) -> tuple[Reading, ...]:
    """One reading of every indicator, in the order of the use case; `points` by name, oldest first."""
    found = []
    for indicator in indicators:
        now = measured.get(indicator.name, Measurement(None, "It has not been measured yet."))
        past = tuple(points.get(indicator.name, ()))
        trend = trend_of(indicator, past)
        found.append(Reading(indicator, now.value, state_of(indicator, now.value), now.note, measured_at, trend, past))
    return tuple(found)
