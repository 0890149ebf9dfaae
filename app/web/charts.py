"""What the dashboard's charts draw: plain specs that charts.js reads from the page, beside a table of the same figures.

A spec has x {label, format, values}, y {format, zero} and series {label, tone, values, low, high, marks, dash}, one
value for each x, None where a series has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.measure.overview import Estimate, ModelRow
from app.measure.ratio import Rate
from app.measure.windows import WindowClicks

Spec = dict[str, Any]
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
    ends = sorted({window.last_seq for window in chosen})
    at = {(window.last_seq, window.arm): window.click_through for window in chosen}
    arms = (("Treatment", "accent", "treatment"), ("Control", "line-strong", "control"))
    return {
        "x": {"label": "Up to event", "format": "count", "values": ends},
        "y": {"format": "percent", "zero": True},
        "series": [
            _banded(label, tone, [_estimate(at.get((end, arm))) for end in ends], dash=arm == "control")
            for label, tone, arm in arms
        ],
        "notes": [],
    }


def _estimate(found: Rate | None) -> Estimate | None:
    if found is None or found.value is None:
        return None
    low, high = (found.bounds.low, found.bounds.high) if found.bounds else (found.value, found.value)
    return Estimate(found.value, low, high)


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
