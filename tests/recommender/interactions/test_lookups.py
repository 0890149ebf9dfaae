"""Many ids looked up at once are what each of them is by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender.interactions.lookups import DenseIndices, Picked, find_all

CATALOGS: dict[str, list[Any]] = {
    "numbers in a row": list(range(40)),
    "numbers with gaps, some below zero": [-7, 3, 12, 0, 5],
    "numbers far apart": [1, 10**6],
    "numbers beyond 64 bits": [1, 1 << 70],
    "numbers at the end of 64 bits": [(1 << 63) - 1, (1 << 63) - 3],
    "texts": ["a", "b", "3"],
    "texts and numbers": ["3", 3, 4],
    "nothing": [],
}
ASKED: list[list[Any]] = [
    [3, 0, 12, 99, -7, -8, 10**6],
    [3],
    [],
    [True, 3.0, np.int64(5)],
    [-(1 << 63), (1 << 63) - 1, (1 << 63) - 2],
    [1 << 70, -(1 << 70), 3],
    ["a", "3", "z", 3],
    [None, 3],
]


@pytest.mark.parametrize("ids", CATALOGS.values(), ids=CATALOGS.keys())
def test_ids_are_found_as_a_dict_finds_them(ids: list[Any]) -> None:
    index_of = DenseIndices(zip(ids, range(len(ids)), strict=True))
    for asked in ASKED:
        found = find_all(index_of, asked)
        assert found.dtype == np.int32
        assert found.flags.writeable
        assert found.tolist() == [dict(index_of).get(item_id, -1) for item_id in asked]


def test_an_id_that_cannot_be_looked_up_is_an_error() -> None:
    for ids in ([1, 2], ["a", "b"]):
        with pytest.raises(TypeError):
            find_all(DenseIndices(zip(ids, range(2), strict=True)), [1, [2]])


def test_picked_ids_are_the_sequence_of_the_ids_at_their_places() -> None:
    picked = Picked(("a", "b", "c", "d"), np.array([3, 0, 2], np.int32))
    assert [*picked] == [picked[place] for place in range(len(picked))] == ["d", "a", "c"]
    assert "c" in picked
    assert "b" not in picked
    assert [*picked[1:]] == ["a", "c"]
    assert [*picked.at(np.array([2, 2, 0]))] == ["c", "c", "d"]
    assert not picked[:0]
