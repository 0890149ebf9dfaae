"""Guardrails: what must not get worse while success gets better, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.measure.experiment.ledger_state import ArmTotals
from app.measure.experiment.metrics import metric_named
from app.measure.experiment.ratio import MIN_VISITORS, Comparison, compare
from app.measure.governance.usecase import ExperimentPlan, Guardrail
from app.values.interval import Interval
from app.values.kind import BUILT_IN, Kinds


@dataclass(frozen=True, slots=True)
class GuardrailReading:
    """One guardrail as it stands.

    value, bounds: the lift with its always-valid interval, or a reading without one; None while there is none.
    comparison: of the arms, for a guardrail on a lift. state: ``ok``; ``broken``, when surely past the threshold; or
    ``unknown``. sentence: the finding in words.
    """

    guardrail: Guardrail
    value: float | None
    bounds: Interval | None
    comparison: Comparison | None
    state: str
    sentence: str


def read_guardrails(
    guardrails: Sequence[Guardrail],
    control: ArmTotals | None,
    treatment: ArmTotals | None,
    plan: ExperimentPlan,
    readings: Mapping[str, float],
    kinds: Kinds = BUILT_IN,
) -> tuple[GuardrailReading, ...]:
    """All guardrails, in the order of the use case. readings: figures that are not of the arms, by their `measure`."""
    return tuple(_read(guardrail, control, treatment, plan, readings, kinds) for guardrail in guardrails)


def _read(
    guardrail: Guardrail,
    control: ArmTotals | None,
    treatment: ArmTotals | None,
    plan: ExperimentPlan,
    readings: Mapping[str, float],
    kinds: Kinds,
) -> GuardrailReading:
    name = guardrail.name[:1].upper() + guardrail.name[1:]
    metric = metric_named(guardrail.measure, kinds) if guardrail.unit == "lift" else None
    if metric is None:
        value = readings.get(guardrail.measure)
        if value is None:
            return GuardrailReading(guardrail, None, None, None, "unknown", f"{name}: no reading yet.")
        state = _state(guardrail, Interval(value, value, value))
        sentence = f"{name} is {value:,.0f} {guardrail.unit}; the limit is {guardrail.limit}."
        return GuardrailReading(guardrail, value, None, None, state, sentence)
    comparison = None
    if control is not None and treatment is not None:
        comparison = compare(
            control.moments,
            treatment.moments,
            metric,
            confidence=plan.confidence,
            expected_visitors=plan.expected_visitors,
        )
    if comparison is None or min(comparison.control.visitors, comparison.treatment.visitors) < MIN_VISITORS:
        return GuardrailReading(guardrail, None, None, None, "unknown", f"{name}: too little in one of the arms.")
    bounds = comparison.lift_always
    sentence = (
        f"{name} in treatment is {100 * comparison.lift:+.0f} % against control, surely between "
        f"{100 * bounds.low:+.0f} % and {100 * bounds.high:+.0f} %; the limit is {guardrail.limit}."
    )
    return GuardrailReading(guardrail, comparison.lift, bounds, comparison, _state(guardrail, bounds), sentence)


def _state(guardrail: Guardrail, bounds: Interval) -> str:
    past = bounds.low > guardrail.threshold if guardrail.breach == "above" else bounds.high < guardrail.threshold
    return "broken" if past else "ok"
