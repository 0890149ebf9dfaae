"""What the worth card says before the experiment may: which way it leans, and what it takes to be certain."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.measure.experiment.experiments import Experiment
from app.measure.experiment.ratio import MIN_VISITORS

_Z_ANY_LOOK = 3.0
"""About how many standard errors away from zero an effect must be before an always-valid interval leaves zero out."""
_MIN_TO_LEAN = 10
"""Visitors in each arm below which a figure is one person's mood."""
_SPREAD = 1.3
"""Visitors differ, so that their clicks vary more than coins do: about this much in standard errors."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """A lift that is not certain. treatment, control: clicks of 100 things seen. more: about how many more control
    visitors until it is certain if it stays as it is; None where the arms hardly differ. progress: in [0, 1].
    """

    lift: float
    treatment: float
    control: float
    more: int | None
    progress: float


def leaning(experiment: Experiment | None) -> Leaning | None:
    """Which way an undecided experiment leans; None before both arms were seen and clicked by a few."""
    if experiment is None or experiment.verdict.state not in ("early", "open"):
        return None
    treatment, control = experiment.treatment, experiment.control
    if not (treatment.clicks and control.clicks and treatment.impressions and control.impressions):
        return None
    if min(treatment.visitors, control.visitors) < _MIN_TO_LEAN:
        return None
    rates = treatment.clicks / treatment.impressions, control.clicks / control.impressions
    lift = rates[0] / rates[1] - 1
    variance = (1 - rates[0]) / treatment.clicks + (1 - rates[1]) / control.clicks
    surprise = abs(math.log1p(lift)) / (_SPREAD * math.sqrt(variance))
    progress = min(1.0, (surprise / _Z_ANY_LOOK) ** 2)
    wanted = control.visitors / progress if progress > 0.005 else None
    more = None if wanted is None else max(MIN_VISITORS, math.ceil(wanted)) - control.visitors
    return Leaning(
        lift,
        100 * rates[0],
        100 * rates[1],
        None if more is None else max(1, round_to_tens(more)),
        min(progress, control.visitors / MIN_VISITORS),
    )


def round_to_tens(count: int) -> int:
    """A count as an estimate is told: to the next ten."""
    return math.ceil(count / 10) * 10
