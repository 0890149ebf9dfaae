"""What usually comes next: added to the ranking exactly, explained to the last share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender import ALSConfig, FactorModel, Interactions, reblend, train
from recommender.transitions import boost_kernels, twins
from recommender.transitions.transitions import Transitions
from tests.recommender.conftest import random_model
from tests.recommender.transitions.rows import SMALL, Rows

Array = NDArray[Any]


def random_transitions(items: int, seed: int, *, round_weights: bool = False) -> Transitions:
    """Up to five next items an item, some without any, and a trend of up to nine items."""
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.choice(items, rng.integers(0, min(6, items + 1)), replace=False)) for _ in range(items)]
    indptr = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    weights = rng.integers(1, 4, size=indptr[-1]) if round_weights else rng.random(indptr[-1])
    popularity = np.where(rng.random(items) < 0.3, rng.integers(0, 4, size=items), 0)
    trend = Transitions.trend_of(popularity[: min(items, 9)].astype(np.float32))
    return Transitions(indptr, np.concatenate(rows), weights, **trend)


NO_BELIEFS = np.empty(0, dtype=np.float32)


def arrays_of(of: Transitions) -> tuple[Array, Array, Array, Array, Array]:
    """The arguments that kernels and twins take of transitions."""
    return of.indptr, of.next_ids, of.next_weights, of.trend_ids, of.trend_weights


def blended(model: FactorModel, transitions: Transitions, **settings: Any) -> FactorModel:
    config = replace(model.config, **settings)
    return FactorModel(model.item_ids, model.item_factors, model.popularity, config, transitions=transitions)


def by_brute_force(model: FactorModel, history: dict[str, float], k: int, hidden: list[int]) -> list[tuple[str, float]]:
    """Every item's blended score from the twins, sorted."""
    user = model.fold_in(history)
    items = np.array([model.index_of[item_id] for item_id in history], dtype=np.int32)[::-1][:10]
    weights = np.maximum(np.array(list(history.values()), dtype=np.float32), 0.0).astype(np.float64)[::-1][:10]
    steps = weights * model.config.transition_recency ** np.arange(len(weights))
    boosted = twins.gather_boosts(
        *arrays_of(model.transitions),
        items,
        steps,
        model.config.transition_weight,
        model.config.trend_weight,
        model._boosting.beliefs,
    )
    score_norm = model._folding.score_norm(user)
    top_ids, top_scores = np.empty(min(k, len(model)), dtype=np.int32), np.empty(min(k, len(model)))
    hide = np.array(sorted(hidden), dtype=np.int32)
    everything = np.arange(len(model), dtype=np.int32)
    found = twins.rank_boosted(
        user, model.item_factors, model._item_norms, *boosted, score_norm, hide, everything, False,
        top_ids[:0], top_scores[:0], top_ids, top_scores,
    )  # fmt: skip
    return [(f"item-{item}", score) for item, score in zip(top_ids[:found], top_scores[:found], strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    items=st.integers(1, 150),
    factors=st.integers(1, 20),
    k=st.integers(1, 30),
    length=st.integers(1, 14),
    weight=st.sampled_from([0.0, 0.01, 0.5, 30.0]),
    trend=st.sampled_from([0.0, 0.3]),
    doubt=st.sampled_from([0.0, 2.0]),
    repeated=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_the_blend_finds_what_a_sort_of_all_blended_scores_finds(
    items: int, factors: int, k: int, length: int, weight: float, trend: float, doubt: float, repeated: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(items, factors, seed, repeated=repeated)
    transitions = random_transitions(items, seed, round_weights=repeated)
    model = blended(model, transitions, transition_weight=weight, trend_weight=trend, trend_doubt=doubt)
    chosen = rng.choice(items, min(length, items), replace=False)
    weights = rng.choice([1.0, 2.0, -1.0], len(chosen))
    weights[0] = 1.0
    history = {f"item-{item}": float(value) for item, value in zip(chosen, weights, strict=True)}
    if not model.fold_in(history).any():
        return
    excluded = rng.choice(items, rng.integers(0, items + 1), replace=False).tolist() if repeated else []
    exclude = [f"item-{item}" for item in excluded]
    answer = [(hit.item_id, hit.score) for hit in model.recommend(history, k, exclude=exclude)]
    assert answer == by_brute_force(model, history, k, [*excluded, *chosen.tolist()])
    answer = [(hit.item_id, hit.score) for hit in model.recommend(history, k, exclude=exclude, repeat=True)]
    assert answer == by_brute_force(model, history, k, excluded)
    among = rng.choice(items, rng.integers(1, items + 1), replace=False).tolist()
    candidates = [f"item-{item}" for item in among]
    answer = [(hit.item_id, hit.score) for hit in model.recommend(history, k, exclude, candidates)]
    outside = [item for item in range(items) if item not in among]
    assert answer == by_brute_force(model, history, min(k, len(among)), [*excluded, *chosen.tolist(), *outside])


def test_items_that_blend_to_the_same_score_are_in_catalog_order() -> None:
    factors = np.ones((40, 2), dtype=np.float32)
    ids = [f"item-{index}" for index in range(40)]
    model = FactorModel(ids, factors, np.ones(40, dtype=np.float32), ALSConfig(factors=2))
    indptr = np.concatenate(([0], np.full(40, 4)))
    following = Transitions(indptr, np.array([7, 20, 30, 31]), np.ones(4, dtype=np.float32))
    best = [hit.item_id for hit in blended(model, following).recommend(["item-0"], k=6)]
    assert best == ["item-7", "item-20", "item-30", "item-31", "item-1", "item-2"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=14, unique=True), st.integers(0, 1000))
def test_boosts_agree_with_their_twin(history: list[int], seed: int) -> None:
    arrays = arrays_of(random_transitions(60, seed))
    items = np.array(history, dtype=np.int32)
    steps = np.random.default_rng(seed).choice([0.0, 0.3, 1.0], len(items))
    for beliefs in (NO_BELIEFS, np.random.default_rng(seed + 1).random(60, dtype=np.float32)):
        slots, ids, boosts = boost_kernels.gather_boosts(*arrays, items, steps, 0.5, 0.2, beliefs)
        twin_slots, twin_ids, twin_boosts = twins.gather_boosts(*arrays, items, steps, 0.5, 0.2, beliefs)
        assert (ids.tolist(), boosts.tolist()) == (twin_ids.tolist(), twin_boosts.tolist())
        for place, item in enumerate(ids):
            for table in (slots, twin_slots):
                assert table[boost_kernels.find_slot(item, table, ids)] == place


def test_a_history_that_nobody_takes_any_more_leaves_the_list_to_the_trend() -> None:
    """'a' and 'old' each led to an item of their own; the trend, of half their weight, is of 'hot' and 'warm'."""
    ids, popularity = ["a", "old", "after a", "after old", "hot", "warm"], np.array([30, 0, 1, 1, 60, 40], np.float32)
    model = FactorModel(ids, np.eye(6, dtype=np.float32), popularity, ALSConfig(factors=6, regularization=0.1))
    trend = Transitions.trend_of(np.where(popularity > 30, popularity, 0.0))
    following = Transitions(np.array([0, 1, 2, 2, 2, 2, 2]), np.array([2, 3]), np.ones(2, dtype=np.float32), **trend)
    weights = {"transition_weight": 2.0, "trend_weight": 1.0}
    plain, doubting = (blended(model, following, **weights, trend_doubt=doubt) for doubt in (0.0, 10.0))
    assert plain.recommend(["old"], k=1)[0].item_id == "after old"
    assert [hit.item_id for hit in doubting.recommend(["old"], k=2)] == ["hot", "warm"]
    assert doubting.recommend(["a"], k=1)[0].item_id == "after a", "three of four parts are believed"
    assert plain.recommend(["a"], k=6) != doubting.recommend(["a"], k=6)


def test_as_much_of_a_history_is_followed_as_was_asked_for() -> None:
    log = Interactions.from_rows([("u", "a"), ("u", "b"), ("v", "c"), ("v", "d"), ("w", "a"), ("w", "c")], ordered=True)
    short, long = (train(log, replace(SMALL, factors=2, transition_history=count, half_life=0.0)) for count in (1, 2))
    plain = train(log, replace(SMALL, factors=2, transition_weight=0.0, half_life=0.0))

    def share_of_a(model: FactorModel) -> float:
        return next(part.share for part in model.explain(["a", "c"], "b") if part.item_id == "a")

    assert share_of_a(short) == pytest.approx(share_of_a(plain)), "only what follows the newest, c, counts"
    assert share_of_a(long) > share_of_a(short), "a was followed by b"


def test_a_history_that_says_nothing_gets_what_is_popular_lately() -> None:
    rows = [(user, "old", 1.0, 0.0) for user in range(5)] + [(user, "new", 1.0, 100.0) for user in range(5, 8)]
    log = Interactions.from_rows(rows)
    assert train(log, SMALL).recommend([], k=1)[0].item_id == "old"
    assert train(log, replace(SMALL, trend_half_life=20.0)).recommend([], k=1)[0].item_id == "new"


def test_old_interactions_fade_from_the_factors() -> None:
    rows = [(f"u{n}", item, 1.0, 0.0) for n in range(6) for item in ("a", "old")]
    rows += [(f"v{n}", item, 1.0, 100.0) for n in range(6) for item in ("a", "new")]
    steady, fading = (
        train(Interactions.from_rows(rows), replace(SMALL, factors=2, transition_weight=0.0, half_life=half_life))
        for half_life in (0.0, 20.0)
    )

    def score(model: FactorModel, item: str) -> float:
        return float(model.fold_in(["a"]) @ model.item_factors[model.index_of[item]])

    assert score(steady, "old") == pytest.approx(score(steady, "new"), rel=0.05)
    assert score(fading, "old") < 0.2 * score(fading, "new")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 58), min_size=1, max_size=14, unique=True), st.integers(0, 59), st.integers(0, 1000))
def test_contributions_add_up_to_the_blended_score(history: list[int], item: int, seed: int) -> None:
    model = blended(random_model(60, 10, seed), random_transitions(60, seed), trend_weight=0.2, trend_doubt=seed % 2)
    weights = {f"item-{index}": 1.0 + index % 3 for index in history} | {"item-59": -1.0}
    scores = {hit.item_id: hit.score for hit in model.recommend(weights, k=60, repeat=True)}
    shares = model.explain(weights, f"item-{item}")
    assert sum(part.share for part in shares) == pytest.approx(scores[f"item-{item}"], rel=1e-4, abs=1e-4)
    assert shares == sorted(shares, key=lambda part: -part.share)
    assert {part.item_id for part in shares} <= {*weights, None}


def test_many_blended_at_once_equal_one_by_one() -> None:
    model = blended(random_model(80, 9, 3, repeated=True), random_transitions(80, 3), trend_weight=0.1, trend_doubt=2.0)
    rng = np.random.default_rng(3)
    histories = [[f"item-{item}" for item in rng.integers(0, 80, size=length)] for length in (0, 1, 4, 30)]
    assert model.recommend_many(histories, 12) == [model.recommend(history, 12) for history in histories]


def test_a_model_blended_anew_is_the_one_that_is_trained_so(rows: Rows) -> None:
    log = Interactions.from_rows(rows)
    news = replace(SMALL, trend_weight=2.0, trend_half_life=5.0, transition_weight=1.5, transition_neighbours=20)
    again, trained = reblend(train(log, SMALL), log, news), train(log, news)
    assert again.config == trained.config
    history = list(log.history("user-3"))
    assert again.recommend(history, k=20) == trained.recommend(history, k=20)
    with pytest.raises(ValueError, match="the log that the model was fitted on"):
        reblend(again, Interactions.from_rows(rows[:5]), news)


def test_transitions_that_do_not_fit_are_refused() -> None:
    model, one, two = random_model(3, 2, 0), np.ones(1, dtype=np.float32), np.ones(2, dtype=np.float32)
    unknown = np.array([np.nan], dtype=np.float32)
    for transitions, message in (
        (Transitions.empty(4), "transitions of 3 items need 4 ascending bounds"),
        (Transitions(np.array([0, 2, 1, 1]), np.array([1]), one), "ascending bounds"),
        (Transitions(np.array([0, 1, 1, 1]), np.array([3]), one), "must lead to items 0 to 2"),
        (Transitions(np.array([0, 1, 1, 1]), np.array([1]), unknown), "finite numbers of at least zero"),
        (Transitions(np.array([0, 2, 2, 2]), np.array([2, 1]), two), "in ascending order, each once"),
        (Transitions(np.array([0, 1, 1, 1]), np.array([1, 2]), two), "as many entries as their bounds say"),
    ):
        with pytest.raises(ValueError, match=message):
            blended(model, transitions)
