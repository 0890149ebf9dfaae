"""Freshness: how far the model in use is behind what visitors do, and behind what a refit would know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.measure.risks.reading import Measured

NO_MODEL = Measured(None, "No model is in use.")


def model_age(watermark: int | None, waiting_since: float | None, now: float) -> Measured:
    """Hours that the oldest event after the watermark has been waiting. Times in Unix seconds."""
    if watermark is None:
        return NO_MODEL
    if waiting_since is None:
        return Measured(0.0, "The model in use has learned from every event.")
    return Measured(max(0.0, now - waiting_since) / 3600.0, f"Events after {watermark:,} wait.")


def event_lag(watermark: int | None, last_seq: int) -> Measured:
    """Events after the watermark of the model in use."""
    if watermark is None:
        return NO_MODEL
    return Measured(float(max(0, last_seq - watermark)), f"Learned up to {watermark:,} of {last_seq:,}.")


def update_drift(version: int | None, drift: Mapping[str, Any]) -> Measured:
    """What the newest refit said of the updates before it; see `app.learn.update_drift`."""
    if version is None or not drift:
        return Measured(None, "No refit has followed updates yet.")
    gained = drift["gained"]
    return Measured(
        float(drift["short"]),
        f"Refit {version}: NDCG@10 {drift['refitted']['mean']:.4f} after {drift['updated']['mean']:.4f} "
        f"({gained['low']:+.4f} to {gained['high']:+.4f}); Gram drift {drift['gram_drift']:.2f}.",
    )
