"""Ranking kernels agree with their NumPy twins to the last bit: ids, order, ties, scores."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import FactorModel
from recommender.topk import dot_bytes, pool_kernels, scan_kernels, score_kernels, twins
from recommender.topk.batch import cut, in_chunks, in_stages, rank_users
from recommender.topk.heap_kernels import LONG
from recommender.topk.index import FactorIndex, row_norms
from recommender.topk.packing import BYTES, HALVES
from recommender.topk.sharing.runs import FEWEST
from tests.recommender.conftest import random_model

Answer = tuple[list[int], list[float]]


def answer(k: int, rank: Callable[..., int], *arguments: object) -> Answer:
    top_ids, top_scores = np.full(k, -7, dtype=np.int32), np.full(k, np.nan)
    found = rank(*arguments, top_ids, top_scores)
    return top_ids[:found].tolist(), top_scores[:found].tolist()


def expected(model: FactorModel, user: np.ndarray, k: int, hidden: np.ndarray) -> Answer:
    return answer(min(k, len(model)), twins.rank_one, *scanned(model, user, hidden, model._index))


def scanned(model: FactorModel, user: np.ndarray, hidden: np.ndarray, index: FactorIndex) -> tuple[object, ...]:
    """The arguments of `rank_one` for an index, up to the lists that it writes."""
    return user, model.item_factors, *index.laid_out, hidden


LAYOUTS = [HALVES, BYTES] if dot_bytes.available() else [HALVES]


def asked(model: FactorModel, user: np.ndarray, k: int, hidden: np.ndarray) -> Answer:
    """What the model answers, after every layout that this processor can scan has been found to answer the same."""
    ids, scores = model.rank(user, k, hidden)
    given = ids.tolist(), scores.tolist()
    for layout in LAYOUTS:
        index = FactorIndex.build(model.item_factors, layout)
        assert answer(min(k, len(model)), index.rank, user, model.item_factors, hidden) == given
    return given


@settings(max_examples=150, deadline=None)
@given(
    items=st.integers(1, 300),
    factors=st.integers(1, 40),
    k=st.integers(1, 40) | st.integers(LONG, 350),
    hide=st.floats(0, 1),
    repeated=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_the_index_finds_what_a_full_sort_finds(
    items: int, factors: int, k: int, hide: float, repeated: bool, seed: int
) -> None:
    model = random_model(items, factors, seed, repeated=repeated)
    rng = np.random.default_rng(seed + 1)
    user = rng.normal(size=factors).astype(np.float32)
    hidden = np.flatnonzero(rng.random(items) < hide).astype(np.int32)
    assert asked(model, user, k, hidden) == expected(model, user, k, hidden)


@settings(max_examples=60, deadline=None)
@given(
    users=st.integers(0, 9),
    items=st.integers(1, 200),
    factors=st.integers(1, 20),
    k=st.integers(1, 40) | st.integers(LONG, 150),
    tile_words=st.sampled_from([1, 500, 1 << 17]),
    threads=st.integers(1, 3),
    repeated=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_a_batch_answers_what_each_user_is_answered_alone(
    users: int, items: int, factors: int, k: int, tile_words: int, threads: int, repeated: bool, seed: int
) -> None:
    model = random_model(items, factors, seed, repeated=repeated)
    rng = np.random.default_rng(seed + 1)
    vectors = rng.normal(size=(users, factors)).astype(np.float32)
    hidden = [np.flatnonzero(rng.random(items) < rng.random()).astype(np.int32) for _ in range(users)]
    wanted = [expected(model, vector, k, own) for vector, own in zip(vectors, hidden, strict=True)]
    ranked = model.rank_many(vectors, k, hidden, threads=threads)
    assert [(ids.tolist(), scores.tolist()) for ids, scores in ranked] == wanted
    for layout in LAYOUTS:
        index = FactorIndex.build(model.item_factors, layout)
        ranked = rank_users(index, model.item_factors, vectors, min(k, items), hidden, threads, tile_words)
        assert [(ids.tolist(), scores.tolist()) for ids, scores in ranked] == wanted


@settings(max_examples=200, deadline=None)
@given(size=st.integers(0, 5000), threads=st.integers(1, 9), chunk=st.integers(1, 700))
def test_threads_share_a_batch_in_runs_that_become_shorter(size: int, threads: int, chunk: int) -> None:
    bounds = cut(size, threads, chunk)
    lengths = [stop - start for start, stop in bounds]
    assert [user for run in bounds for user in range(*run)] == list(range(size))
    assert max(lengths, default=0) <= chunk
    assert lengths == sorted(lengths, reverse=True)
    if threads == 1:
        assert len(bounds) == -(-size // chunk)
    elif size:
        assert lengths[-1] <= max(1, chunk // 4)
        assert len(bounds) >= min(threads, size // max(1, chunk // 4)), "a batch of less than a chunk occupies all"
        if size >= threads * FEWEST and -(-size // threads) <= chunk // 4:
            assert len(bounds) >= threads, "a small batch occupies all"
            assert lengths[0] - lengths[-1] < threads, "in equal parts"
        if size <= FEWEST <= chunk // 4:
            assert len(bounds) == 1, "what is over before a thread begins is not handed out"


def test_threads_are_kept_from_batch_to_batch() -> None:
    def thread(start: int, stop: int) -> int:
        return threading.get_ident()

    def name(found: int) -> int:
        return found

    threads = {ident for _ in range(20) for ident in in_chunks(thread, 1000, 3, 64)}
    also = set(in_stages(lambda start, stop: (start, stop), lambda run: thread(*run), name, 1000, 3, 64))
    assert len(threads | also) <= 3
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_runs_come_back_in_their_order_and_the_first_error_is_the_one_that_is_raised(threads: int) -> None:
    assert in_chunks(lambda start, stop: (start, stop), 1000, threads, 64) == cut(1000, threads, 64)

    def fail(start: int, stop: int) -> None:
        if stop > 500:
            raise ValueError(f"users {start} to {stop}")

    first = next(bounds for bounds in cut(1000, threads, 64) if bounds[1] > 500)
    for _ in range(20):
        with pytest.raises(ValueError, match=f"users {first[0]} to {first[1]}$"):
            in_chunks(fail, 1000, threads, 64)


def test_a_batch_without_hidden_items_hides_none_and_says_what_is_wrong_with_its_arguments() -> None:
    model = random_model(80, 6, 2)
    vectors = np.random.default_rng(2).normal(size=(3, 6)).astype(np.float32)
    for vector, (ids, scores) in zip(vectors, model.rank_many(vectors, 5), strict=True):
        assert (ids.tolist(), scores.tolist()) == expected(model, vector, 5, np.empty(0, dtype=np.int32))
    with pytest.raises(ValueError, match="users must be a float32 array"):
        model.rank_many(vectors.astype(np.float64))
    with pytest.raises(ValueError, match="for each of 3 users"):
        model.rank_many(vectors, hidden=[np.empty(0, dtype=np.int32)])
    with pytest.raises(ValueError, match="threads must be"):
        model.rank_many(vectors, threads=0)


def test_a_short_list_that_overflows_is_settled_on_the_way() -> None:
    rng = np.random.default_rng(11)
    rising = np.linspace(0.5, 1.0, 3000, dtype=np.float32)[:, None] * np.ones(4, dtype=np.float32)
    turned = (rising + 0.001 * rng.normal(size=rising.shape)).astype(np.float32)
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    model = random_model(3000, 4, 0)
    user, hidden = np.ones(4, dtype=np.float32), np.arange(0, 3000, 7, dtype=np.int32)
    for factors in (turned, np.ones((3000, 4), dtype=np.float32)):
        model = FactorModel(model.item_ids, factors.astype(np.float32), model.popularity, model.config)
        for k in (20, 500):
            assert asked(model, user, k, hidden) == expected(model, user, k, hidden)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=1, max_size=120),
    user=st.lists(st.integers(-2, 2), min_size=3, max_size=3),
    k=st.integers(1, 12) | st.just(LONG),
)
def test_ties_are_broken_by_catalog_order(rows: list[list[int]], user: list[int], k: int) -> None:
    factors = np.array(rows, dtype=np.float32)
    model = random_model(len(rows), 3, 0)
    model = FactorModel(model.item_ids, factors, model.popularity, model.config)
    vector, nothing = np.array(user, dtype=np.float32), np.empty(0, dtype=np.int32)
    ids, scores = asked(model, vector, k, nothing)
    assert (ids, scores) == expected(model, vector, k, nothing)
    assert sorted(zip([-score for score in scores], ids, strict=True)) == list(
        zip([-score for score in scores], ids, strict=True)
    )


@pytest.mark.parametrize("factors", [5, 16, 64, 100])
def test_scores_that_float32_cannot_tell_apart_are_still_ranked_exactly(factors: int) -> None:
    rng = np.random.default_rng(factors)
    base = rng.normal(size=factors).astype(np.float32)
    nudged = np.repeat(base[None], 400, axis=0)
    place = rng.integers(factors, size=400)
    nudged[np.arange(400), place] = np.nextafter(nudged[np.arange(400), place], np.float32(np.inf))
    model = random_model(400, factors, 0)
    model = FactorModel(model.item_ids, nudged, model.popularity, model.config)
    user = rng.normal(size=factors).astype(np.float32)
    assert asked(model, user, 25, np.empty(0, dtype=np.int32)) == expected(model, user, 25, np.empty(0, dtype=np.int32))


def test_huge_and_tiny_factors_are_ranked_exactly() -> None:
    rng = np.random.default_rng(5)
    scales = 10.0 ** rng.integers(-30, 12, size=(500, 1))
    factors = (rng.normal(size=(500, 12)) * scales).astype(np.float32)
    model = random_model(500, 12, 0)
    model = FactorModel(model.item_ids, factors, model.popularity, model.config)
    for user in rng.normal(size=(20, 12)).astype(np.float32):
        hidden = np.sort(rng.choice(500, 100, replace=False)).astype(np.int32)
        for k in (10, 100):
            assert asked(model, user, k, hidden) == expected(model, user, k, hidden)


def test_an_item_of_zeros_and_a_user_of_zeros_have_their_place() -> None:
    model = random_model(70, 6, 1)
    factors = model.item_factors.copy()
    factors[[3, 40]] = 0.0
    model = FactorModel(model.item_ids, factors, model.popularity, model.config)
    zeros, nothing = np.zeros(6, dtype=np.float32), np.empty(0, dtype=np.int32)
    assert asked(model, zeros, 5, nothing) == ([0, 1, 2, 3, 4], [0.0] * 5)
    user = np.ones(6, dtype=np.float32)
    assert asked(model, user, 70, nothing) == expected(model, user, 70, nothing)


@settings(max_examples=60, deadline=None)
@given(items=st.integers(1, 200), k=st.integers(1, 20), repeated=st.booleans(), seed=st.integers(0, 10**6))
def test_candidates_that_norms_rule_out_were_not_among_the_best(items: int, k: int, repeated: bool, seed: int) -> None:
    model = random_model(items, 9, seed, repeated=repeated)
    rng = np.random.default_rng(seed + 1)
    factors = (model.item_factors * 10.0 ** rng.integers(-3, 3, size=(items, 1))).astype(np.float32)
    user = rng.normal(size=9).astype(np.float32)
    hidden, candidates = (np.flatnonzero(rng.random(items) < share).astype(np.int32) for share in (0.2, 0.6))
    arguments = (user, factors, row_norms(factors), candidates, hidden)
    assert answer(k, score_kernels.rank_candidates, *arguments) == answer(k, twins.rank_candidates, *arguments)


@pytest.mark.parametrize("compiled", [True, False])
def test_candidates_cosine_and_popularity_agree_with_their_twins(compiled: bool) -> None:
    def as_python(kernel: Callable[..., int]) -> Callable[..., int]:
        return kernel if compiled else getattr(kernel, "py_func", kernel)

    model = random_model(60, 9, 4, repeated=True)
    rng = np.random.default_rng(4)
    user = rng.normal(size=9).astype(np.float32)
    hidden = np.array([2, 5, 30], dtype=np.int32)
    candidates = np.sort(rng.choice(60, 25, replace=False)).astype(np.int32)
    arguments: tuple[object, ...] = (user, model.item_factors, model._item_norms, candidates, hidden)
    assert answer(8, as_python(score_kernels.rank_candidates), *arguments) == answer(
        8, twins.rank_candidates, *arguments
    )
    arguments = (model.item_factors[3], model.item_factors, model._item_norms, hidden)
    assert answer(8, as_python(score_kernels.rank_cosine), *arguments) == answer(8, twins.rank_cosine, *arguments)
    arguments = (model.ranker.popular, model.popularity, hidden)
    assert answer(60, as_python(score_kernels.rank_popular), *arguments) == answer(60, twins.rank_popular, *arguments)


def test_without_compilation_the_index_kernels_say_the_same() -> None:
    model = random_model(70, 18, 9, repeated=True)
    user = np.random.default_rng(9).normal(size=18).astype(np.float32)
    hidden = np.array([0, 1, 2], dtype=np.int32)
    arguments = scanned(model, user, hidden, FactorIndex.build(model.item_factors, HALVES))
    for kernel in (scan_kernels.rank_one, pool_kernels.rank_pool):
        assert answer(6, getattr(kernel, "py_func", kernel), *arguments) == answer(6, twins.rank_one, *arguments)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_of_which_everything_is_hidden_say_nothing_about_the_others(layout: str) -> None:
    model = random_model(200, 9, 6, repeated=True)
    user = np.random.default_rng(6).normal(size=9).astype(np.float32)
    index = FactorIndex.build(model.item_factors, layout)
    hidden = np.sort(index.order[: score_kernels.LANES + 5]).astype(np.int32)
    arguments = scanned(model, user, hidden, index)
    assert answer(9, scan_kernels.rank_one, *arguments) == answer(9, twins.rank_one, *arguments)
