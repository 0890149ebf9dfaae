"""Claims are filed before there is evidence, judged by it, and never deleted or reworded."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from app.measure.evaluation.portfolio import Portfolio
from app.measure.governance.hypotheses import ClaimError, ClaimMeasurement, check_claim, first_claims, judge_claim
from app.store import Database, Store, WriteFailedError, Writer
from app.store.engines import INTEGRITY_ERRORS
from app.store.measures.hypotheses import Claim, Judgement, all_hypotheses, file_claims, record_judgement
from app.store.measures.portfolio import PortfolioRow
from app.values.interval import Interval

DAY_S = 86_400.0
ALS = PortfolioRow(1.0, "plain-als", "", 0.08, 0.06, 0.10, 0.0, 0.0, 0.0, 5.0, 20.0, 90, 40, 20, 900, "seed", "")
CLAIM = Claim(0.0, "us", "It is good.", "plain-als", "site events", "rank gain", 0.05, DAY_S, 60.0)
NOTHING = ClaimMeasurement(None, {})


def measured() -> ClaimMeasurement:
    visitors = tuple(f"v{number // 2}" for number in range(40))
    values = {"plain-als": np.linspace(0.4, 0.6, 40), "popularity": np.linspace(0.2, 0.3, 40)}
    return ClaimMeasurement(Portfolio((ALS,), values, visitors), {"simulated": Interval(0.2, 0.12, 0.28)})


@pytest.mark.parametrize(
    ("threshold", "now", "verdict"),
    [(0.05, 0.0, "holds"), (0.11, 0.0, "fails"), (0.08, 0.0, "open"), (0.08, 2 * DAY_S, "fails")],
)
def test_a_claim_is_judged_by_the_whole_interval_until_its_date(threshold: float, now: float, verdict: str) -> None:
    judged = judge_claim(replace(CLAIM, threshold=threshold), measured(), now)
    assert (judged.verdict, judged.value) == (verdict, 0.08)
    assert judged.evidence["watermark"] == 900


def _execute(db: Database, statement: str) -> None:
    db.conn.execute(statement)


def test_a_model_that_cost_more_than_allowed_fails_however_good_it_is() -> None:
    judged = judge_claim(replace(CLAIM, max_train_s=4.0), measured(), 0.0)
    assert judged.verdict == "fails"
    assert "took 5.0 s" in judged.note


def test_a_gain_over_another_model_is_a_share_of_its_mean() -> None:
    judged = judge_claim(replace(CLAIM, metric="rank gain over popularity", threshold=0.5), measured(), 0.0)
    assert "claimed was +50%" in judged.note, "a share of what the other has"
    assert judged.value == pytest.approx(1.0)
    assert judged.verdict == "holds"


def test_click_through_is_judged_by_the_lift_of_those_visitors() -> None:
    claim = replace(CLAIM, model="site", metric="click-through over control", data="simulated visitors", threshold=0.1)
    assert judge_claim(claim, measured(), 0.0).verdict == "holds"
    assert judge_claim(replace(claim, data="real visitors"), measured(), 0.0).verdict == "open"


def test_without_a_measurement_a_claim_stays_open_until_its_date() -> None:
    assert [judge_claim(CLAIM, NOTHING, now).verdict for now in (0.0, 2 * DAY_S)] == ["open", "fails"]


@pytest.mark.parametrize(
    "change",
    [
        {"statement": " "},
        {"deadline": 0.0},
        {"model": "oracle"},
        {"metric": "beauty"},
        {"metric": "rank gain over oracle"},
        {"data": "elsewhere"},
        {"metric": "click-through over control"},
    ],
)
def test_a_claim_that_nothing_could_judge_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ClaimError):
        check_claim(replace(CLAIM, **change))  # type: ignore[arg-type]


def test_a_new_site_starts_with_claims_that_can_be_judged() -> None:
    claims = first_claims(100.0)
    assert len(claims) >= 4
    assert all(claim.deadline > 100.0 for claim in claims)


def test_claims_and_final_verdicts_cannot_be_changed_or_deleted(store: Store, writer: Writer) -> None:
    (number,) = writer.run(lambda db: file_claims(db, [CLAIM]))
    judged = Judgement(5.0, "open", None, None, None, None, "not yet")
    writer.run(lambda db: record_judgement(db, number, judged))
    failed = replace(judged, verdict="fails", note="no")
    writer.run(lambda db: record_judgement(db, number, failed))
    for statement in (
        "DELETE FROM hypotheses",
        "UPDATE hypotheses SET threshold = 0",
        "UPDATE hypotheses SET verdict = 'holds'",
    ):
        with pytest.raises((*INTEGRITY_ERRORS, WriteFailedError)):
            writer.run(partial(_execute, statement=statement))
    (kept,) = all_hypotheses(store.reader())
    assert (kept.claim, kept.judgement) == (CLAIM, failed)
    assert kept.is_settled


def test_a_claim_about_the_exam_that_exposure_had_bent_is_kept_and_not_judged() -> None:
    judged = judge_claim(replace(CLAIM, metric="NDCG@10 over popularity"), measured(), 0.0)
    assert (judged.verdict, judged.value) == ("open", None)
    assert "bent by exposure" in judged.note
