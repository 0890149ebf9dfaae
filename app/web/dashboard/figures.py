"""How numbers are written on the dashboard: as counts, shares, quality figures, times, or places on a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

DASH = "–"


@dataclass(frozen=True, slots=True)
class Span:
    """An interval drawn on a line of 0 to 100: where it starts, ends and has its middle."""

    low: float
    high: float
    middle: float


def count(number: float) -> str:
    """A whole number with separators for thousands."""
    return f"{number:,.0f}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage; a dash when there is none."""
    return _told(share) or f"{100 * (share or 0.0):.{digits}f} %"


def signed_percent(share: float | None, digits: int = 1) -> str:
    """A change as a percentage with its sign; a dash when there is none."""
    return _told(share) or f"{100 * (share or 0.0):+.{digits}f} %".replace("-", "−")


def figure(value: float | None, digits: int = 3) -> str:
    """A quality figure; a dash when there is none."""
    return _told(value) or f"{value or 0.0:.{digits}f}".replace("-", "−")


def _told(value: float | None) -> str | None:
    """What stands in place of a number that is none: a dash, or ∞ for the end of an interval that has no end."""
    if value is None or math.isnan(value):
        return DASH
    return None if math.isfinite(value) else "∞" if value > 0 else "−∞"


def p_value(value: float | None) -> str:
    """A p-value with as many digits as mean something."""
    return DASH if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def in_unit(value: float | None, unit: str) -> str:
    """A reading in its unit: shares as percentages, counts and times with separators, the rest as they are."""
    if value is None:
        return DASH
    if unit == "share":
        return percent(value)
    if unit == "p":
        return p_value(value)
    if unit in {"events", "ms"}:
        return f"{count(value)} {unit}"
    return f"{value:.2f} {unit}".replace("-", "−") if unit in {"hours"} else figure(value, 2)


def duration(seconds: float) -> str:
    """A length of time in its largest sensible unit."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    number = max(0, int(seconds))
    return f"{number} second{'s' if number != 1 else ''}"


def moment(at: float | None) -> str:
    """A moment as day and minute, UTC; a dash when there is none."""
    return DASH if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def in_metric(value: float | None, metric: str) -> str:
    """A value of a hypothesis' metric: differences to something else as percentages, quality as a figure."""
    return signed_percent(value) if " over " in metric else figure(value)


def day(at: float) -> str:
    """The day of a moment, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def clock(at: float) -> str:
    """A moment as hour, minute and second, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def span(low: float | None, value: float | None, high: float | None, minimum: float, maximum: float) -> Span | None:
    """Where an interval stands on a line from `minimum` to `maximum`; None when there is nothing to draw."""
    if value is None or maximum <= minimum:
        return None

    def place(number: float) -> float:
        return round(100 * max(0.0, min(1.0, (number - minimum) / (maximum - minimum))), 2)

    return Span(place(value if low is None else low), place(value if high is None else high), place(value))


def polyline(values: Sequence[float], width: float, height: float) -> str:
    """Points of a line through the values, oldest left, lowest at the bottom; in the middle when all are alike."""
    if not values:
        return ""
    low, high = min(values), max(values)
    step = width / max(1, len(values) - 1)
    heights = [height / 2 if high == low else height - height * (value - low) / (high - low) for value in values]
    return " ".join(f"{step * index:.1f},{at:.1f}" for index, at in enumerate(heights))
