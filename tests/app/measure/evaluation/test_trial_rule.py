"""The rule of a trial: what is read from clicks, and what it decides."""

from __future__ import annotations

import math

from app.measure.evaluation.trial_rule import TrialReading, decide, read_trial
from app.store.measures.trials import TrialVisitor


def voters(origin: str, *clicks: tuple[int, int]) -> list[TrialVisitor]:
    return [
        TrialVisitor(f"{origin}-{n}", origin, 1, champion, challenger)
        for n, (champion, challenger) in enumerate(clicks)
    ]


def test_only_visitors_who_clicked_tell_the_sides_apart_and_origins_are_read_apart() -> None:
    real, simulated = read_trial(voters("simulated", (0, 2)) + voters("real", (1, 0), (0, 0), (1, 3)))
    assert (real.origin, real.visitors, real.clickers, real.champion_clicks, real.challenger_clicks) == (
        "real",
        3,
        2,
        2,
        3,
    )
    assert real.difference == 0.5
    assert (simulated.origin, simulated.difference) == ("simulated", 2.0)
    assert real.figures["low"] is None
    assert "too few to tell" in real.sentence


def test_the_rules_that_end_a_trial() -> None:
    def reading(low: float, high: float, clickers: int = 50) -> TrialReading:
        return TrialReading("real", 90, clickers, 10, 20, (low + high) / 2, low, high)

    def rule(*readings: TrialReading, days: float = 1.0) -> str | None:
        decision = decide(readings, days, max_visitors=100, max_days=14.0)
        return None if decision is None else decision.step

    assert rule(reading(0.1, 0.5)) == "promoted"
    assert rule(reading(-0.5, -0.1)) == "refused"
    assert rule(reading(-0.1, 0.1)) is None
    assert rule(reading(-0.1, 0.1, clickers=100)) == "retired"
    assert rule(reading(-math.inf, math.inf), days=14.0) == "retired"
    assert rule(days=2.0) is None
    assert rule(reading(-0.1, 0.1), reading(-0.5, -0.1)) == "refused"
