"""How much of everything fits into the time: counts shrink, parts stay, and what shrank is said."""

from __future__ import annotations

from dataclasses import dataclass

FULL_S = 25 * 60.0
QUICK_S = 4 * 60.0
_RESERVE = 0.08


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures. Seconds are of load over HTTP.

    events: cumulative events at which the site is measured. copies: catalogs, in multiples of the 2,400 templates, with
    `catalog_events` events in each. bulk_s: most seconds that traffic in process may take before a stage is cut short.
    replay_s, core_s: most seconds of these parts.
    """

    quick: bool
    limit_s: float
    events: tuple[int, ...]
    stage_s: float
    rate: float
    bulk_s: float
    copies: tuple[int, ...]
    catalog_events: int
    catalog_s: float
    step_s: float
    route_s: float
    repeat_events: int
    replay_s: float
    core_s: float

    def seconds(self) -> dict[str, float]:
        """Planned seconds by part, in their order; starting and ending processes included."""
        overhead = 7.0
        return {
            "growth": len(self.events) * (self.stage_s + overhead) + self.bulk_s,
            "same seed again": self.repeat_events / 400 + overhead,
            "catalogs": len(self.copies) * (self.catalog_s + 4 * overhead),
            "capacity": 11 * self.step_s + 6 * self.route_s + 2 * overhead,
            "replay": self.replay_s,
            "core": self.core_s,
            "report": 10.0,
        }


def make_plan(quick: bool, limit_s: float | None = None) -> tuple[Plan, list[str]]:
    """The plan for the time there is, and in words what was scaled down to keep it.

    Raises ValueError for a limit in which not even the smallest counts fit.
    """
    limit = limit_s or (QUICK_S if quick else FULL_S)
    if quick:
        plan = Plan(
            True, limit, (0, 1_000, 10_000, 30_000), 6.0, 20.0, 45.0, (1, 10), 2_000, 5.0, 4.0, 3.0, 3_000, 35.0, 20.0
        )
    else:
        stages = (0, 1_000, 10_000, 100_000, 1_000_000)
        plan = Plan(False, limit, stages, 40.0, 25.0, 480.0, (1, 10, 100), 10_000, 20.0, 8.0, 6.0, 10_000, 200.0, 150.0)
    needed = sum(plan.seconds().values())
    usable = limit * (1 - _RESERVE)
    if needed <= usable:
        return plan, []
    share = usable / needed
    if share < 0.2:
        raise ValueError(f"{limit:.0f} s are too short: the smallest run takes about {needed * 0.2:.0f} s")
    scaled = Plan(
        plan.quick,
        limit,
        plan.events,
        plan.stage_s * share,
        plan.rate,
        plan.bulk_s * share,
        plan.copies,
        int(plan.catalog_events * share),
        plan.catalog_s * share,
        plan.step_s * share,
        plan.route_s * share,
        int(plan.repeat_events * share),
        plan.replay_s * share,
        plan.core_s * share,
    )
    return scaled, [f"Every part was scaled to {share:.0%} of its time, to keep within {limit / 60:.0f} minutes."]
