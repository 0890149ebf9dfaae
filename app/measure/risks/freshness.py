"""Freshness: how far the model in use is behind what visitors do, and behind what a refit would know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.measure.risks.reading import Measurement
from app.visitors.unlearned import Unlearned

NO_MODEL = Measurement(None, "No model is in use.")


def model_age(watermark: int | None, waiting: Unlearned, now: float) -> Measurement:
    """Hours that the oldest event that would train has been waiting. now: Unix seconds."""
    if watermark is None:
        return NO_MODEL
    if waiting.since is None:
        return Measurement(0.0, "The model in use has learned from every event that trains.")
    return Measurement(max(0.0, now - waiting.since) / 3600.0, f"Events after {watermark:,} wait.")


def event_lag(watermark: int | None, waiting: Unlearned, last_seq: int) -> Measurement:
    """What the events after the watermark of the model in use change of what trains."""
    if watermark is None:
        return NO_MODEL
    after = max(0, last_seq - watermark)
    said = f"Learned up to {watermark:,} of {last_seq:,}."
    if waiting.changes < after:
        said = f"{said} Of the others, impressions above all, {after - waiting.changes:,} train nothing."
    return Measurement(float(waiting.changes), said)


def update_drift(version: int | None, drift: Mapping[str, Any]) -> Measurement:
    """What the newest refit said of the updates before it; see `app.learn.update_drift`."""
    if version is None or not drift:
        return Measurement(None, "No refit has followed updates yet.")
    gained = drift["gained"]
    return Measurement(
        float(drift["short"]),
        f"Refit {version}: rank gain {drift['refitted']['mean']:.4f} after {drift['updated']['mean']:.4f} "
        f"({gained['low']:+.4f} to {gained['high']:+.4f}); Gram drift {drift['gram_drift']:.2f}.",
    )
