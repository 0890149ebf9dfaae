"""Maximal marginal relevance: score at one end, variety at the other, and what it costs in between."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import FactorModel, Recommendation, diversify
from recommender.evaluation import intra_list_diversity
from recommender.reranking.diversity import marginal_relevance

HISTORY = ["item-0", "item-3", "item-6", "item-1"]


def variety(model: FactorModel, hits: list[Recommendation]) -> float:
    return intra_list_diversity(model.item_factors[[model.index_of[hit.item_id] for hit in hits]])


def test_more_diversity_gives_more_variety_and_less_score(model: FactorModel) -> None:
    pool = model.recommend(HISTORY, k=60)
    lists = [diversify(model, pool, 10, share) for share in (0.0, 0.3, 0.7)]
    assert lists[0] == pool[:10]
    spread = [variety(model, hits) for hits in lists]
    assert spread == sorted(spread)
    assert spread[-1] > spread[0] + 0.1
    scores = [sum(hit.score for hit in hits) for hits in lists]
    assert scores == sorted(scores, reverse=True)
    assert all(len({hit.item_id for hit in hits}) == 10 for hits in lists)


def test_the_choice_is_that_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    scores = np.sort(rng.normal(size=12))[::-1]
    vectors = rng.normal(size=(12, 4)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance = (scores - scores.min()) / (scores.max() - scores.min())
    chosen: list[int] = []
    for _ in range(6):
        rest = [place for place in range(12) if place not in chosen]
        likeness = [max([0.0, *(float(unit[place] @ unit[other]) for other in chosen)]) for place in rest]
        values = [0.6 * relevance[place] - 0.4 * like for place, like in zip(rest, likeness, strict=True)]
        chosen.append(rest[int(np.argmax(values))])
    assert marginal_relevance(scores, vectors, 6, 0.4).tolist() == chosen


def test_fewer_candidates_than_wanted_are_all_given(model: FactorModel) -> None:
    pool = model.recommend(HISTORY, k=3)
    assert sorted(diversify(model, pool, 10, 0.5)) == sorted(pool)
    assert diversify(model, [], 10) == []


def test_bad_arguments_are_named(model: FactorModel) -> None:
    pool = model.recommend(HISTORY, k=3)
    for share in (-0.1, 1.5):
        with pytest.raises(ValueError, match="diversity must be"):
            diversify(model, pool, 2, share)
    with pytest.raises(ValueError, match="'elsewhere' is not in the model"):
        diversify(model, [Recommendation("elsewhere", 1.0)], 2)
