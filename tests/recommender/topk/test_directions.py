"""Neighbours through the index of directions are those that a scan of all cosines finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from recommender import ALSConfig, FactorModel
from recommender.topk import probe_kernels, twins
from recommender.topk.approximate_kernels import pack_user
from recommender.topk.directions import Directions, in_cells
from recommender.topk.index import row_norms
from recommender.topk.packed_products import ROW_WORDS, count_bits, dot_block, dot_row, flags_of, lowest_bit, mark_block
from recommender.topk.score_kernels import LANES
from recommender.topk.sketches import pack_nibbles, sketch_words
from tests.recommender.conftest import random_model


def by_scan(model: FactorModel, target: int, k: int, hidden: list[int]) -> list[tuple[object, float]]:
    """All cosines, sorted."""
    room = min(k, len(model))
    ids, scores = np.empty(room, dtype=np.int32), np.empty(room)
    hide = np.array(sorted({target, *hidden}), dtype=np.int32)
    norms = row_norms(model.item_factors)
    found = twins.rank_cosine(model.item_factors[target], model.item_factors, norms, hide, ids, scores)
    return [(model.item_ids[item], score) for item, score in zip(ids[:found], scores[:found], strict=True)]


@settings(max_examples=80, deadline=None)
@given(
    items=st.integers(1, 400),
    factors=st.sampled_from([1, 3, 8, 17, 40]),
    k=st.integers(1, 30),
    blank=st.integers(0, 5),
    repeated=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_neighbours_are_those_of_a_scan_of_all_cosines(
    items: int, factors: int, k: int, blank: int, repeated: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model = random_model(items, factors, seed, repeated=repeated)
    vectors = model.item_factors.copy()
    vectors[rng.integers(items, size=blank)] = 0.0
    model = FactorModel(model.item_ids, vectors, model.popularity, model.config)
    targets = rng.integers(items, size=min(items, 6)).tolist()
    together = model.similar_many([model.item_ids[target] for target in targets], k, threads=2)
    excluded = rng.choice(items, size=min(items, 3), replace=False).tolist()
    for target, neighbours in zip(targets, together, strict=True):
        expected = by_scan(model, target, k, []) if vectors[target].any() else []
        assert [tuple(hit) for hit in neighbours] == expected
        assert model.similar(model.item_ids[target], k) == neighbours
        left = by_scan(model, target, k, excluded) if vectors[target].any() else []
        exclude = [model.item_ids[item] for item in excluded]
        assert [tuple(hit) for hit in model.similar(model.item_ids[target], k, exclude)] == left


def test_lists_of_the_whole_catalog_are_the_same_in_arrays() -> None:
    model = random_model(130, 9, 4)
    lists = model.similar_many(k=5)
    ids, cosines = model.similar_arrays(5, threads=2)
    assert [[hit.item_id for hit in hits] for hits in lists] == [[model.item_ids[item] for item in row] for row in ids]
    assert [[hit.score for hit in hits] for hits in lists] == cosines.tolist()
    short, low = random_model(3, 2, 0).similar_arrays(4)
    assert (short[:, 2:] == -1).all()
    assert (low[:, 2:] == -np.inf).all()


@pytest.mark.parametrize("items", [200, 5000])
def test_a_catalog_of_one_direction_is_in_catalog_order(items: int) -> None:
    vectors = np.outer(np.arange(1, items + 1), [3.0, 4.0]).astype(np.float32)
    model = FactorModel(range(items), vectors, np.ones(items, dtype=np.float32), ALSConfig(factors=2))
    expected = by_scan(model, 50, 12, [])
    assert [tuple(hit) for hit in model.similar(50, 12)] == expected


def test_nothing_learned_about_anything_is_no_neighbours() -> None:
    model = FactorModel(["a", "b"], np.zeros((2, 3)), np.ones(2), ALSConfig(factors=3))  # type: ignore[arg-type]
    assert model.similar_many() == [[], []]
    nothing = FactorModel([], np.empty((0, 3)), np.empty(0), ALSConfig(factors=3))  # type: ignore[arg-type]
    assert nothing.similar_many() == []
    assert nothing.similar_arrays(3)[0].shape == (0, 3)


def test_bad_arguments_are_named() -> None:
    model = random_model(5, 3, 0)
    with pytest.raises(ValueError, match="item 'no such' is not in the model"):
        model.similar_many(["item-1", "no such"])
    with pytest.raises(ValueError, match="item_ids must be a list of ids, got the text"):
        model.similar_many("item-1")
    with pytest.raises(ValueError, match="k must be"):
        model.similar_arrays(0)


@pytest.mark.parametrize("rows", [0, 1, 64, 65, 1000])
def test_cells_hold_every_row_once_and_split_by_the_leading_coordinates(rows: int) -> None:
    coordinates = np.random.default_rng(3).normal(size=(rows, 4)).astype(np.float32)
    order = in_cells(coordinates)
    assert np.array_equal(np.sort(order), np.arange(rows))
    if rows > 4 * LANES:
        halves = coordinates[order[: rows // 2], 0], coordinates[order[rows // 2 :], 0]
        assert halves[0].max() <= halves[1].min()


@pytest.mark.parametrize("factors", [2, 5, 24, 70])
def test_sketches_say_at_least_and_rows_about_what_directions_do(factors: int) -> None:
    model = random_model(300, factors, 6)
    norms = row_norms(model.item_factors)
    directions = Directions.of(model.item_factors, norms)
    _, _, *lengths, sketches, rows, order = directions.laid_out
    pack: Callable[..., None] = probe_kernels.pack_target
    words, row_words = sketch_words(factors), rows.shape[1]
    members = order[order >= 0]
    unit = model.item_factors / norms[:, None]
    for target in (0, 7, 299):
        sketch, row, numbers = np.empty(2 * words, np.int32), np.empty(row_words, np.int32), np.empty(6)
        pack(target, model.item_factors, norms, *lengths, sketch, row, numbers)
        cosines = unit[members] @ unit[target]
        blocks = np.ascontiguousarray(sketches[: len(order) // LANES])
        bytes_ = np.concatenate((blocks << 4, blocks), axis=1).view(np.uint8).reshape(-1, 2 * words, LANES, 4)
        products = (sketch.view(np.int8).reshape(-1, 1, 4).astype(int) * bytes_).sum(axis=(1, 3)).ravel()
        bounds = numbers[0] * (products[: len(members)] - numbers[1]) + numbers[2]
        assert (bounds >= cosines).all()
        assert (bounds - cosines).mean() < 0.7
        products = (row.view(np.int8).astype(int) * rows.view(np.uint8)).sum(axis=1)[: len(members)]
        assert np.abs(numbers[3] * (products - numbers[4]) - cosines).max() <= numbers[5] < 0.05


@pytest.mark.parametrize(("k", "asked"), [(20, 30), (200, 5)])
def test_many_blocks_are_searched_from_the_nearest_on(k: int, asked: int) -> None:
    rng = np.random.default_rng(8)
    kinds = rng.normal(size=(40, 12))
    vectors = (kinds[rng.integers(40, size=5000)] + 0.4 * rng.normal(size=(5000, 12))).astype(np.float32)
    model = FactorModel(range(5000), vectors, np.ones(5000, dtype=np.float32), ALSConfig(factors=12))
    targets = rng.integers(5000, size=asked).tolist()
    for target, neighbours in zip(targets, model.similar_many(targets, k), strict=True):
        assert [tuple(hit) for hit in neighbours] == by_scan(model, target, k, [])
        assert model.similar(target, k) == neighbours
        hidden = [int(hit.item_id) for hit in neighbours[: k // 2]]
        assert [tuple(hit) for hit in model.similar(target, k, hidden)] == by_scan(model, target, k, hidden)


@pytest.mark.parametrize("compiled", [True, False])
def test_flags_and_sums_of_packed_numbers_are_exact(compiled: bool) -> None:
    @njit
    def asked(user: Any, blocks: Any, rows: Any, limit: Any, products: Any) -> Any:
        dot_block(user[:6], blocks, 1, products)
        flags = mark_block(user[:6], blocks, 1, limit)
        also = flags_of(products.astype(np.float32), np.float32(limit))
        return flags, also, lowest_bit(flags), count_bits(flags), dot_row(user, rows, 1)

    rng = np.random.default_rng(3)
    ask = asked if compiled else getattr(asked, "py_func", asked)
    numbers, rows = rng.integers(0, 16, (2 * LANES, 24), np.uint8), rng.integers(0, 256, (2, 64), np.uint8)
    blocks = np.ascontiguousarray(pack_nibbles(numbers).reshape(2, LANES, 3).transpose(0, 2, 1))
    user = np.empty(ROW_WORDS, dtype=np.int32)
    pack_user(rng.normal(size=4 * ROW_WORDS).astype(np.float32), user)
    products = np.empty(LANES, dtype=np.int32)
    signed = user.view(np.int8).astype(int)
    words = blocks[1].T  # an item a row
    sums = (words << 4).copy().view(np.uint8) @ signed[:12] + words.copy().view(np.uint8) @ signed[12:24]
    for limit in (np.sort(sums)[-3], sums.min(), sums.max() + 1):
        flags, also, lowest, count, total = ask(user, blocks, rows.view(np.int32), np.int32(limit), products)
        reaching = np.flatnonzero(sums >= limit)
        assert products.tolist() == sums.tolist()
        assert int(flags) == int(also) == sum(1 << int(lane) for lane in reaching)
        assert (lowest, count) == (reaching[0] if len(reaching) else 64, len(reaching))
        assert total == (signed * rows[1]).sum()
