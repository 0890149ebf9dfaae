"""What the experiment says, and when it says nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.measure.experiment.experiments import Experiment, read_experiment, read_experiments
from app.measure.experiment.ledger_state import ArmTotals, LedgerState
from app.measure.experiment.lifts import lifts_of
from app.measure.experiment.ratio import COLUMNS, Moments
from app.measure.governance.usecase import load_use_case
from app.settings import Settings

USE_CASE = load_use_case()


def totals(
    arm: str, count: int, click_rate: float, *, origin: str = "real", use_rate: float = 0.3, before: bool = False
) -> ArmTotals:
    """An arm of visitors who see twenty entries each."""
    rng = np.random.default_rng(count)
    rates = rng.beta(20 * click_rate, 20 * (1 - click_rate), size=count)
    rows = np.zeros((count, len(COLUMNS)), dtype=np.int64)
    rows[:, 0] = 1
    rows[:, COLUMNS.index("impressions")] = 20
    clicks = rows[:, COLUMNS.index("clicks")] = rng.binomial(20, rates)
    uses = rows[:, COLUMNS.index("uses")] = rng.binomial(clicks, use_rate)
    rows[:, COLUMNS.index("users")] = uses > 0
    if before:
        rows[:, COLUMNS.index("impressions_before")] = 30
        rows[:, COLUMNS.index("clicks_before")] = rng.binomial(30, rates)
    return ArmTotals(origin, arm, Moments.of(rows), 2 * count, count, 0, count if before else 0)


def read(*arms: ArmTotals, aa_mode: bool = False, **readings: float) -> Experiment:
    state = LedgerState(9, arms, ())
    found = read_experiment(state, "real", USE_CASE, control_share=0.1, aa_mode=aa_mode, readings=readings)
    assert found is not None
    return found


def test_a_lift_is_told_in_a_sentence_with_its_interval_and_visitors() -> None:
    found = read(totals("control", 1000, 0.1), totals("treatment", 9000, 0.15))
    assert found.click_through is not None
    lift, always = found.click_through.lift, found.click_through.lift_always
    assert found.verdict.state == "better"
    assert found.verdict.sentence == (
        f"Treatment visitors open {100 * lift:.0f} % more of what they see than control visitors; however often one "
        f"looks, the true figure lies between {100 * always.low:+.0f} % and {100 * always.high:+.0f} %, with 95 % "
        "confidence (1,000 visitors in control, 9,000 in treatment). "
        "Nothing is withheld: the threshold of success is met."
    )
    assert always.low < 0.5 < always.high
    assert (found.control.slates, found.control.click_through.denominator) == (2000, 20_000)


def test_harm_and_doubt_are_told_as_well() -> None:
    worse = read(totals("control", 1000, 0.15), totals("treatment", 9000, 0.1))
    assert worse.verdict.state == "worse"
    assert "% less of what they see" in worse.verdict.sentence
    assert read(totals("control", 1000, 0.1), totals("treatment", 9000, 0.1)).verdict.state == "open"


def test_a_wrong_split_withholds_the_verdict_whatever_the_lift() -> None:
    found = read(totals("control", 1300, 0.1), totals("treatment", 9000, 0.15))
    assert found.mismatch.tripped
    assert found.verdict.state == "withheld"
    assert found.verdict.withheld == (found.mismatch.sentence,)
    assert "% more" not in found.verdict.sentence


def test_a_few_visitors_are_too_few() -> None:
    found = read(totals("control", 50, 0.1), totals("treatment", 450, 0.3))
    assert found.verdict.state == "early"
    assert (
        "50 visitors in control and 450 in treatment; 100 with 20 clicks are needed in each" in found.verdict.sentence
    )


def test_whoever_chose_an_arm_is_not_said_to_be_compared() -> None:
    left = replace(totals("treatment", 450, 0.3), exposed=460, chose=10)
    found = read(totals("control", 50, 0.1), left)
    assert "50 visitors in control and 450 in treatment" in found.verdict.sentence


def test_an_arm_that_nobody_is_in_yet_makes_it_early_not_wrong() -> None:
    found = read(totals("treatment", 9, 0.1))
    assert (found.verdict.state, found.control.visitors, found.click_through) == ("early", 0, None)


def test_a_broken_guardrail_spoils_a_lift() -> None:
    arms = totals("control", 1000, 0.1, use_rate=0.5), totals("treatment", 9000, 0.15, use_rate=0.1)
    found = read(*arms)
    assert found.verdict.state == "broken"
    assert "a guardrail is broken: uses per click" in found.verdict.sentence
    assert [reading.state for reading in found.guardrails] == ["broken", "unknown", "unknown", "unknown"]


def test_a_reading_that_is_not_of_the_arms_is_judged_by_its_limit() -> None:
    arms = totals("control", 1000, 0.1), totals("treatment", 9000, 0.15)
    state = LedgerState(9, arms, ())
    states = []
    for latency in (150.0, 250.0):
        found = read_experiment(state, "real", USE_CASE, control_share=0.1, readings={"p99 latency": latency})
        assert found is not None
        states.append((found.guardrails[-1].state, found.verdict.state))
    assert states == [("ok", "better"), ("broken", "broken")]


def test_an_aa_test_says_so_and_sounds_when_the_arms_differ() -> None:
    same = read(totals("control", 1000, 0.1), totals("treatment", 9000, 0.1), aa_mode=True)
    assert same.verdict.state == "aa"
    assert same.verdict.sentence.startswith("A/A test: both arms get the same pages, and no difference shows.")
    assert read(totals("control", 1000, 0.1), totals("treatment", 9000, 0.2), aa_mode=True).verdict.state == "aa-alarm"


def test_a_pre_period_is_used_where_there_is_one_and_missed_in_words_where_not() -> None:
    without = read(totals("control", 1000, 0.1), totals("treatment", 9000, 0.12))
    assert without.adjusted is None
    assert "no CUPED" in without.pre_period
    found = read(totals("control", 1000, 0.1, before=True), totals("treatment", 9000, 0.12, before=True))
    assert found.adjusted is not None
    assert found.adjusted.variance_saved > 0.1
    assert "10,000 visitors have a pre-period" in found.pre_period


def test_origins_are_read_apart_and_those_of_nobody_left_out() -> None:
    arms = totals("control", 200, 0.1, origin="simulated"), totals("control", 300, 0.1, origin="seed")
    found = read_experiments(LedgerState(9, arms, ()), USE_CASE, control_share=0.1)
    assert [experiment.origin for experiment in found] == ["simulated"]


def test_a_higher_threshold_of_success_asks_for_more() -> None:
    asked = replace(USE_CASE, experiment=replace(USE_CASE.experiment, least_lift=0.6))
    state = LedgerState(9, (totals("control", 1000, 0.1), totals("treatment", 9000, 0.15)), ())
    found = read_experiment(state, "real", asked, control_share=0.1)
    assert found is not None
    assert found.verdict.state == "open"


def test_a_guardrail_of_a_few_visitors_is_unknown_not_broken() -> None:
    arms = totals("control", 10, 0.4, use_rate=0.9), totals("treatment", 90, 0.4, use_rate=0.05)
    assert {reading.state for reading in read(*arms).guardrails} == {"unknown"}


def test_a_few_visitors_are_no_lift_that_a_hypothesis_could_be_judged_by(settings: Settings) -> None:
    few = LedgerState(9, (totals("control", 20, 0.1), totals("treatment", 180, 0.5)), ())
    many = LedgerState(9, (totals("control", 1000, 0.1), totals("treatment", 9000, 0.15)), ())
    assert lifts_of(few, USE_CASE, settings) == {}
    assert lifts_of(many, USE_CASE, settings)["real"].low > 0
