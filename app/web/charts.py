"""What the dashboard's charts draw: plain specs that charts.js reads from the page, beside a table of the same figures.

A spec has x {label, format, values}, y {format, zero} and series {label, tone, values, low, high, marks, dash}, one
value for each x, None where a series has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from app.measure.overview import Estimate, ModelRow
from app.measure.ratio import Rate
from app.measure.windows import WindowClicks

Spec = dict[str, Any]
MOST_POINTS = 24
"""Points of a chart of windows; more windows are pooled, so that chance does not hide the course."""
FULL_FITS = frozenset({"fit", "refit"})


def quality_chart(rows: Sequence[ModelRow]) -> Spec | None:
    """NDCG@10 by the events that a version has seen: published ones as a line with its interval, popularity beside it,
    full retrainings and refused candidates marked. None without a measured version. rows: newest first."""
    measured = sorted((row for row in rows if row.ndcg), key=lambda row: (row.model.watermark, row.model.version))
    if not measured:
        return None
    refused = [row.model.state == "refused" for row in measured]
    published = [None if out else row.ndcg for row, out in zip(measured, refused, strict=True)]
    full = [
        estimate.value if estimate and row.model.kind in FULL_FITS else None
        for row, estimate in zip(measured, published, strict=True)
    ]
    out = [row.ndcg.value if row.ndcg and out else None for row, out in zip(measured, refused, strict=True)]
    series = [
        _banded("Model", "accent", published),
        _banded("Popularity", "line-strong", [row.popularity_ndcg for row in measured], dash=True),
        _marked("Retrained in full", "good", full),
        _marked("Refused", "bad", out),
    ]
    return {
        "x": {"label": "Event", "format": "count", "values": [row.model.watermark for row in measured]},
        "y": {"format": "figure", "zero": True},
        "series": [curve for curve in series if any(value is not None for value in curve["values"])],
        "notes": [f"version {row.model.version}, {row.model.kind}, {row.model.state}" for row in measured],
    }


def click_chart(windows: Sequence[WindowClicks], origin: str) -> Spec | None:
    """Click-through of treatment and control by window. None before anything was seen."""
    chosen = [window for window in windows if window.origin == origin and window.click_through.value is not None]
    if not chosen:
        return None
    numbers = sorted({window.number for window in chosen})
    size = -(-len(numbers) // MOST_POINTS)
    group = {number: index // size for index, number in enumerate(numbers)}
    ends = [max(w.last_seq for w in chosen if group[w.number] == index) for index in range(group[numbers[-1]] + 1)]
    at: dict[tuple[int, str], list[Rate]] = {}
    for window in chosen:
        at.setdefault((group[window.number], window.arm), []).append(window.click_through)
    arms = (("Treatment", "accent", "treatment"), ("Control", "line-strong", "control"))
    return {
        "x": {"label": "Up to event", "format": "count", "values": ends},
        "y": {"format": "percent", "zero": True},
        "series": [
            _banded(
                label, tone, [pooled(at.get((index, arm), ())) for index in range(len(ends))], dash=arm == "control"
            )
            for label, tone, arm in arms
        ],
        "notes": [],
    }


def pooled(rates: Sequence[Rate]) -> Estimate | None:
    """One rate of several windows: R = Σy / Σx, with its interval as if no visitor came in two of them; None of none.

    var(R) = Σ (x_w / Σx)² var(R_w), so half-widths add up as squares, weighted by what was seen. A window without an
    interval (one visitor) leaves the pool without one, drawn as a point.
    """
    seen = sum(rate.denominator for rate in rates)
    if not seen:
        return None
    value = sum(rate.numerator for rate in rates) / seen
    if any(rate.bounds is None for rate in rates):
        return Estimate(value, value, value)
    sides = [
        (weight * (rate.value - rate.bounds.low), weight * (rate.bounds.high - rate.value))
        for rate in rates
        if rate.bounds is not None and rate.value is not None
        for weight in (rate.denominator / seen,)
    ]
    below, above = math.hypot(*(side[0] for side in sides)), math.hypot(*(side[1] for side in sides))
    return Estimate(value, max(0.0, value - below), value + above)


def _banded(label: str, tone: str, estimates: Sequence[Estimate | None], dash: bool = False) -> Spec:
    return {
        "label": label,
        "tone": tone,
        "dash": dash,
        "marks": False,
        "values": [None if estimate is None else estimate.value for estimate in estimates],
        "low": [None if estimate is None else estimate.low for estimate in estimates],
        "high": [None if estimate is None else estimate.high for estimate in estimates],
    }


def _marked(label: str, tone: str, values: Sequence[float | None]) -> Spec:
    return {"label": label, "tone": tone, "dash": False, "marks": True, "values": list(values)}
