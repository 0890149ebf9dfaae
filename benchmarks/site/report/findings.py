"""Sentences that the figures of a run decide: what became of quality, and what the arms of the experiment show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.site.report.drawing import short


def quality_sentence(stages: Sequence[Mapping[str, Any]]) -> str:
    """What the share of the learnable gain did between the first stage and the last."""
    first, last = (stage["quality"]["captured_of_learnable"] for stage in (stages[0], stages[-1]))
    share = f"{last['value']:.0%} of what can be learned"
    events = f"after {short(stages[-1]['events'])} events"
    if last["low"] > first["high"]:
        return f"Quality rises with use: {share} is captured {events}, {first['value']:.0%} at the start"
    if last["high"] < first["low"]:
        return f"Quality falls with use: {share} is captured {events}, {first['value']:.0%} at the start"
    if last["low"] > 0:
        return f"{share} is captured {events}, more than popularity, not surely more than at the start"
    if last["high"] < 0:
        return f"{events.capitalize()} the page is worse than popularity ({last['value']:.0%} of what can be learned)"
    return (
        f"{events.capitalize()} the page is not told apart from popularity ({last['value']:.0%} of what can be learned)"
    )


def lift_sentence(arms: Mapping[str, Any]) -> str:
    """The lift of a stage with its interval, and how many visitors are missing where the interval holds zero."""
    lift = arms["lift"]
    if not lift:
        return "the lift cannot be measured: an arm has too few clicks"
    said = f"lift {lift['value']:+.0%} ({lift['low']:+.0%} to {lift['high']:+.0%})"
    missing = missing_visitors(arms)
    if missing is None:
        return said
    if math.isinf(missing):
        return f"{said}, none to be seen"
    return f"{said}; about {missing:,.0f} more visitors would show a lift of this size"


def missing_visitors(arms: Mapping[str, Any]) -> float | None:
    """Visitors beyond those of a stage until the interval of its lift, if it stays as it is, leaves zero out.

    None when it does already, infinity when no lift is seen. The width of an interval falls with the root of the number
    of visitors; arms keep their shares. Rounded up to tens, as the lift itself is uncertain.
    """
    lift = arms["lift"]
    if lift["low"] > 0 or lift["high"] < 0:
        return None
    if lift["value"] <= 0:
        return math.inf
    visitors: int = arms["control"]["visitors"] + arms["treatment"]["visitors"]
    factor: float = ((lift["value"] - lift["low"]) / lift["value"]) ** 2
    return 10.0 * math.ceil(visitors * (factor - 1.0) / 10.0)
