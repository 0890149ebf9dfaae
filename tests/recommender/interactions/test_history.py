"""What a request may say, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from recommender.interactions.checks import check_count
from recommender.interactions.history import resolve_history, resolve_ids

INDEX: dict[str | int, int] = {"tea": 0, "ale": 1, 7: 2}


def test_a_sequence_weighs_every_occurrence_and_dates_an_item_by_its_last() -> None:
    items, weights = resolve_history(["tea", "ale", "unknown", 7, "tea"], INDEX)
    assert items.tolist() == [1, 2, 0]
    assert weights.tolist() == [1.0, 1.0, 2.0]


def test_a_mapping_gives_weights_in_its_order() -> None:
    history: dict[str | int, float] = {7: 2, "gone": 1.0, "tea": -0.5}
    items, weights = resolve_history(history, INDEX)
    assert items.tolist() == [2, 0]
    assert weights.tolist() == [2.0, -0.5]


def test_arrays_and_tuples_are_sequences() -> None:
    array: Any = np.array(["tea", "ale"])  # typed as a sequence nowhere, and read as one
    assert resolve_history(array, INDEX)[0].tolist() == [0, 1]
    assert resolve_history((7,), INDEX)[0].dtype == np.int32
    assert resolve_history([], INDEX)[0].size == 0


@pytest.mark.parametrize("history", ["tea", b"tea", 7, None, {"tea", "ale"}, [None], [1.5], [["tea"]]])
def test_anything_else_is_refused(history: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        resolve_history(history, INDEX)  # type: ignore[arg-type]


class Column:
    """A column of a frame: items of its own kind, and the way to a list."""

    def __repr__(self) -> str:
        return "0    tea\ndtype: str"

    def __iter__(self) -> Iterator[str]:
        return iter(["tea"])

    def tolist(self) -> list[str]:
        return ["tea"]


def test_a_column_of_a_frame_is_refused_on_one_line_with_the_way_to_a_list() -> None:
    column: Any = Column()
    said = "got 0 tea dtype: str of type Column; give its list, .tolist()"
    with pytest.raises(ValueError, match=f"oldest first.*, {re.escape(said)}$"):
        resolve_history(column, INDEX)
    with pytest.raises(ValueError, match=f"exclude must be a list or set of item ids, {re.escape(said)}$"):
        resolve_ids(column, INDEX, "exclude")


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), None, "1"])
def test_a_weight_that_is_no_finite_number_is_named(weight: object) -> None:
    with pytest.raises(ValueError, match="the weight of 'tea' in the history must be a finite number"):
        resolve_history({"tea": weight}, INDEX)  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [0, -1, 1.5, "10", None, True])
def test_k_must_be_a_whole_number_of_at_least_one(k: object) -> None:
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got"):
        check_count(k)


def test_ids_to_hide_may_be_any_collection_but_not_one_text() -> None:
    assert sorted(resolve_ids({"tea", "ale", "gone"}, INDEX, "exclude").tolist()) == [0, 1]
    assert resolve_ids(None, INDEX, "exclude").size == 0
    with pytest.raises(ValueError, match="exclude must be a list or set of item ids, got 'tea'"):
        resolve_ids("tea", INDEX, "exclude")


@pytest.mark.parametrize("weight", [1e39, -1e20, 10**400, float("inf"), True, "2"])
def test_a_weight_beyond_the_limit_is_named(weight: object) -> None:
    with pytest.raises(ValueError, match="the weight of 'tea' in the history must be a finite number between"):
        resolve_history({"tea": weight}, INDEX)  # type: ignore[arg-type]
