"""How much traffic the proof sends, and the settings of the two models that it compares."""

from __future__ import annotations

from dataclasses import dataclass

WEAK = {"factors": 2, "attribute_weight": 0.0, "transition_weight": 0.0, "second_stage": False}
"""Settings of the first model: good enough to pass the gate, with room for a challenger."""

STRONG = {"factors": 32, "attribute_weight": 1.0, "transition_weight": 0.25, "second_stage": True}
"""What the challenger changes."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much traffic the acts send.

    stages: visitors in all at the end of each growth stage. misassigned: more than half of the largest window that the
    test of the split looks at (999 visitors), because a test that is right at every look asks for that much
    of a small control arm; a larger one is missed sooner.
    control_share: of visitors in the control arm; more where few come, so that the lift has an interval to speak of.
    """

    stages: tuple[int, ...] = (200, 2_000, 20_000)
    returning: int = 14_000
    trial_visitors: int = 500
    trial_rounds: int = 18
    outage: int = 100
    misassigned: int = 700
    bots: int = 120
    last_returns: int = 2_000
    control_share: float = 0.1


QUICK = Sizes(
    stages=(100, 1_000, 2_000),
    returning=2_000,
    trial_visitors=500,
    trial_rounds=18,
    misassigned=200,
    bots=60,
    control_share=0.3,
)
