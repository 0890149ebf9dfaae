"""Which events become training rows."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.measure.evaluation.rows import fold_rows, jury_events, training_events
from app.store.events import EventRow

WEIGHTS = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}


def event(
    seq: int,
    kind: str = "click",
    *,
    undo: bool = False,
    item: str = "a",
    visitor: str = "v",
    weight: float | None = None,
) -> EventRow:
    return EventRow(seq, f"e{seq}", visitor, item, kind, undo, None, None, 100.0 + seq, "real", False, weight)


def test_each_positive_event_is_a_row_of_its_kinds_weight() -> None:
    rows = fold_rows([event(1), event(2, "use", item="b"), event(3, "view"), event(4)], WEIGHTS)
    assert {seq: tuple(row) for seq, row in rows.items()} == {
        1: ("v", "a", 1.0, 101.0),
        2: ("v", "b", 4.0, 102.0),
        4: ("v", "a", 1.0, 104.0),
    }


def test_an_events_own_weight_wins_and_one_of_nothing_makes_no_row() -> None:
    rows = fold_rows([event(1, "like", weight=4.5), event(2, "like", weight=0.0, item="b")], WEIGHTS)
    assert [row.weight for row in rows.values()] == [4.5]


def test_a_kind_of_no_weight_makes_no_row() -> None:
    assert fold_rows([event(1)], WEIGHTS | {"click": 0.0}) == {}


def test_an_undo_takes_back_earlier_rows_of_its_kind_on_its_item_only() -> None:
    events = [event(1), event(2, "like"), event(3, "like", item="b"), event(4, "like", undo=True), event(5, "like")]
    assert list(fold_rows(events, WEIGHTS)) == [1, 3, 5]
    assert list(fold_rows(events[:4], WEIGHTS)) == [1, 3]


def test_an_undo_of_nothing_changes_nothing() -> None:
    assert list(fold_rows([event(1, "save", undo=True), event(2)], WEIGHTS)) == [2]


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        ([], []),
        ([event(3)], []),
        ([event(3, "dislike", undo=True)], [1]),
        ([event(3, "like")], [1, 3]),
        ([event(3, "dislike", visitor="w")], []),
    ],
)
def test_a_standing_dislike_removes_the_pair(after: list[EventRow], kept: list[int]) -> None:
    assert list(fold_rows([event(1), event(2, "dislike"), *after], WEIGHTS)) == kept


KINDS = st.sampled_from(["view", "click", "like", "dislike", "save", "use"])


@given(st.lists(st.tuples(KINDS, st.booleans(), st.sampled_from("ab"), st.sampled_from("vw")), max_size=30))
def test_visitors_can_be_folded_one_by_one(actions: list[tuple[str, bool, str, str]]) -> None:
    numbers = itertools.count(1)
    events = [event(next(numbers), kind, undo=undo, item=item, visitor=who) for kind, undo, item, who in actions]
    apart = [fold_rows([e for e in events if e.visitor_id == who], WEIGHTS) for who in "vw"]
    assert fold_rows(events, WEIGHTS) == apart[0] | apart[1]


def test_the_jury_and_everyone_else_are_told_apart_and_impressions_left_out() -> None:
    juror = EventRow(1, "e1", "j", "a", "click", False, None, None, 1.0, "real", True, None)
    events = [juror, event(2), event(3, "view")]
    assert training_events(events) == [events[1]]
    assert jury_events(events) == [juror]
