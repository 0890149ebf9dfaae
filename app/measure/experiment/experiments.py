"""The experiment: what treatment brings over control, how sure that is, and when nothing may be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.measure.experiment.guardrails import GuardrailReading, read_guardrails
from app.measure.experiment.ledger_state import ArmTotals, LedgerState
from app.measure.experiment.metrics import covariate
from app.measure.experiment.mismatch import Mismatch, sample_ratio_mismatch
from app.measure.experiment.ratio import (
    CLICK_THROUGH,
    USE_RATE,
    USES_PER_CLICK,
    Comparison,
    Rate,
    RatioMetric,
    compare,
    rate,
)
from app.measure.experiment.verdict import Verdict, judge_experiment
from app.measure.governance.usecase import ExperimentPlan, UseCase, use_case_metrics
from app.values.origin import LIVE_ORIGINS

"""Whose visitors are assigned by the hash. Seeded and imported ones came before there was an experiment."""

MIN_BEFORE = 100
"""Visitors with a pre-period, both arms together, from which CUPED is worth its slope."""

EXPOSURE = (
    "A visitor is counted from the first slate served to them whose order depends on the arm: any but a search before "
    "the first click."
)
INTERFERENCE = (
    "Clicks of both arms train the model, only the holdout's do not; and popularity, which is all that control sees, "
    "counts the clicks of the treatment arm too. Both make the arms more alike, so a lift is more likely understated "
    "than overstated."
)
NO_PRE_PERIOD = (
    "No pre-period: too few visitors saw anything before their exposure, so the variance is as it is (no CUPED)."
)


@dataclass(frozen=True, slots=True)
class ArmReading:
    """One arm's rates. visitors: exposed and assigned. slates: served to them. chose: left out, because they chose.

    success: the rate of the use case's success metric.
    """

    arm: str
    visitors: int
    slates: int
    chose: int
    impressions: int
    clicks: int
    uses: int
    success: Rate
    click_through: Rate
    use_rate: Rate
    uses_per_click: Rate


@dataclass(frozen=True, slots=True)
class Experiment:
    """The experiment over the visitors of one origin.

    success: the metric that decides, `success_metric` of the use case, treatment against control; None while an arm has
    nothing to compare. adjusted: the same with CUPED, or None; pre_period says why. further: the other metrics of
    the use case. click_through, use_rate, uses_per_click: what is always measured. mismatch: the test of the split.
    verdict: state and sentence (`Verdict`). exposure, interference: sentences for the page.
    """

    origin: str
    last_seq: int
    aa_mode: bool
    plan: ExperimentPlan
    control: ArmReading
    treatment: ArmReading
    success: Comparison | None
    further: tuple[Comparison, ...]
    click_through: Comparison | None
    adjusted: Comparison | None
    pre_period: str
    use_rate: Comparison | None
    uses_per_click: Comparison | None
    mismatch: Mismatch
    guardrails: tuple[GuardrailReading, ...]
    verdict: Verdict
    exposure: str
    interference: str


def read_experiment(
    state: LedgerState,
    origin: str,
    use_case: UseCase,
    *,
    control_share: float,
    aa_mode: bool = False,
    readings: Mapping[str, float] | None = None,
) -> Experiment | None:
    """The experiment of one origin, None while nobody of it was exposed.

    control_share: the setting in force. readings: figures of guardrails that are not of the arms, by their `measure`.
    """
    arms = {arm: state.arm(origin, arm) for arm in ("control", "treatment")}
    if not any(totals is not None and totals.exposed for totals in arms.values()):
        return None
    plan = use_case.experiment
    primary, *further = use_case_metrics(use_case)[: 1 + len(use_case.further_metrics)]
    control, treatment = (_reading(arm, totals, plan.confidence, primary) for arm, totals in arms.items())
    exposed = [0 if totals is None else totals.exposed for totals in arms.values()]
    mismatch = sample_ratio_mismatch(exposed[0], exposed[1], control_share, plan.mismatch_below)
    success = _comparison(arms, primary, plan)
    adjusted, pre_period = _adjusted(arms, plan, primary)
    guardrails = read_guardrails(
        use_case.guardrails, arms["control"], arms["treatment"], plan, readings or {}, use_case.kinds
    )
    return Experiment(
        origin=origin,
        last_seq=state.last_seq,
        aa_mode=aa_mode,
        plan=plan,
        control=control,
        treatment=treatment,
        success=success,
        further=tuple(found for metric in further if (found := _comparison(arms, metric, plan)) is not None),
        click_through=_comparison(arms, CLICK_THROUGH, plan),
        adjusted=adjusted,
        pre_period=pre_period,
        use_rate=_comparison(arms, USE_RATE, plan),
        uses_per_click=_comparison(arms, USES_PER_CLICK, plan),
        mismatch=mismatch,
        guardrails=guardrails,
        verdict=judge_experiment(
            adjusted or success,
            mismatch,
            guardrails,
            plan,
            compared=(control.visitors, treatment.visitors),
            aa_mode=aa_mode,
        ),
        exposure=_exposure(state.assigned_since),
        interference=INTERFERENCE,
    )


def read_experiments(
    state: LedgerState,
    use_case: UseCase,
    *,
    control_share: float,
    aa_mode: bool = False,
    readings: Mapping[str, float] | None = None,
) -> tuple[Experiment, ...]:
    """`read_experiment` of each origin apart, real before simulated; origins without an exposure are left out."""
    found = (
        read_experiment(state, origin, use_case, control_share=control_share, aa_mode=aa_mode, readings=readings)
        for origin in LIVE_ORIGINS
    )
    return tuple(experiment for experiment in found if experiment is not None)


def _exposure(assigned_since: float) -> str:
    if not assigned_since:
        return EXPOSURE
    changed = datetime.fromtimestamp(assigned_since, UTC)
    return (
        f"{EXPOSURE} The rule of assignment was changed on {changed:%Y-%m-%d at %H:%M} UTC: only visitors who were "
        "assigned since are compared."
    )


def _reading(arm: str, totals: ArmTotals | None, confidence: float, success: RatioMetric) -> ArmReading:
    if totals is None:
        nothing = Rate(None, None, 0, 0, 0)
        return ArmReading(arm, 0, 0, 0, 0, 0, 0, nothing, nothing, nothing, nothing)
    moments = totals.moments
    return ArmReading(
        arm=arm,
        visitors=moments.count,
        slates=totals.slates,
        chose=totals.chose,
        impressions=int(moments.total("impressions")),
        clicks=int(moments.total("clicks")),
        uses=int(moments.total("uses")),
        success=rate(moments, success, confidence),
        click_through=rate(moments, CLICK_THROUGH, confidence),
        use_rate=rate(moments, USE_RATE, confidence),
        uses_per_click=rate(moments, USES_PER_CLICK, confidence),
    )


def _comparison(
    arms: Mapping[str, ArmTotals | None],
    metric: RatioMetric,
    plan: ExperimentPlan,
    covariate: RatioMetric | None = None,
) -> Comparison | None:
    control, treatment = arms["control"], arms["treatment"]
    if control is None or treatment is None:
        return None
    return compare(
        control.moments,
        treatment.moments,
        metric,
        confidence=plan.confidence,
        expected_visitors=plan.expected_visitors,
        covariate=covariate,
    )


def _adjusted(
    arms: Mapping[str, ArmTotals | None], plan: ExperimentPlan, metric: RatioMetric
) -> tuple[Comparison | None, str]:
    before = covariate(metric)
    if before is None:
        return None, "This metric has no figure of the time before, so the variance is as it is (no CUPED)."
    seen_before = sum(totals.seen_before for totals in arms.values() if totals is not None)
    each = all(totals is not None and totals.moments.total(before.numerator) for totals in arms.values())
    comparison = _comparison(arms, metric, plan, before) if each else None
    if comparison is None or seen_before < MIN_BEFORE:
        return None, NO_PRE_PERIOD
    return comparison, (
        f"{seen_before:,} visitors have a pre-period; their {metric.name} before the experiment takes "
        f"{100 * comparison.variance_saved:.0f} % off the variance (CUPED)."
    )
