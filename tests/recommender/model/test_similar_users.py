"""Users alike are found by what their histories say, and objects say what they are."""

from __future__ import annotations

import pickle

import pytest

from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions, similar_users

HISTORIES = {f"fan-{kind}-{number}": [f"item-{kind + 3 * (number + step)}" for step in range(4)]
             for kind in range(3) for number in range(5)}  # fmt: skip


def test_who_took_the_same_kind_is_alike(model: FactorModel) -> None:
    found = similar_users(model, ["item-0", "item-3", "item-9"], HISTORIES, k=5)
    assert [user.user_id.startswith("fan-0") for user in found if isinstance(user.user_id, str)] == [True] * 5
    cosines = [user.cosine for user in found]
    assert cosines == sorted(cosines, reverse=True)
    assert cosines[0] <= 1.0 + 1e-6


def test_the_same_history_is_at_cosine_one(model: FactorModel) -> None:
    (first,) = similar_users(model, HISTORIES["fan-1-2"], HISTORIES, k=1)
    assert first.user_id == "fan-1-2"
    assert first.cosine == pytest.approx(1.0, abs=1e-5)


def test_nobody_is_like_a_history_that_says_nothing(model: FactorModel) -> None:
    assert similar_users(model, [], HISTORIES) == []
    assert similar_users(model, ["item-0"], {}) == []
    found = similar_users(model, ["item-0"], {"silent": [], "stranger": ["unknown"], "fan": ["item-3"]})
    assert [user.user_id for user in found] == ["fan"]
    with pytest.raises(ValueError, match="k must be"):
        similar_users(model, ["item-0"], HISTORIES, k=0)


def test_a_repr_names_what_differs_from_the_defaults() -> None:
    assert repr(ALSConfig()) == "ALSConfig()"
    assert repr(ALSConfig(factors=8, transition_ordered=False)) == "ALSConfig(factors=8, transition_ordered=False)"
    assert eval(repr(ALSConfig(alpha=2.5))) == ALSConfig(alpha=2.5)
    log = Interactions.from_rows([("ann", "tea"), ("bob", "tea")])
    assert repr(log) == "Interactions(2 rows, 2 users, 1 items, unordered)"
    assert repr(ALSTrainer(ALSConfig(factors=8))) == "ALSTrainer(ALSConfig(factors=8), seed=7)"


def test_pickling_is_refused_with_the_way_to_go(model: FactorModel) -> None:
    with pytest.raises(TypeError, match=r"model\.save\(path\)"):
        pickle.dumps(model)
    with pytest.raises(TypeError, match=r"trainer\.model\(\)\.save\(path\)"):
        pickle.dumps(ALSTrainer())
