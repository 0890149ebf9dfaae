"""What the gate lets through."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pytest

from app.measure.evaluation.gate import GateVerdict, PublishedModel, SignOff, judge
from app.measure.evaluation.holdout import FOUND, NEUTRAL, Holdout
from recommender import Recommendation
from recommender.evaluation import NextItemCase
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History

HOLDOUT = Holdout(tuple(NextItemCase(f"v{n % 20}", (f"h{n}",), "target") for n in range(200)))


@dataclass(frozen=True)
class Shows:
    """An arm that ranks the target first for the first `good` of HOLDOUT's 200 cases, and never for the others."""

    good: int

    def recommend(
        self,
        history: History,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | None = None,
    ) -> list[Recommendation]:
        number = int(str(next(iter(history)))[1:])
        return [Recommendation("target" if self.is_right(number) else "other", 1.0)]

    def is_right(self, number: int) -> bool:
        """Whether the target comes first in the case of this number."""
        return number < self.good

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        return [self.recommend(history, k) for history in histories]


def decide(
    candidate: int, champion: int | None, popularity: int = 10, *, baseline: bool = True, holdout: Holdout = HOLDOUT
) -> GateVerdict:
    published = None if champion is None else PublishedModel(7, Shows(champion))
    return judge(Shows(candidate), published, Shows(popularity), holdout, has_baseline=baseline, margin=0.02, seed=1)


@pytest.mark.parametrize(
    ("candidate", "champion", "popularity", "passed", "because"),
    [
        (100, None, 10, True, "Passed"),
        (100, 90, 10, True, "Passed"),
        (100, 100, 10, True, "Passed"),
        (99, 100, 10, True, "Passed"),
        (97, 100, 10, False, "worse than version 7 by more than the 0.0100 allowed"),
        (40, 100, 10, False, "surely worse than version 7"),
        (10, None, 10, False, "does not surely beat popularity"),
        (10, None, 9, False, "does not surely beat popularity"),
        (5, 100, 10, False, "popularity and it is surely worse than version 7"),
    ],
)
def test_a_candidate_must_beat_popularity_and_not_lose_to_the_champion(
    candidate: int, champion: int | None, popularity: int, passed: bool, because: str
) -> None:
    verdict = decide(candidate, champion, popularity)
    assert verdict.passed is passed
    assert because in verdict.sentence


def test_a_small_sure_loss_is_refused_on_pages_drawn_by_lot_and_forgiven_where_cases_grow_no_further() -> None:
    spread = [case for n in range(20) for case in HOLDOUT.cases if case.user_id == f"v{n}"]
    names = {f"h{number}" for number in range(200)}

    @dataclass(frozen=True)
    class Discounts(Shows):
        """Ranks the target a little lower in every case, so that the loss is small and sure."""

        def recommend(
            self,
            history: History,
            k: int = 10,
            exclude: Collection[ItemId] | None = None,
            candidates: Collection[ItemId] | None = None,
        ) -> list[Recommendation]:
            assert set(history) <= names
            return [Recommendation("other", 2.0), Recommendation("target", 1.0)]

    for basis, passed in ((NEUTRAL, False), (FOUND, True)):
        verdict = judge(
            Discounts(200),
            PublishedModel(7, Shows(200)),
            Shows(10),
            Holdout(tuple(spread), basis=basis),
            has_baseline=True,
            margin=0.1,
            seed=1,
        )
        assert verdict.passed is passed, verdict.sentence
        assert verdict.metrics["over_champion"]["mean"] == pytest.approx(-0.05)


@dataclass(frozen=True)
class Elsewhere(Shows):
    """Ranks the target first for as many of the last cases in place of the first."""

    def is_right(self, number: int) -> bool:
        return number >= 200 - self.good


@pytest.mark.parametrize(("good", "basis", "passed"), [(95, NEUTRAL, True), (60, NEUTRAL, False), (95, FOUND, False)])
def test_luck_in_a_few_questions_keeps_out_no_equal(good: int, basis: str, passed: bool) -> None:
    questions = tuple(NextItemCase(f"v{n}", (f"h{n}",), "target") for n in range(200))
    verdict = judge(
        Elsewhere(good),
        PublishedModel(7, Shows(100)),
        Shows(10),
        Holdout(questions, basis=basis),
        has_baseline=True,
        margin=0.02,
        seed=1,
    )
    assert verdict.metrics["over_champion"]["mean"] < -0.02 * verdict.metrics["champion"]["mean"]
    assert verdict.passed is passed, verdict.sentence


def test_a_champion_that_learned_from_the_excluded_sets_no_standard() -> None:
    for candidate, passed in ((40, True), (5, False)):
        champion = PublishedModel(7, Shows(100), tainted=True)
        verdict = judge(Shows(candidate), champion, Shows(10), HOLDOUT, has_baseline=True, margin=0.02, seed=1)
        assert verdict.passed is passed
        assert "excluded since and sets no standard" in verdict.sentence
        assert verdict.metrics["over_champion"]["mean"] < 0


@pytest.mark.parametrize(
    ("candidate", "first", "basis", "passed", "because"),
    [
        (12, 12, NEUTRAL, True, "the first model 0.0600"),
        (12, 9, NEUTRAL, True, "the first model 0.0450"),
        (12, 60, NEUTRAL, False, "surely worse than the first model"),
        (9, 9, NEUTRAL, False, "does not beat popularity"),
        (12, 12, FOUND, False, "does not surely beat popularity"),
        (12, None, NEUTRAL, False, "does not surely beat popularity"),
    ],
)
def test_what_ranks_pages_unjudged_is_replaced_by_what_is_no_worse(
    candidate: int, first: int | None, basis: str, passed: bool, because: str
) -> None:
    verdict = judge(
        Shows(candidate),
        None,
        Shows(10),
        Holdout(HOLDOUT.cases, basis=basis),
        has_baseline=True,
        margin=0.02,
        seed=1,
        first_model=lambda: None if first is None else Shows(first),
    )
    assert verdict.passed is passed, verdict.sentence
    assert because in verdict.sentence


def test_the_verdict_carries_its_figures() -> None:
    metrics = decide(100, 80, 10).metrics
    assert metrics["candidate"]["mean"] == pytest.approx(0.5)
    assert metrics["champion"]["mean"] == pytest.approx(0.4)
    assert metrics["popularity"]["mean"] == pytest.approx(0.05)
    assert metrics["over_champion"]["mean"] == pytest.approx(0.1)
    assert metrics["over_champion"]["low"] <= 0.1 <= metrics["over_champion"]["high"]
    assert (metrics["cases"], metrics["visitors"], metrics["reason"]) == (200, 20, "good")


def test_nothing_passes_without_a_baseline() -> None:
    verdict = decide(100, None, baseline=False)
    assert (verdict.passed, verdict.reason) == (False, "no-baseline")
    assert "flask baseline" in verdict.sentence


def test_nothing_passes_before_a_holdout_too_small() -> None:
    verdict = decide(100, None, holdout=Holdout(HOLDOUT.cases[:4]))
    assert (verdict.passed, verdict.reason) == (False, "small-holdout")
    assert "not enough holdout clicks: 4 cases of 4 visitors, needed are 20 of 5" in verdict.sentence


def test_the_same_cases_give_the_same_verdict() -> None:
    assert decide(90, 88) == decide(90, 88)


def test_for_a_use_case_that_is_not_signed_nothing_passes_unless_forced_with_a_reason() -> None:
    def verdict(sign_off: SignOff) -> GateVerdict:
        return judge(Shows(100), None, Shows(10), HOLDOUT, has_baseline=True, margin=0.02, seed=1, sign_off=sign_off)

    refused = verdict(SignOff("It is not signed by science."))
    assert (refused.passed, refused.reason) == (False, "unsigned")
    assert refused.sentence == "Refused: It is not signed by science."
    forced = verdict(SignOff("It is not signed by science.", "a fair needs it today"))
    assert forced.passed
    assert forced.sentence.endswith("though the use case is not signed, because: a fair needs it today.")
    assert forced.metrics["forced_unsigned"] == {
        "problem": "It is not signed by science.",
        "reason": "a fair needs it today",
    }
    assert "forced_unsigned" not in verdict(SignOff(None, "no need")).metrics
