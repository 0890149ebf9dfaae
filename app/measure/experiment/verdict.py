"""The verdict of the experiment, in a sentence that needs no statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.measure.experiment.guardrails import GuardrailReading
from app.measure.experiment.mismatch import Mismatch
from app.measure.experiment.ratio import CLICK_THROUGH, MIN_CLICKS, MIN_VISITORS, Comparison, has_enough
from app.measure.governance.usecase import ExperimentPlan


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said.

    state: ``withheld`` (the split is wrong), ``early`` (too few visitors), ``aa`` (an A/A test without difference),
    ``aa-alarm`` (one with), ``better``, ``worse``, ``broken`` (a guardrail is), or ``open``.
    sentence: for anybody. withheld: why nothing may be said, one sentence each; empty when something may.
    """

    state: str
    sentence: str
    withheld: tuple[str, ...]


def judge_experiment(
    comparison: Comparison | None,
    mismatch: Mismatch,
    guardrails: Sequence[GuardrailReading],
    plan: ExperimentPlan,
    *,
    compared: tuple[int, int],
    aa_mode: bool,
) -> Verdict:
    """Decide from the always-valid interval of the lift, unless something speaks against deciding at all.

    compared: visitors of control and treatment, without those who chose an arm; the test of the split counts these too.
    """
    if mismatch.tripped:
        return Verdict("withheld", f"The verdict is withheld. {mismatch.sentence}", (mismatch.sentence,))
    if comparison is None or not has_enough(comparison):
        control, treatment = compared
        seen = "is 1 visitor" if control == 1 else f"are {control:,} visitors"
        why = (
            f"There {seen} in control and {treatment:,} in treatment; "
            f"{MIN_VISITORS} with {MIN_CLICKS} clicks are needed in each."
        )
        return Verdict("early", f"It is too early to say. {why}", (why,))
    interval = comparison.lift_always
    found = _found(comparison, plan.confidence)
    if aa_mode:
        if interval.low <= 0 <= interval.high:
            return Verdict("aa", f"A/A test: both arms get the same pages, and no difference shows. {found}", ())
        return Verdict("aa-alarm", f"A/A test: both arms get the same pages, and yet they differ. {found}", ())
    broken = [reading for reading in guardrails if reading.state == "broken"]
    if broken:
        names = " and ".join(reading.guardrail.name for reading in broken)
        return Verdict("broken", f"{found} But a guardrail is broken: {names}. {broken[0].sentence}", ())
    if interval.low > plan.least_lift:
        return Verdict("better", f"{found} Nothing is withheld: the threshold of success is met.", ())
    if interval.high < 0:
        return Verdict("worse", f"{found} Treatment does harm.", ())
    return Verdict("open", f"{found} That is not yet enough to decide.", ())


def _found(comparison: Comparison, confidence: float) -> str:
    lift, interval = comparison.lift, comparison.lift_always
    if comparison.metric == CLICK_THROUGH.name:
        more = f"{abs(100 * lift):.0f} % {'more' if lift >= 0 else 'less'}"
        said = f"Treatment visitors open {more} of what they see than control visitors"
    else:
        said = (
            f"In {comparison.metric}, treatment is {abs(100 * lift):.0f} % {'above' if lift >= 0 else 'below'} control"
        )
    return (
        f"{said}; however often one looks, the true "
        f"figure lies between {100 * interval.low:+.0f} % and {100 * interval.high:+.0f} %, with "
        f"{100 * confidence:g} % confidence ({comparison.control.visitors:,} visitors in control, "
        f"{comparison.treatment.visitors:,} in treatment)."
    )
