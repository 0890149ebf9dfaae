"""What the dashboard's charts draw: plain specs that charts.js reads from the page, beside a table of the same figures.

A spec has x {label, format, values}, y {format, zero} and series {label, tone, values, low, high, marks, dash}, one
value for each x, None where a series has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.measure.overview import Estimate, ModelRow

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
