"""Freshness: how far the model in use is behind what visitors do, and behind what a refit would know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.measure.risks.reading import Measurement

NO_MODEL = Measurement(None, "No model is in use.")


def model_age(watermark: int | None, waiting_since: float | None, now: float) -> Measurement:
    """Hours that the oldest event after the watermark has been waiting. Times in Unix seconds."""
    if watermark is None:
        return NO_MODEL
    if waiting_since is None:
        return Measurement(0.0, "The model in use has learned from every event.")
    return Measurement(max(0.0, now - waiting_since) / 3600.0, f"Events after {watermark:,} wait.")


def event_lag(watermark: int | None, last_seq: int) -> Measurement:
    """Events after the watermark of the model in use."""
    if watermark is None:
        return NO_MODEL
    return Measurement(float(max(0, last_seq - watermark)), f"Learned up to {watermark:,} of {last_seq:,}.")


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
