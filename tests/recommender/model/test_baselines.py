"""The arms to beat, and the contract that they share with the model."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from recommender import ALSConfig, FactorModel, Interactions, ItemToItemModel, PopularityModel, RandomModel, Recommender
from recommender.interactions.history import History

ROWS = [
    *((user, item) for user in ("a", "b", "c") for item in ("tea", "cup", "pot")),
    *((user, item) for user in ("d", "e", "f", "g") for item in ("ale", "mug")),
    ("d", "tea"),
]


@pytest.fixture(params=["popularity", "random", "item-to-item", "als"])
def arm(request: pytest.FixtureRequest, model: FactorModel, rows: list[tuple[str, str, float, float]]) -> Recommender:
    log = Interactions.from_rows(rows)
    arms: dict[str, Recommender] = {
        "popularity": PopularityModel.from_interactions(log),
        "random": RandomModel(log.item_ids, seed=3),
        "item-to-item": ItemToItemModel.from_interactions(log),
        "als": model,
    }
    return arms[request.param]


def test_every_arm_hides_what_was_seen_or_excluded_and_names_no_item_twice(arm: Recommender) -> None:
    history, exclude = ["item-0", "item-3"], {"item-6", "item-1"}
    hits = [hit.item_id for hit in arm.recommend(history, 50, exclude)]
    assert hits
    assert not set(hits) & ({*history} | exclude)
    assert len(set(hits)) == len(hits)


def test_every_arm_keeps_to_the_candidates(arm: Recommender) -> None:
    candidates = ["item-9", "item-12", "item-0", "no such item"]
    hits = [hit.item_id for hit in arm.recommend(["item-0"], 10, None, candidates)]
    assert set(hits) <= {"item-9", "item-12"}


def test_every_arm_answers_many_as_it_answers_one(arm: Recommender) -> None:
    histories: list[History] = [[], ["item-0"], {"item-3": 2.0, "item-4": 1.0}]
    assert arm.recommend_many(histories, 7) == [arm.recommend(history, 7) for history in histories]


def test_every_arm_refuses_a_bad_k(arm: Recommender) -> None:
    with pytest.raises(ValueError, match="k must be a whole number of at least 1, got 0"):
        arm.recommend([], 0)


def test_popularity_is_the_sum_of_weights_with_ties_in_catalog_order() -> None:
    model = PopularityModel.from_interactions(
        Interactions.from_rows([("a", "x"), ("a", "y", 3.0), ("b", "z"), ("b", "w", -5)])
    )
    assert [(hit.item_id, hit.score) for hit in model.recommend([], 9)] == [
        ("y", 3.0),
        ("x", 1.0),
        ("z", 1.0),
        ("w", 0.0),
    ]
    with pytest.raises(ValueError, match="popularity must hold one number an item id, 2"):
        PopularityModel(["x", "y"], np.ones(3, dtype=np.float32))


def test_chance_is_even_and_can_be_repeated() -> None:
    model = RandomModel(range(20), seed=5)
    histories = [[number % 20, number // 20] for number in range(400)]
    first = [hits[0].item_id for hits in model.recommend_many(histories, 3)]
    assert first == [hits[0].item_id for hits in RandomModel(range(20), seed=5).recommend_many(histories, 3)]
    assert first != [hits[0].item_id for hits in RandomModel(range(20), seed=6).recommend_many(histories, 3)]
    counts = np.bincount(np.array(first, dtype=np.int64), minlength=20)
    assert counts.min() > 5
    assert counts.max() < 45
    assert len(model.recommend([1, 2], 50)) == 18


def test_neighbours_share_an_audience() -> None:
    model = ItemToItemModel.from_interactions(Interactions.from_rows(ROWS))
    assert {hit.item_id for hit in model.recommend(["tea"], 2)} == {"cup", "pot"}
    assert model.recommend(["ale"], 1)[0].item_id == "mug"
    assert model.similar("ale", 1) == model.recommend(["ale"], 1)
    with pytest.raises(ValueError, match="item 'gin' is not in the model"):
        model.similar("gin")


def test_item_to_item_falls_back_to_popularity_without_a_history_and_never_pads() -> None:
    log = Interactions.from_rows(ROWS)
    model = ItemToItemModel.from_interactions(log)
    assert model.recommend([], 3) == PopularityModel.from_interactions(log).recommend([], 3)
    assert len(model.recommend(["ale"], 10)) < 4


def test_similarity_is_the_same_for_few_and_many_items_at_a_time(rows: list[tuple[str, str, float, float]]) -> None:
    from recommender.model.baselines import _bm25, _neighbours

    columns = _bm25(Interactions.from_rows(rows).to_csr())
    whole, banded = _neighbours(columns, 10).toarray(), _neighbours(columns, 10, band=7).toarray()
    np.testing.assert_allclose(whole, banded)
    assert np.all(np.diag(whole) == 0)
    dense = (columns.T @ columns).toarray()
    np.fill_diagonal(dense, 0.0)
    np.testing.assert_allclose(np.sort(whole, axis=1)[:, -10:], np.sort(dense, axis=1)[:, -10:])


def test_an_id_given_twice_or_as_one_text_is_refused() -> None:
    ones, none = np.ones(2, dtype=np.float32), scipy.sparse.csr_matrix(np.zeros((2, 2), dtype=np.float32))
    for make in (
        lambda ids: PopularityModel(ids, ones),
        lambda ids: RandomModel(ids, seed=1),
        lambda ids: ItemToItemModel(ids, none, ones),
        lambda ids: FactorModel(ids, np.ones((2, 2), np.float32), ones, ALSConfig(factors=2)),
    ):
        with pytest.raises(ValueError, match="item_ids must be distinct; 'x' occurs twice"):
            make(["x", "x"])
        with pytest.raises(ValueError, match="item_ids must be a list of ids, got the text 'xy'"):
            make("xy")
        with pytest.raises(ValueError, match=r"each of item_ids must be a str or an int, got 1\.5"):
            make(["x", 1.5])


def test_numbers_that_are_not_finite_are_refused() -> None:
    ones = np.ones(2, dtype=np.float32)
    for bad in (np.nan, np.inf, 1e39):
        with pytest.raises(ValueError, match="popularity must be finite numbers"):
            PopularityModel(["x", "y"], np.array([1.0, bad]))
        with pytest.raises(ValueError, match="popularity must be finite numbers"):
            FactorModel(["x", "y"], np.ones((2, 2), np.float32), np.array([1.0, bad]), ALSConfig(factors=2))
    with pytest.raises(ValueError, match="similarity must hold finite numbers"):
        ItemToItemModel(["x", "y"], scipy.sparse.csr_matrix([[0.0, np.inf], [0.0, 0.0]]), ones)
    with pytest.raises(ValueError, match=r"for each of 2 items; got shape \(3, 3\)"):
        ItemToItemModel(["x", "y"], scipy.sparse.csr_matrix((3, 3)), ones)


def test_an_empty_log_gives_arms_that_recommend_nothing() -> None:
    log = Interactions()
    arms: list[Recommender] = [
        PopularityModel.from_interactions(log),
        RandomModel(log.item_ids, seed=1),
        ItemToItemModel.from_interactions(log),
    ]
    for arm in arms:
        assert arm.recommend([], 5) == arm.recommend(["tea"], 5) == []
    log.describe({"tea": ["kind=drink"], "cup": ["kind=thing"]})
    assert [hit.item_id for hit in ItemToItemModel.from_interactions(log).recommend([], 5)] == ["tea", "cup"]
