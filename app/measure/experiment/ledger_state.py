"""What the ledger adds up to: sums of each arm, and windows of events."""

from __future__ import annotations

from dataclasses import dataclass

from app.measure.experiment.ratio import Moments
from app.measure.experiment.windows import WindowClicks


@dataclass(frozen=True, slots=True)
class ArmTotals:
    """One arm of one origin.

    moments: over the exposed visitors who were assigned by the rule in force. slates: served to them. exposed: exposed
    visitors that were put here, those included who chose an arm later and are left out of `moments`; chose: how many
    those are. seen_before: visitors in `moments` who have a pre-period.
    """

    origin: str
    arm: str
    moments: Moments
    slates: int
    exposed: int
    chose: int
    seen_before: int


@dataclass(frozen=True, slots=True)
class LedgerState:
    """The ledger as it stands.

    last_seq: newest event counted. arms: by origin, then arm; windows: oldest first. assigned_since: Unix seconds from
    which on visitors were assigned by the rule in force, 0 for from the beginning.
    """

    last_seq: int
    arms: tuple[ArmTotals, ...]
    windows: tuple[WindowClicks, ...]
    assigned_since: float = 0.0

    def arm(self, origin: str, arm: str) -> ArmTotals | None:
        """The totals of one arm, or None when nobody of this origin is in it."""
        return next((totals for totals in self.arms if (totals.origin, totals.arm) == (origin, arm)), None)
