"""What the dashboard's charts draw: plain specs that charts.js reads from the page, beside a table of the same figures.

A spec has x {label, format, values}, y {format, zero} and series {label, tone, values, low, high, marks, dash}, one
value for each x, None where a series has none; and changes {number, at}, lines across the chart that words beside it
tell of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from app.measure.dashboard.growth import GrowthCurve, ModelPoint, OnlinePoint
from app.values.interval import Interval

Spec = dict[str, Any]


def quality_chart(curve: GrowthCurve) -> Spec | None:
    """Rank gain by the events that had come when a version came to serve, or was refused: published ones as a line
    with its interval, popularity beside, full retrainings and refused candidates marked, and where the kind of model
    that serves changed. None without a measured version; of those who sat another exam than the newest, and of a bent
    one, only the table tells.
    """
    points = sorted(curve.comparable, key=_place)
    if not points:
        return None
    used = [point.quality if point.published else None for point in points]
    again = [point.quality.value if point.quality and point.published and point.retrained else None for point in points]
    refused = [point.quality.value if point.quality and point.state == "refused" else None for point in points]
    series = [
        _banded("Model", "accent", used),
        _banded("Popularity", "line-strong", [point.popularity for point in points], dash=True),
        _marked("Retrained in full", "good", again),
        _marked("Refused", "bad", refused),
    ]
    return {
        "x": {"label": "Event", "format": "count", "values": [_place(point)[0] for point in points]},
        "y": {"format": "figure", "zero": True},
        "series": [curve for curve in series if any(value is not None for value in curve["values"])],
        "notes": [f"version {p.version}, {p.model_kind}, {p.kind}, {p.state}" for p in points],
        "changes": [
            {"number": change.number, "at": change.events}
            for change in curve.changes
            if change.events >= _place(points[0])[0]
        ],
    }


def _place(point: ModelPoint) -> tuple[int, int, int]:
    """Where a point stands; of two at one event the one that was made of fewer comes last: it won a trial meanwhile."""
    return point.served_from or point.events, -point.events, point.version


def click_chart(curve: GrowthCurve, origin: str) -> Spec | None:
    """Click-through of treatment and control along the events. None before anything was seen."""
    lines = {arm: {point.last_seq: point for point in curve.line(origin, arm)} for arm in ("treatment", "control")}
    ends = sorted({end for line in lines.values() for end in line})
    if not ends:
        return None
    return {
        "x": {"label": "Up to event", "format": "count", "values": ends},
        "y": {"format": "percent", "zero": True},
        "series": [
            _banded("Treatment", "accent", [_rate(lines["treatment"].get(end)) for end in ends]),
            _banded("Control", "line-strong", [_rate(lines["control"].get(end)) for end in ends], dash=True),
        ],
        "notes": [],
        "changes": [],
    }


def _rate(point: OnlinePoint | None) -> Interval | None:
    if point is None or point.rate is None:
        return None
    return point.interval or Interval(point.rate, -math.inf, math.inf)


def _banded(label: str, tone: str, estimates: Sequence[Interval | None], dash: bool = False) -> Spec:
    return {
        "label": label,
        "tone": tone,
        "dash": dash,
        "marks": False,
        "values": [None if estimate is None else estimate.value for estimate in estimates],
        "low": [None if estimate is None else _end(estimate.low) for estimate in estimates],
        "high": [None if estimate is None else _end(estimate.high) for estimate in estimates],
    }


def _end(bound: float) -> float | None:
    """An end of an interval; None where it has none, which JSON cannot say otherwise."""
    return bound if math.isfinite(bound) else None


def _marked(label: str, tone: str, values: Sequence[float | None]) -> Spec:
    return {"label": label, "tone": tone, "dash": False, "marks": True, "values": list(values)}
