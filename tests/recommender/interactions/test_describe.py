"""What is known of items beside interactions trains, and is counted nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import ALSConfig, ALSTrainer, Interactions, PopularityModel, train

ROWS = [
    (f"{colour}-lover-{n}", f"{colour}-{(n + step) % 4}")
    for colour in ("red", "blue")
    for n in range(12)
    for step in (0, 1)
]
COLOURS = {f"{colour}-{n}": [f"colour={colour}"] for colour in ("red", "blue") for n in range(6)}


def described() -> Interactions:
    log = Interactions.from_rows(ROWS)
    log.describe(COLOURS, weight=2.0)
    return log


def test_descriptions_count_as_neither_rows_users_nor_popularity() -> None:
    plain, log = Interactions.from_rows(ROWS), described()
    assert (log.rows, log.users) == (plain.rows, plain.users)
    assert log.items == 12, "two items of each colour that nobody has touched joined the catalog"
    np.testing.assert_array_equal(log.popularity()[:8], plain.popularity())
    assert not log.popularity()[8:].any()
    assert [hit.item_id for hit in PopularityModel.from_interactions(log).recommend([], k=8)] == [
        hit.item_id for hit in PopularityModel.from_interactions(plain).recommend([], k=8)
    ]


def test_an_item_that_nobody_touched_is_ranked_among_its_like() -> None:
    model = train(described(), ALSConfig(factors=8, regularization=0.1), seed=7)
    hits = [str(hit.item_id) for hit in model.recommend(["red-0"], k=4)]
    assert all(hit.startswith("red") for hit in hits)
    assert {"red-4", "red-5"} <= set(hits)


def test_updates_keep_what_was_described() -> None:
    trainer = ALSTrainer(ALSConfig(factors=8, regularization=0.1), seed=7)
    trainer.fit(described())
    trainer.update([("new-user", "red-5"), ("new-user", "red-1")])
    assert trainer.log.rows == len(ROWS) + 2
    hits = [hit.item_id for hit in trainer.model().recommend(["red-5"], k=2)]
    assert hits == ["red-4", "red-1"], "the untouched one of its colour, and the one that it was chosen with"


def test_forgetting_users_and_compacting_leaves_descriptions_alone() -> None:
    log = described()
    more = [(f"passer-{n}", f"red-{n % 4}") for n in range(3000)]
    log.append(more)
    for user_id, _ in more:
        log.discard(user_id)
    plain = described()
    assert log.rows == plain.rows
    np.testing.assert_array_equal(log.popularity(), plain.popularity())
    assert log.to_csr().sum() == plain.to_csr().sum()


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_that_says_nothing_is_refused(weight: float) -> None:
    log = Interactions.from_rows(ROWS)
    with pytest.raises(ValueError, match="weight of a description must be a positive finite number"):
        log.describe(COLOURS, weight=weight)
    assert log.items == 8


def test_an_attribute_that_is_no_text_is_refused_whole() -> None:
    log = Interactions.from_rows(ROWS)
    with pytest.raises(ValueError, match="must be text such as 'style=retro', got 7"):
        log.describe({"red-9": ["colour=red", 7]})  # type: ignore[arg-type]
    assert log.items == 8


@pytest.mark.parametrize("weight", [1e39, 1e20, 10**400])
def test_a_weight_beyond_the_limit_is_refused(weight: float) -> None:
    log = Interactions.from_rows(ROWS)
    with pytest.raises(ValueError, match="positive finite number of at most 1000000"):
        log.describe(COLOURS, weight=weight)
    assert log.items == 8


@pytest.mark.parametrize("names", ["style=retro", b"style=retro", 7, None, {"style": "retro"}])
def test_attributes_that_are_no_list_are_refused_and_not_read_as_letters(names: object) -> None:
    log = Interactions.from_rows(ROWS)
    with pytest.raises(ValueError, match=r"the attributes of 'i1' must be a list such as \['style=retro'\], got"):
        log.describe({"i1": names})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"must map each item id to a list of attributes, .* got a list"):
        log.describe([("i1", ["style=retro"])])  # type: ignore[arg-type]
    assert (log.items, log.user_slots) == (8, 24)
