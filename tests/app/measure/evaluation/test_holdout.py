"""What the jury is asked."""

from __future__ import annotations

from app.measure.evaluation.holdout import Jury, summon
from app.store.events import EventRow
from recommender.evaluation import NextItemCase

WEIGHTS = {"click": 1.0, "like": 3.0}


def clicks(visitor: str, items: str, start: int = 1) -> list[EventRow]:
    return [
        EventRow(start + n, f"{visitor}{n}", visitor, item, "click", False, None, None, 1.0, "real", True, None)
        for n, item in enumerate(items)
    ]


def asked(jury: Jury) -> list[tuple[str | int, tuple[str | int, ...], str | int]]:
    return [(case.user_id, tuple(case.history), case.target) for case in jury.cases]


def test_every_first_click_on_an_item_is_asked_after_the_history_so_far() -> None:
    jury = summon(clicks("v", "abac"), WEIGHTS, window_events=100, history_length=10)
    assert asked(jury) == [("v", ("a",), "b"), ("v", ("b", "a"), "c")]
    assert jury.cases[1].history == {"b": 1.0, "a": 2.0}


def test_histories_of_visitors_are_their_own() -> None:
    events = sorted(clicks("v", "abc", 1) + clicks("w", "bd", 10), key=lambda event: event.seq)
    assert asked(summon(events, WEIGHTS, 100, 10))[-1] == ("w", ("b",), "d")


def test_only_the_newest_interactions_are_asked_but_histories_reach_further_back() -> None:
    jury = summon(clicks("v", "abcdef"), WEIGHTS, window_events=2, history_length=3)
    assert asked(jury) == [("v", ("b", "c", "d"), "e"), ("v", ("c", "d", "e"), "f")]


def test_too_few_cases_or_visitors_cannot_judge() -> None:
    many_of_one = Jury(tuple(NextItemCase("v", {"a": 1.0}, str(n)) for n in range(40)))
    few_of_many = Jury(tuple(NextItemCase(f"v{n}", {"a": 1.0}, "b") for n in range(19)))
    enough = Jury(tuple(NextItemCase(f"v{n % 5}", {"a": 1.0}, "b") for n in range(20)))
    assert [jury.can_judge for jury in (many_of_one, few_of_many, enough)] == [False, False, True]
    assert (many_of_one.visitors, enough.visitors) == (1, 5)
