"""Splits in time and replay of next items."""

from __future__ import annotations

from math import log2
from typing import Any

import pytest

from recommender import Interactions, PopularityModel
from recommender.evaluation import (
    NextItemCase,
    evaluate_next_items,
    in_time_order,
    k_fold,
    next_item_cases,
    split_by_time,
    split_by_user,
)

ROWS = [("a", "x", 1, 5.0), ("b", "y", 1, 1.0), ("a", "y", 1, 3.0), ("b", "z", 1, 4.0), ("a", "z", 1, 5.0)]


def test_the_past_is_split_from_the_future() -> None:
    past, future = split_by_time(ROWS, 0.6)
    assert [row[3] for row in past] == [1.0, 3.0, 4.0]
    assert [row[:2] for row in future] == [("a", "x"), ("a", "z")]
    assert split_by_time([("a", "x"), ("a", "y")], 0.5) == ([("a", "x")], [("a", "y")])


def test_bad_splits_are_refused() -> None:
    shares: list[Any] = [0.0, 1.0, -1.0, "0.8", None, float("nan"), True]
    for share in shares:
        for split in (split_by_time, split_by_user):
            with pytest.raises(ValueError, match=f"share must be .*, got {share!r}"):
                split(ROWS, share)
    with pytest.raises(ValueError, match="1 of 2 rows have no timestamp"):
        in_time_order([("a", "x", 1, 5.0), ("a", "y")])


@pytest.mark.parametrize("time", [float("nan"), float("inf"), "yesterday"])
def test_a_time_that_is_no_number_is_named(time: object) -> None:
    rows = [("a", "x", 1, 5.0), ("a", "y", 1, time)]
    for use in (in_time_order, split_by_time, lambda given: next_item_cases(given, 0)):
        with pytest.raises(ValueError, match="the timestamp of row 1 must be a finite number"):
            use(rows)
    with pytest.raises(ValueError, match="the weight of row 1 must be a finite number"):
        next_item_cases([("a", "x"), ("a", "y", float("nan"))], 0)


def test_a_case_knows_what_came_before_and_nothing_else() -> None:
    assert next_item_cases(ROWS, 1) == [
        NextItemCase("a", (), "y"),
        NextItemCase("b", ("y",), "z"),
        NextItemCase("a", ("y",), "x"),
        NextItemCase("a", ("y", "x"), "z"),
    ]
    assert next_item_cases(ROWS, 1, 3) == next_item_cases(ROWS, 1)[:2]
    starts: list[Any] = [-1, "0"]
    for start in starts:
        with pytest.raises(ValueError, match=f"start, .*, must be a whole number of at least 0, got {start!r}"):
            next_item_cases(ROWS, start)


@pytest.mark.parametrize("rows", [{"user": ["a"], "item": ["x"]}, ["user", "item"], [1, 2], 5])
def test_what_has_no_rows_such_as_a_frame_is_refused_with_the_way_to_them(rows: Any) -> None:
    for use in (split_by_time, split_by_user, k_fold, lambda given: next_item_cases(given, 0)):
        with pytest.raises(ValueError, match=r"row 0 must be \(user_id, .* frame.itertuples\(index=False, name=None\)"):
            use(rows)


def test_repeats_and_unwanted_items_are_no_cases_but_repeats_are_news() -> None:
    rows = [("a", "x"), ("a", "y"), ("a", "x"), ("a", "w", -1.0), ("a", "z")]
    assert next_item_cases(rows, 2) == [NextItemCase("a", ("y", "x"), "z")]


def test_a_case_is_worth_the_discount_of_its_rank() -> None:
    model = PopularityModel.from_interactions(Interactions.from_rows([("u", "x", 3), ("u", "y", 2), ("u", "z", 1)]))
    cases = [
        NextItemCase("a", [], "x"),
        NextItemCase("a", ["x"], "z"),
        NextItemCase("b", [], "new"),
        NextItemCase("b", [], "z"),
    ]
    assert evaluate_next_items(model, cases, k=2).tolist() == pytest.approx([1.0, 1 / log2(3), 0.0, 0.0])
    assert evaluate_next_items(model, []).size == 0


def test_more_cases_than_fit_in_one_go_keep_their_places() -> None:
    model = PopularityModel.from_interactions(Interactions.from_rows([("u", "x", 2), ("u", "y", 1)]))
    cases = [NextItemCase("a", [], "x" if number % 3 else "y") for number in range(2500)]
    values = evaluate_next_items(model, cases)
    assert values.tolist() == pytest.approx([1.0 if number % 3 else 1 / log2(3) for number in range(2500)])
