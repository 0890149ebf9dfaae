"""Neighbours through the index of directions are those that a scan of all cosines finds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from recommender import ALSConfig, FactorModel
from recommender.topk import probe_kernels, twins
from recommender.topk.approximate_kernels import pack_user
from recommender.topk.clusters import cluster_count, cluster_means, nearest_means
from recommender.topk.directions import Directions
from recommender.topk.index import row_norms
from recommender.topk.packed_products import (
    GROUP,
    ROW_WORDS,
    count_bits,
    dot_group,
    dot_row,
    flags_of,
    lowest_bit,
    mark_block,
)
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


def test_every_group_holds_items_of_one_cluster_and_every_item_is_in_one_place() -> None:
    rng = np.random.default_rng(3)
    kinds = rng.normal(size=(9, 6))
    vectors = (kinds[rng.integers(9, size=3000)] + 0.2 * rng.normal(size=(3000, 6))).astype(np.float32)
    vectors[[0, 2999]] = 0.0
    *_, means, _, _, order, cells, starts = Directions.of(vectors, row_norms(vectors)).laid_out
    assert np.array_equal(np.sort(order[order >= 0]), np.arange(1, 2999))
    assert means.shape == (6, cluster_count(2998))
    for cluster, (first, last) in enumerate(pairwise(starts)):
        assert (cells[first:last] == cluster).all()
        assert (order[first * GROUP : last * GROUP] >= 0).sum() > (last - first - 1) * GROUP


def test_clusters_are_found_where_there_are_some_and_nothing_breaks_where_there_are_none() -> None:
    rng = np.random.default_rng(5)
    corners = (np.eye(4) * 5.0).astype(np.float32)
    rows = np.repeat(corners, 50, axis=0) + 0.1 * rng.normal(size=(200, 4)).astype(np.float32)
    means = cluster_means(rows, 8)
    assert np.linalg.norm(rows - means[nearest_means(rows, means)], axis=1).max() < 1.0
    alike = cluster_means(np.ones((3, 2), dtype=np.float32), 5)
    assert alike.tolist() == [[1.0, 1.0]] * 5
    assert cluster_means(np.empty((0, 2), dtype=np.float32), 1).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("factors", [2, 5, 24, 70])
def test_sketches_say_at_least_and_rows_about_what_directions_do(factors: int) -> None:
    model = random_model(300, factors, 6)
    norms = row_norms(model.item_factors)
    directions = Directions.of(model.item_factors, norms)
    _, _, *lengths, means, sketches, rows, order, cells, _ = directions.laid_out
    pack: Callable[..., None] = probe_kernels.pack_target
    words, row_words = sketches.shape[1], rows.shape[1]
    members = order >= 0
    unit = model.item_factors / norms[:, None]
    bytes_ = np.concatenate((sketches << 4, sketches), axis=1).view(np.uint8).reshape(-1, 2 * words, LANES, 4)
    for target in (0, 7, 299):
        sketch, row = np.empty((2, 2 * words), np.int32), np.empty((2, row_words), np.int32)
        offsets, numbers = np.empty(means.shape[1], np.float32), np.empty(11)
        pack(target, model.item_factors, norms, *lengths, means, sketch, row, offsets, numbers)
        cosines = unit[order[members]] @ unit[target]
        signed = sketch.view(np.int8).reshape(2, -1, 1, 4).astype(int)
        most, likely = ((one * bytes_).sum(axis=(1, 3)).ravel()[members] for one in signed)
        of_clusters = np.repeat(offsets, np.bincount(cells, minlength=len(offsets)) * GROUP)[members]
        bounds = numbers[0] * (most - numbers[1]) + numbers[2] + of_clusters
        assert (bounds >= cosines).all()
        assert (bounds - cosines).mean() < 0.7
        guesses = numbers[6] * (likely - numbers[7]) + of_clusters
        assert np.corrcoef(guesses, cosines)[0, 1] > 0.7
        coarse, fine = ((one * rows.view(np.uint8)).sum(axis=1)[members] for one in row.view(np.int8).astype(int))
        assert np.abs(numbers[3] * (coarse - numbers[4]) - cosines).max() <= numbers[5] < 0.05
        finely = numbers[8] * (probe_kernels.FINE * coarse + fine - numbers[9])
        assert np.abs(finely - cosines).max() <= numbers[10] < numbers[5]


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
    def asked(user: Any, blocks: Any, rows: Any, cells: Any, limits: Any, products: Any) -> Any:
        for group in range(LANES // GROUP):
            dot_group(user[:6], blocks, LANES // GROUP + group, products[group * GROUP : (group + 1) * GROUP])
        flags = mark_block(user[:6], blocks, 1, cells, limits)
        also = flags_of(products.astype(np.float32), np.float32(limits[cells[-1]]))
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
    cells = np.array([0, 0, 0, 0, 1, 0, 1, 1], dtype=np.int32)  # of the second block's groups all but one are of 1
    for limit in (np.sort(sums)[-3], sums.min(), sums.max() + 1):
        limits = np.array([limit - 500, limit], dtype=np.int32)
        flags, also, lowest, count, total = ask(user, blocks, rows.view(np.int32), cells, limits, products)
        reaching = np.flatnonzero(sums >= np.repeat(limits[cells[4:]], GROUP))
        assert products.tolist() == sums.tolist()
        assert int(flags) == sum(1 << int(lane) for lane in reaching)
        assert int(also) == sum(1 << int(lane) for lane in np.flatnonzero(sums >= limit))
        assert (lowest, count) == (reaching[0] if len(reaching) else 64, len(reaching))
        assert total == (signed * rows[1]).sum()


@pytest.mark.parametrize(("items", "expected"), [(1000, 4), (65_536, 4), (65_537, 3), (10**6, 3)])
def test_sketches_that_do_not_stay_cached_are_shorter(items: int, expected: int) -> None:
    assert sketch_words(64, items) == expected
    assert sketch_words(1, items) == 1
