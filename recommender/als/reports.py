"""What a trainer says about what it has learned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FitReport:
    """What a full fit learned from, and how long it took."""

    rows: int
    users: int
    items: int
    sweeps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update learned from and touched, how long it took, and how far updates have led by now.

    drift: |G - G0| / |G0|, Frobenius, with G the Gram matrix of the item factors and G0 that of the last full fit; 0
    right after a fit. What updates leave alone was solved against G0, so that a large drift says that it is stale.
    """

    rows: int
    touched_users: int
    touched_items: int
    new_users: int
    new_items: int
    seconds: float
    drift: float
