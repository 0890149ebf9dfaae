"""Features of people stand in for a history that is not there yet, and give way to one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender import FactorModel, UserFeatures

HISTORIES = {number: [f"item-{number % 3 + 3 * step}" for step in range(number % 5, number % 5 + 5)]
             for number in range(60)}  # fmt: skip
FEATURES = {number: [f"club={number % 3}", "city=here"] for number in HISTORIES}


@pytest.fixture(scope="module")
def known(model: FactorModel) -> UserFeatures:
    return UserFeatures(model, FEATURES, HISTORIES)


def kinds(hits: list[Any]) -> list[int]:
    return [int(str(hit.item_id).removeprefix("item-")) % 3 for hit in hits]


def test_who_has_no_history_gets_what_people_alike_take(known: UserFeatures) -> None:
    for kind in range(3):
        found = kinds(known.recommend([f"club={kind}"], k=10))
        assert found.count(kind) >= 8


def test_a_history_outweighs_features_as_it_grows(known: UserFeatures) -> None:
    history = [f"item-{1 + 3 * step}" for step in range(12)]
    shares = [kinds(known.recommend(["club=0"], history[:length], k=10)).count(1) for length in (0, 2, 12)]
    assert shares == sorted(shares)
    assert shares[0] <= 2
    assert shares[-1] >= 8
    assert not {hit.item_id for hit in known.recommend(["club=0"], history)} & set(history)


def test_unknown_features_say_nothing(known: UserFeatures) -> None:
    assert np.array_equal(known.vector(["club=9"]), known.vector([]))
    assert known.vector([], ["unknown"]).any()


def test_no_trust_leaves_the_fold_in(model: FactorModel) -> None:
    untrusted = UserFeatures(model, FEATURES, HISTORIES, trust=0.0)
    assert untrusted.vector(["club=0"], ["item-1"]) == pytest.approx(model.fold_in(["item-1"]), rel=1e-5)


def test_what_cannot_be_learned_from_is_named(model: FactorModel) -> None:
    with pytest.raises(ValueError, match="no user in common"):
        UserFeatures(model, FEATURES, {"x": ["item-1"]})
    with pytest.raises(ValueError, match=r"features of 1 must be a list such as \['age=20s'\], got 'club=0'"):
        UserFeatures(model, {1: "club=0"}, HISTORIES)
    with pytest.raises(ValueError, match=r"features of 1 must be a list such as \['age=20s'\], got {'club': 0}"):
        UserFeatures(model, {1: {"club": 0}}, HISTORIES)
    with pytest.raises(ValueError, match="must be text such as 'age=20s', got 3"):
        UserFeatures(model, {1: [3]}, HISTORIES)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="trust must be"):
        UserFeatures(model, FEATURES, HISTORIES, trust=-1.0)
