"""How much of everything fits into the time: counts shrink, parts stay, and what shrank is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

FULL_S = 25 * 60.0
QUICK_S = 4 * 60.0
_RESERVE = 0.08
_LEAST_SHARE = 0.2
_ACQUAINTING_S = 0.06  # the visit after which a visitor has a history


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures. Seconds are of load over HTTP.

    events: cumulative events at which the site is measured. copies: catalogs, in multiples of the 2,400 templates, with
    `catalog_events` events in each. bulk_s: most seconds that traffic in process may take before a stage is cut short.
    in_turn: visitors who ask for recommendations in turn; 0 leaves that out. replay_s, core_s: most seconds of these
    parts.
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
    in_turn: int = 0

    def seconds(self) -> dict[str, float]:
        """Planned seconds by part, in their order; starting and ending processes included."""
        overhead, learning, ceiling = 7.0, 15.0, 12.0
        return {
            "growth": ceiling + len(self.events) * (self.stage_s + overhead + learning) + self.bulk_s,
            "same seed again": self.repeat_events / 400 + learning,
            "catalogs": len(self.copies) * (self.catalog_s + 4 * overhead),
            "capacity": 11 * self.step_s + 7 * self.route_s + _ACQUAINTING_S * self.in_turn + 2 * overhead,
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
        plan = Plan(True, limit, (0, 1_000, 30_000), 6.0, 20.0, 30.0, (1, 10), 2_000, 5.0, 3.0, 3.0, 2_000, 25.0, 20.0)
    else:
        stages = (0, 1_000, 10_000, 100_000, 1_000_000)
        plan = Plan(False, limit, stages, 35.0, 25.0, 450.0, (1, 10, 100), 10_000, 20.0, 8.0, 6.0, 10_000, 150.0, 100.0)
        plan = replace(plan, in_turn=1_600)
    share = limit * (1 - _RESERVE) / sum(plan.seconds().values())
    if share >= 1:
        return plan, []
    if share < _LEAST_SHARE:
        raise ValueError(f"{limit:.0f} s are too short; about {limit * _LEAST_SHARE / share:.0f} s are the least")
    said = f"Every part was scaled to {share:.0%} of its time, to keep within {limit / 60:.0f} minutes."
    return scaled(plan, share), [said]


def scaled(plan: Plan, share: float) -> Plan:
    """The same plan with counts and seconds cut to a share; stages, catalogs and paces stay."""
    return replace(
        plan,
        stage_s=plan.stage_s * share,
        bulk_s=plan.bulk_s * share,
        catalog_events=int(plan.catalog_events * share),
        catalog_s=plan.catalog_s * share,
        step_s=plan.step_s * share,
        route_s=plan.route_s * share,
        repeat_events=int(plan.repeat_events * share),
        replay_s=plan.replay_s * share,
        core_s=plan.core_s * share,
    )


def fit_rest(plan: Plan, part: str, parts: Sequence[str], elapsed_s: float) -> tuple[Plan | None, str | None]:
    """The plan for `part` and those after it in what is left of the time, and in words what that cost.

    None in place of a plan when too little is left for the part to mean anything.
    """
    planned = plan.seconds()
    rest = [*list(parts[parts.index(part) :]), "report"]
    share = (plan.limit_s - elapsed_s) / sum(planned[name] for name in rest)
    if share >= 1:
        return plan, None
    if share < _LEAST_SHARE:
        return None, f"{part} was left out: {max(0.0, plan.limit_s - elapsed_s):.0f} s were left for it and the rest."
    return scaled(plan, share), f"{part} was scaled to {share:.0%} of its time, as what came before took longer."
