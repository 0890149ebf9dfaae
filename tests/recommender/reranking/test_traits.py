"""Attributes that follow changes are those that are made anew."""

from __future__ import annotations

import random

import numpy as np
import pytest

from recommender.interactions.lookups import Picked
from recommender.reranking.traits import ItemTraits

NAMES = ("genre", "palette")
Values = dict[str | int, list[tuple[str, ...]]]


def some_values(rng: random.Random) -> list[tuple[str, ...]]:
    """One to three genres, and a palette or none."""
    return [tuple(rng.sample("abcd", rng.choice([1, 2, 3]))), tuple(rng.sample(["red", "blue"], rng.randrange(2)))]


def told(traits: ItemTraits, item_id: str | int) -> list[dict[str, float]]:
    """What each value counts for an item, by attribute."""
    rows = traits.rows([item_id])
    return [dict(zip(trait.values, trait.members(rows)[0].tolist(), strict=True)) for trait in traits.traits]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_changed_new_and_gone_items_leave_what_is_made_anew(
    seed: int, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:  # rows are looked up in two layers
        monkeypatch.setattr("recommender.reranking.traits._COPIED", 10)
        monkeypatch.setattr("recommender.reranking.traits._LAYERED_SHARE", 0.3)
    rng = random.Random(seed)
    values: Values = {f"i{number}": some_values(rng) for number in range(40)}
    traits = ItemTraits(values, NAMES)
    for _ in range(5):
        gone = rng.sample(sorted(values, key=str), 2)
        ids = {f"i{rng.randrange(60)}" for _ in range(3)}
        written: Values = {item_id: some_values(rng) for item_id in sorted(ids.difference(map(str, gone)))}
        followed = traits.with_changes(written, [*gone, "nobody"])
        values = {item_id: own for item_id, own in values.items() if item_id not in gone} | written
        anew = ItemTraits(values, NAMES)
        assert followed is not None, "every value has other items"
        assert set(followed.row_of) == set(anew.row_of)
        assert len(followed.row_of) == len(anew.row_of)
        assert not any(item_id in followed.row_of for item_id in gone)
        for item_id in values:
            assert told(followed, item_id) == told(anew, item_id)
            place, other = followed.row_of[item_id], anew.row_of[item_id]
            for name in ("codes", "worths", "pulls"):
                assert getattr(followed, name)[place].tolist() == getattr(anew, name)[other].tolist()
        for mine, fresh in zip(followed.traits, anew.traits, strict=True):
            assert mine.values == fresh.values
            assert mine.base == pytest.approx(fresh.base)
            assert mine.presence == pytest.approx(fresh.presence)
        assert (followed.starts, followed.trait_of.tolist()) == (anew.starts, anew.trait_of.tolist())
        traits = followed


def test_slots_that_come_or_go_are_made_anew() -> None:
    traits = ItemTraits({"a": [("x",), ("red",)], "b": [("y", "z"), ()], "c": [("x",), ()], "d": [("z",), ()]}, NAMES)
    assert traits.with_changes({"a": [("x", "y", "z"), ("red",)]}) is None, "three in place of two at most"
    assert traits.with_changes({"e": [("y",), ()]}, ["b"]) is None, "nothing else has two"
    assert traits.with_changes({}, ["c"]) is not None


def test_values_that_come_have_a_place_and_those_that_go_have_no_share() -> None:
    traits = ItemTraits({"a": [("x",), ("red",)], "b": [("y",), ()], "c": [("x",), ()]}, NAMES)
    after = traits.with_changes({"b": [("new",), ("blue",)], "d": [("new",), ()]}, ["a"])
    assert after is not None
    assert [dict(zip(trait.values, trait.presence.tolist(), strict=True)) for trait in after.traits] == [
        {"x": 1 / 3, "y": 0.0, "new": 2 / 3},
        {"red": 0.0, "blue": 1 / 3},
    ]
    assert told(after, "b") == [{"x": 0.0, "y": 0.0, "new": 1.0}, {"red": 0.0, "blue": 1.0}]
    assert after.counts([("genre", "new"), ("palette", "blue")], ["b", "c", "d"]) == [2, 1]


def test_rows_of_picked_ids_are_those_of_the_same_ids_and_an_unknown_one_is_told() -> None:
    traits = ItemTraits({"a": [("x",)], "b": [("y",)], "c": [("x",)]}, ["type"])
    table = ("c", "gone", "a", "b")
    for places in ([2, 0, 3], [0], [], [1, 0], [3, 1]):
        picked = Picked(table, np.array(places, np.int32))
        plain = [table[place] for place in places]
        assert traits.first_values(picked).tolist() == traits.first_values(plain).tolist()
        assert traits.knows_all(picked) == traits.knows_all(plain) == ("gone" not in plain)
        if "gone" not in plain:
            assert traits.rows_of_all(picked).tolist() == traits.rows_of_all(plain).tolist()
            continue
        for ids in (picked, plain):
            with pytest.raises(KeyError, match="gone"):
                traits.rows_of_all(ids)
