"""What a visitor's interactions say to others: what trains, and what is popular."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.visitors.contribution import ContributionRules, TrainingRow, popular_choices, training_rows
from app.visitors.history import history_of
from tests.app.interactions import Did, rows_of

WEIGHTS = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}
RULES = ContributionRules(WEIGHTS)
CAREFUL = ContributionRules(WEIGHTS, trust_after_s=120.0, first_visit_weight=1.0, popularity_weight=2.0)


def trained(*done: Did, rules: ContributionRules = RULES) -> list[tuple[str, float, float]]:
    """Item, weight and time of every training row."""
    return [(row.item_id, row.weight, row.timestamp) for row in training_rows(rows_of(*done), rules).values()]


def test_what_raises_an_item_is_a_row_of_its_kinds_worth_and_a_second_click_counts_half() -> None:
    found = training_rows(rows_of(Did("a"), Did("b", "use"), Did("c", "view"), Did("a")), RULES)
    assert list(found.values()) == [
        TrainingRow("v", "a", 1.0, 101.0),
        TrainingRow("v", "b", 4.0, 102.0),
        TrainingRow("v", "a", 0.5, 104.0),
    ]


def test_what_a_source_says_of_its_strength_multiplies_what_the_kind_is_worth() -> None:
    assert trained(Did("a", "like", weight=1.5), Did("b", "like", weight=0.0)) == [("a", 4.5, 101.0)]


def test_a_kind_of_no_worth_makes_no_row() -> None:
    assert trained(Did("a"), rules=ContributionRules(WEIGHTS | {"click": 0.0})) == []


def test_what_is_left_after_an_undo_is_one_row_at_the_place_of_the_last_raise() -> None:
    found = trained(Did("a"), Did("b"), Did("a", "like"), Did("a", "like", undo=True))
    assert found == [("b", 1.0, 102.0), ("a", 1.0, 103.0)]


def test_while_an_item_is_hidden_nothing_of_it_trains_and_afterwards_all_of_it() -> None:
    hidden = [Did("a"), Did("a", "like"), Did("a", "dislike"), Did("a", "save")]
    assert trained(*hidden) == []
    back = trained(*hidden, Did("a", "dislike", undo=True))
    assert sorted(weight for _, weight, _ in back) == [1.0, 2.0, 3.0]


def test_what_a_model_had_chosen_trains_by_a_share_and_its_undo_takes_all_of_it() -> None:
    rules = replace(RULES, placed_weight=0.25)
    rows = rows_of(Did("a"), Did("b"), Did("b", "like"))
    placed = {row.seq: "als" for row in rows if row.item_id == "b"}
    found = [(row.item_id, row.weight) for row in training_rows(rows, rules, placed).values()]
    assert found == [("a", 1.0), ("b", 0.25), ("b", 0.75)]
    undone = rows_of(Did("a"), Did("b"), Did("b", "click", undo=True))
    assert [row.item_id for row in training_rows(undone, rules, placed).values()] == ["a"]


def test_what_is_shown_again_keeps_the_share_of_what_it_had_answered() -> None:
    rules = replace(RULES, placed_weight=0.25)
    done = [Did("a"), Did("a"), Did("a", "dislike"), Did("a", "save"), Did("a", "dislike", undo=True)]
    rows = rows_of(*done)
    placed = {rows[0].seq: "als"} | {row.seq: "als" for row in rows if row.kind == "save" and row.held > 0}
    found = training_rows(rows, rules, placed).values()
    assert [row.weight for row in found] == pytest.approx([0.25 + 0.5, 2.0 * 0.25]), (
        "a placed click, and one that was not"
    )
    assert [row.weight for row in training_rows(rows, rules).values()] == [1.5, 2.0]


def test_clicks_without_a_slate_train_nobody_until_their_visitor_comes_back() -> None:
    first = [Did("a", age_s=1.0), Did("b", served=True, age_s=2.0), Did("b", "like", served=True, age_s=3.0)]
    assert trained(*first, rules=CAREFUL) == [("b", 1.0, 102.0)], "at a first visit an item weighs as much as a click"
    later = trained(*first, Did("c", age_s=120.0), rules=CAREFUL)
    assert later == [("a", 1.0, 101.0), ("b", 1.0, 102.0), ("b", 3.0, 103.0), ("c", 1.0, 104.0)]


def test_what_a_visitor_went_for_by_themselves_says_less_of_what_is_popular_than_what_was_put_before_them() -> None:
    rules = replace(CAREFUL, steered_weight=0.25)
    done = [Did("found"), Did("found", "use"), Did("shown", served=True), Did("shown", "use")]
    found = popular_choices(rows_of(*done), rules)
    assert {item_id: choice.weight for item_id, choice in found.items()} == {"found": 0.25, "shown": 2.0}
    brought = popular_choices(rows_of(Did("found", "use", origin="imported")), rules)
    assert brought["found"].weight == 2.0


def test_visitors_that_the_operator_brought_along_count_at_once() -> None:
    assert trained(Did("a", "like", origin="imported", age_s=0.0), rules=CAREFUL) == [("a", 3.0, 101.0)]


def test_popularity_hears_a_visitor_who_came_back_once_and_up_to_its_limit() -> None:
    likes = [Did("a", "like", age_s=1.0)] * 200
    assert popular_choices(rows_of(*likes), CAREFUL) == {}
    heard = popular_choices(rows_of(*likes, Did("b", age_s=500.0)), CAREFUL)
    assert {item_id: choice.weight for item_id, choice in heard.items()} == {"a": 2.0, "b": 1.0}


KINDS = st.sampled_from(["view", "click", "like", "dislike", "save", "use"])
DONE = st.lists(st.builds(Did, st.sampled_from("abc"), KINDS, st.booleans(), st.sampled_from("vw")), max_size=40)


@given(DONE)
def test_training_rows_add_up_to_the_history_in_its_order(done: list[Did]) -> None:
    rows = rows_of(*done)
    for visitor_id in "vw":
        own = [row for row in rows if row.visitor_id == visitor_id]
        summed: dict[str, float] = {}
        for row in training_rows(own, RULES).values():
            summed[row.item_id] = summed.pop(row.item_id, 0.0) + row.weight
        assert list(summed.items()) == list(history_of(own, WEIGHTS, 100).weights.items())


@given(DONE)
def test_visitors_can_be_taken_one_by_one(done: list[Did]) -> None:
    rows = rows_of(*done)
    apart = [training_rows((row for row in rows if row.visitor_id == who), RULES) for who in "vw"]
    assert training_rows(rows, RULES) == dict(sorted((apart[0] | apart[1]).items()))


@given(DONE, st.integers(0, 200))
def test_who_is_trusted_later_counts_as_if_trusted_from_the_start(done: list[Did], age_s: int) -> None:
    young = [replace(did, visitor_id="v", age_s=float(age_s)) for did in done]
    seasoned = [*young, Did("z", age_s=1e6)]
    everything = training_rows(rows_of(*seasoned), CAREFUL)
    assert everything == training_rows(rows_of(*seasoned), RULES)
