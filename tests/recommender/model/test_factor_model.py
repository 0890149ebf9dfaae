"""What applications ask of a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ALSConfig, FactorModel, Interactions, Recommendation, train
from recommender.interactions.history import History
from tests.recommender.conftest import random_model


def ids(hits: list[Recommendation]) -> list[str | int]:
    return [hit.item_id for hit in hits]


def test_items_of_the_history_are_not_recommended_back(model: FactorModel) -> None:
    history = ["item-0", "item-3", "item-6"]
    assert not set(ids(model.recommend(history, k=len(model)))) & set(history)
    assert set(ids(model.recommend(history, k=len(model), repeat=True))) == set(model.item_ids)


def test_taste_decides(model: FactorModel) -> None:
    hits = ids(model.recommend(["item-0", "item-3", "item-6"], k=10))
    assert sum(int(str(hit).split("-")[1]) % 3 == 0 for hit in hits) >= 8


def test_without_transitions_scores_are_the_dot_products_of_the_folded_in_vector() -> None:
    model = random_model(60, 10, 8)
    history = {"item-1": 2.0, "item-4": 1.0}
    user = model.fold_in(history).astype(np.float64)
    for hit in model.recommend(history, k=5):
        assert hit.score == pytest.approx(model.item_factors[model.index_of[hit.item_id]] @ user)


def test_item_factors_are_turned_onto_their_principal_axes_once_and_products_stay() -> None:
    given = (np.random.default_rng(2).normal(size=(80, 9)) @ np.random.default_rng(3).normal(size=(9, 9))).astype(
        np.float32
    )
    kept, popularity, config = given.copy(), np.ones(80, np.float32), ALSConfig(factors=9)
    model = FactorModel(range(80), given, popularity, config)
    assert np.array_equal(given, kept)
    turned = model.item_factors.astype(np.float64)
    np.testing.assert_allclose(turned @ turned.T, given @ given.T, rtol=1e-4, atol=1e-4)
    gram = turned.T @ turned
    assert np.abs(gram - np.diag(np.diagonal(gram))).max() < 1e-6 * gram.max()
    assert FactorModel(range(80), model.item_factors, popularity, config).item_factors is model.item_factors


def test_excluded_items_are_hidden_even_when_repeats_are_welcome(model: FactorModel) -> None:
    best = ids(model.recommend(["item-0"], k=3, repeat=True))
    assert not set(best) & set(ids(model.recommend(["item-0"], k=10, exclude=set(best), repeat=True)))


def test_candidates_narrow_the_choice_without_changing_the_order(model: FactorModel) -> None:
    everything = ids(model.recommend(["item-2", "item-5"], k=len(model)))
    candidates = ["item-8", "item-40", "no such item", "item-11", "item-8", "item-2"]
    chosen = ids(model.recommend(["item-2", "item-5"], k=10, candidates=candidates))
    assert chosen == [item for item in everything if item in {"item-8", "item-40", "item-11"}]
    assert model.recommend(["item-2"], k=10, candidates=[]) == []


def test_k_beyond_what_is_left_returns_fewer(model: FactorModel) -> None:
    assert len(model.recommend(["item-0"], k=10_000)) == len(model) - 1
    assert model.recommend(list(model.item_ids), k=3) == []


@pytest.mark.parametrize("history", [[], {}, ["unknown"], {"item-0": -1.0}, {"item-0": 0.0}])
def test_a_history_that_says_nothing_gets_the_order_of_popularity(model: FactorModel, history: History) -> None:
    order = sorted(range(len(model)), key=lambda index: (-model.popularity[index], index))
    left = [model.item_ids[index] for index in order if not (history and model.item_ids[index] in history)]
    assert ids(model.recommend(history, k=10)) == left[:10]
    among = [item for item in left if item in {"item-7", "item-20", "item-33"}]
    assert ids(model.recommend(history, k=5, candidates=["item-33", "item-20", "item-7"])) == among


def test_unknown_ids_in_a_history_change_nothing(model: FactorModel) -> None:
    assert (
        model.recommend(["item-0", "unknown"], k=5)[0].item_id == model.recommend(["unknown", "item-0"], k=5)[0].item_id
    )
    assert np.array_equal(model.fold_in(["item-0", "unknown"]), model.fold_in(["item-0"]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 59), max_size=12), max_size=8), st.integers(1, 70), st.booleans())
def test_many_at_once_equals_one_by_one(histories: list[list[int]], k: int, repeat: bool) -> None:
    model = random_model(60, 10, 2, repeated=True)
    named = [[f"item-{index}" for index in history] for history in histories]
    exclude = {"item-3", "item-9"}
    together = model.recommend_many(named, k, exclude=exclude, repeat=repeat)
    assert together == [model.recommend(history, k, exclude=exclude, repeat=repeat) for history in named]


def test_the_newest_item_weighs_most() -> None:
    model = random_model(60, 10, 8)
    old, new = "item-4", "item-5"
    vectors = model.item_factors[[model.index_of[old], model.index_of[new]]]
    older, newer = vectors @ model.fold_in([new, old]), vectors @ model.fold_in([old, new])
    assert newer[1] > older[1]
    assert newer[0] < older[0]


def test_without_a_boost_order_does_not_matter() -> None:
    model = random_model(60, 10, 8)
    plain = FactorModel(model.item_ids, model.item_factors, model.popularity, ALSConfig(factors=10, recency_boost=0.0))
    np.testing.assert_allclose(plain.fold_in(["item-1", "item-2"]), plain.fold_in(["item-2", "item-1"]), rtol=1e-5)


def test_repeating_an_item_equals_a_weight_of_two() -> None:
    model = random_model(60, 10, 8)
    assert np.array_equal(model.fold_in(["item-1", "item-2", "item-1"]), model.fold_in({"item-2": 1.0, "item-1": 2.0}))


def test_an_unwanted_item_lowers_its_own_score() -> None:
    model = random_model(60, 10, 8)
    row = model.item_factors[model.index_of["item-2"]]
    liked = abs(row @ model.fold_in({"item-1": 1.0}))
    assert abs(row @ model.fold_in({"item-1": 1.0, "item-2": -8.0})) < liked


def test_contributions_add_up_to_the_score(model: FactorModel) -> None:
    history = {"item-0": 1.0, "item-7": -2.0, "item-3": 2.0, "unknown": 1.0}
    hit = model.recommend(history, k=1)[0]
    contributions = model.explain(history, hit.item_id)
    assert sum(contribution.share for contribution in contributions) == pytest.approx(hit.score, rel=1e-4)
    assert {contribution.item_id for contribution in contributions} == {"item-0", "item-3"}
    assert contributions == sorted(contributions, key=lambda contribution: -contribution.share)
    assert model.explain([], "item-0") == []


def test_neighbours_are_by_cosine_and_leave_out_the_item_itself(model: FactorModel) -> None:
    hits = model.similar("item-0", k=5)
    unit = model.item_factors / np.linalg.norm(model.item_factors, axis=1, keepdims=True)
    cosines = unit @ unit[model.index_of["item-0"]]
    cosines[model.index_of["item-0"]] = -2
    assert ids(hits) == [model.item_ids[index] for index in np.argsort(-cosines)[:5]]
    assert hits[0].score == pytest.approx(cosines.max(), rel=1e-5)
    assert ids(model.similar("item-0", k=4, exclude=[hits[0].item_id])) == ids(hits)[1:]


def test_an_item_nothing_was_learned_about_has_no_neighbours() -> None:
    model = random_model(10, 4, 0)
    factors = model.item_factors.copy()
    factors[2] = 0.0
    model = FactorModel(model.item_ids, factors, model.popularity, model.config)
    assert model.similar("item-2") == []
    assert "item-2" not in ids(model.similar("item-1", k=10))


@pytest.mark.parametrize("k", [0, -3, 2.0, None])
def test_a_bad_k_is_named(model: FactorModel, k: object) -> None:
    for ask in (model.recommend, model.recommend_many):
        with pytest.raises(ValueError, match=f"k must be a whole number of at least 1, got {k}"):
            ask([], k=k)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="k must be"):
        model.similar("item-0", k=k)  # type: ignore[arg-type]


def test_bad_arguments_are_named(model: FactorModel) -> None:
    with pytest.raises(ValueError, match="item 'no such' is not in the model"):
        model.similar("no such")
    with pytest.raises(ValueError, match="item 'no such' is not in the model"):
        model.explain(["item-0"], "no such")
    with pytest.raises(ValueError, match="history must be"):
        model.recommend("item-0")
    with pytest.raises(ValueError, match="exclude must be"):
        model.recommend(["item-0"], exclude="item-1")
    with pytest.raises(ValueError, match="candidates must be"):
        model.recommend(["item-0"], candidates=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="user must be"):
        model.rank(np.zeros(3, dtype=np.float32))


def test_what_is_hidden_may_be_named_in_any_order(model: FactorModel) -> None:
    users = model.item_factors[[0, 1]].copy()
    hidden = [[3, 0, 2], [2, 1]]
    found = [model.rank(user, 10, np.array(one))[0].tolist() for user, one in zip(users, hidden, strict=True)]
    assert all(not set(ranked) & set(one) for ranked, one in zip(found, hidden, strict=True))
    as_arrays = [np.array(one, dtype=np.int32) for one in hidden]
    assert [ids.tolist() for ids, _ in model.rank_many(users, 10, as_arrays)] == found


def test_nothing_left_to_recommend_is_an_empty_list_with_transitions_too() -> None:
    rows = [(user, item) for user in range(20) for item in ("a", "b", "c")]
    model = train(Interactions.from_rows(rows), ALSConfig(factors=2, regularization=0.1, trend_weight=0.5), seed=7)
    assert model.recommend(["a", "b", "c"], k=3) == []
    assert model.recommend(["a"], k=3, exclude=["b", "c"]) == []
    assert model.recommend(["a"], k=3, candidates=["a"]) == []
    assert model.recommend(["a"], k=3, candidates=[]) == []


def test_a_model_that_does_not_fit_together_is_refused() -> None:
    good = random_model(4, 2, 0)
    config = ALSConfig(factors=2)
    with pytest.raises(ValueError, match="item_factors must have shape"):
        FactorModel(["a"], good.item_factors, good.popularity, config)
    with pytest.raises(ValueError, match="popularity must have shape"):
        FactorModel(good.item_ids, good.item_factors, good.popularity[:2], config)
    with pytest.raises(ValueError, match="item_ids must be distinct"):
        FactorModel(["a", "b", "c", "a"], good.item_factors, good.popularity, config)
    with pytest.raises(ValueError, match="item_factors must be finite"):
        FactorModel(good.item_ids, good.item_factors * np.nan, good.popularity, config)


def test_a_model_cannot_be_written_to(model: FactorModel) -> None:
    for array in (model.item_factors, model.popularity):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0
    assert "item-0" in model
    assert "no such" not in model
    assert repr(model) == f"FactorModel({len(model)} items, 16 factors)"
