"""What the holdout is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.measure.evaluation.holdout import BENT, FOUND, METRIC, NEUTRAL, Holdout, build_holdout, exam_of
from app.visitors.contribution import ContributionRules
from recommender import PopularityModel
from recommender.evaluation import NextItemCase
from tests.app.interactions import Did, rows_of

RULES = ContributionRules({"click": 1.0, "like": 3.0})


def clicks(visitor: str, items: str) -> list[Did]:
    return [Did(item, visitor_id=visitor, holdout=True) for item in items]


def asked(holdout: Holdout) -> list[tuple[str | int, tuple[str | int, ...], str | int]]:
    return [(case.user_id, tuple(case.history), case.target) for case in holdout.cases]


def test_every_first_click_on_an_item_is_asked_after_the_history_so_far() -> None:
    holdout = build_holdout(rows_of(*clicks("v", "abac")), RULES, window=100, history_length=10)
    assert asked(holdout) == [("v", ("a",), "b"), ("v", ("b", "a"), "c")]
    assert holdout.cases[1].history == {"b": 1.0, "a": 1.5}


def test_histories_of_visitors_are_their_own() -> None:
    rows = rows_of(*clicks("v", "abc"), *clicks("w", "bd"))
    assert asked(build_holdout(rows, RULES, 100, 10))[-1] == ("w", ("b",), "d")


def test_only_the_newest_interactions_are_asked_but_histories_reach_further_back() -> None:
    holdout = build_holdout(rows_of(*clicks("v", "abcdef")), RULES, window=2, history_length=3)
    assert asked(holdout) == [("v", ("b", "c", "d"), "e"), ("v", ("c", "d", "e"), "f")]


def test_histories_are_those_that_pages_had_and_what_was_taken_back_is_no_case() -> None:
    done = [*clicks("v", "ab"), Did("c", "like", visitor_id="v"), Did("c", "like", undo=True), *clicks("v", "d")]
    holdout = build_holdout(rows_of(*done), RULES, 100, 10)
    assert asked(holdout) == [("v", ("a",), "b"), ("v", ("a", "b"), "d")]
    hidden = [*clicks("v", "ab"), Did("a", "dislike"), *clicks("v", "c"), Did("b", "dislike")]
    assert asked(build_holdout(rows_of(*hidden), RULES, 100, 10)) == [("v", ("b",), "c")]


def test_a_choice_is_asked_about_once_however_often_it_is_hidden_and_shown_again() -> None:
    like = Did("c", "like", holdout=True)
    start = [*clicks("v", "ab"), like]
    asked_once = [("v", ("a",), "b"), ("v", ("a", "b"), "c")]
    for back in (like, Did("c", "dislike", undo=True, holdout=True)):
        again = [*start, Did("c", "dislike"), back, *clicks("v", "d")]
        lot = rows_of(*(replace(did, propensity=0.5, served=True) for did in again))
        assert asked(build_holdout(lot, RULES, 100, 10)) == [*asked_once, ("v", ("a", "b", "c"), "d")]
    taken_back = [*clicks("v", "ab"), Did("b", undo=True), *clicks("v", "c"), *clicks("v", "b")]
    found = build_holdout(rows_of(*taken_back), RULES, 100, 10)
    assert asked(found) == [("v", ("a",), "c"), ("v", ("a", "c"), "b")], "the choice that was taken back is none"


def test_what_would_not_train_of_others_is_no_case() -> None:
    rules = ContributionRules(RULES.kind_weights, trust_after_s=120.0)
    done = [Did("a", age_s=1.0), Did("b", age_s=2.0), Did("c", served=True, age_s=3.0)]
    assert asked(build_holdout(rows_of(*done), rules, 100, 10)) == []
    later = [*done, Did("d", age_s=500.0)]
    assert asked(build_holdout(rows_of(*later), rules, 100, 10)) == [
        ("v", ("a",), "b"),
        ("v", ("a", "b", "c"), "d"),
    ], "what a row of the site's own choosing had put before the visitor is no case"


def by_lot(visitor: str, items: str, propensity: float) -> list[Did]:
    return [Did(item, visitor_id=visitor, served=True, holdout=True, propensity=propensity) for item in items]


def test_what_was_chosen_from_a_page_drawn_by_lot_judges_as_soon_as_there_is_enough() -> None:
    found = [one for n in range(20) for one in clicks(f"f{n}", "ab")]
    few = build_holdout(rows_of(*found, *by_lot("n", "abc", 0.5)), RULES, 1000, 10)
    assert (few.basis, len(few.cases)) == (FOUND, 20)
    drawn = [one for n in range(20) for one in by_lot(f"n{n}", "ab", 0.5 if n % 2 else 0.25)]
    enough = build_holdout(rows_of(*found, *drawn), RULES, 1000, 10)
    assert (enough.basis, len(enough.cases), set(enough.weights)) == (NEUTRAL, 20, {2.0, 4.0})
    assert build_holdout(rows_of(*found, *drawn), RULES, 1000, 10, min_neutral=21).basis == FOUND


def test_nobody_who_comes_to_the_site_bends_the_exam_of_imported_visitors() -> None:
    imported = [Did(item, visitor_id=f"i{n}", holdout=True, origin="seed") for n in range(20) for item in "ab"]
    swarm = [one for n in range(30) for one in clicks(f"bot{n}", "zyxw")]
    found = build_holdout(rows_of(*imported, *swarm), RULES, 1000, 10)
    assert {case.user_id for case in found.cases} == {f"i{n}" for n in range(20)}
    assert build_holdout(rows_of(*imported[:6], *swarm), RULES, 1000, 10).visitors == 33, "too few of them: all judge"


def test_no_flood_of_clicks_pushes_pages_drawn_by_lot_out_of_the_window() -> None:
    drawn = [one for n in range(20) for one in by_lot(f"n{n}", "ab", 0.5)]
    swarm = [one for n in range(30) for one in clicks(f"bot{n}", "zyxw")]
    flooded = build_holdout(rows_of(*drawn, *swarm), RULES, 40, 10)
    assert (flooded.basis, len(flooded.cases)) == (NEUTRAL, 20)


def test_a_visitor_judges_once_they_have_chosen_enough() -> None:
    drawn = rows_of(*by_lot("v", "abcd", 0.5))
    assert asked(build_holdout(drawn, RULES, 100, 10, min_history=3)) == [("v", ("a", "b", "c"), "d")]


def test_rare_entries_weigh_by_the_inverse_of_their_chance() -> None:
    cases = (NextItemCase("v", {"h": 1.0}, "a"), NextItemCase("w", {"h": 1.0}, "b"))
    model = PopularityModel(["a", "b", "h"], np.array([3.0, 2.0, 1.0], dtype=np.float32))
    assert Holdout(cases).examine(model).tolist() == [1.0, 0.95]
    assert Holdout(cases, (1.0, 3.0)).examine(model).tolist() == pytest.approx([0.5, 0.95 * 1.5])


def test_readings_of_the_exam_that_exposure_had_bent_are_told_apart() -> None:
    figures = {"mean": 0.1, "low": 0.0, "high": 0.2}
    assert exam_of({"candidate": figures, "metric": "NDCG@10"}) == BENT
    assert exam_of({"candidate": figures, "metric": METRIC, "basis": FOUND}) == FOUND
    assert exam_of({"reason": "unsigned"}) == ""


def test_too_few_cases_or_visitors_cannot_judge() -> None:
    many_of_one = Holdout(tuple(NextItemCase("v", {"a": 1.0}, str(n)) for n in range(40)))
    few_of_many = Holdout(tuple(NextItemCase(f"v{n}", {"a": 1.0}, "b") for n in range(19)))
    enough = Holdout(tuple(NextItemCase(f"v{n % 5}", {"a": 1.0}, "b") for n in range(20)))
    assert [holdout.can_judge for holdout in (many_of_one, few_of_many, enough)] == [False, False, True]
    assert (many_of_one.visitors, enough.visitors) == (1, 5)
