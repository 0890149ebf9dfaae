"""Candidates that were looked up once stand for the ids they were made from."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import Interactions, ItemToItemModel
from tests.recommender.conftest import random_model


@pytest.mark.parametrize("history", [[], ["item-1", "item-5", "item-9"]])
def test_prepared_candidates_give_the_answers_of_their_ids(history: list[str]) -> None:
    model = random_model(200, 8, 1)
    ids = [f"item-{n}" for n in np.random.default_rng(1).choice(200, 40, replace=False)]
    prepared = model.candidates([*ids, ids[0], "unknown"])
    assert len(prepared) == 40
    answer = model.recommend(history, candidates=ids)
    assert answer
    assert answer == model.recommend(history, candidates=prepared)
    assert model.recommend_many([history], candidates=prepared) == [answer]


@pytest.mark.parametrize("few", [1, 63, 700])
def test_an_index_of_candidates_ranks_them_as_one_by_one(few: int) -> None:
    model = random_model(1500, 16, 3)
    rng = np.random.default_rng(few)
    ids = [f"item-{n}" for n in rng.choice(1500, few, replace=False)]
    prepared = model.candidates(ids)
    for _ in range(20):
        history = [f"item-{n}" for n in rng.choice(1500, 30, replace=False)]
        for repeat in (False, True):
            answer = model.recommend(history, candidates=ids, exclude=ids[:2], repeat=repeat)
            assert answer == model.recommend(history, candidates=prepared, exclude=ids[:2], repeat=repeat)


def test_no_candidates_leave_nothing_to_recommend() -> None:
    model = random_model(20, 4, 1)
    assert model.recommend(["item-1"], candidates=model.candidates([])) == []


def test_candidates_of_another_model_are_refused() -> None:
    one, other = random_model(20, 4, 1), random_model(20, 4, 2)
    with pytest.raises(ValueError, match=r"prepared for another model; ask this one with model.candidates"):
        one.recommend(["item-1"], candidates=other.candidates(["item-2"]))


def test_other_arms_prepare_candidates_too() -> None:
    arm = ItemToItemModel.from_interactions(Interactions.from_rows([("u", 1), ("u", 2), ("v", 2), ("v", 3)]))
    assert arm.recommend([1], candidates=arm.candidates([3])) == arm.recommend([1], candidates=[3])
