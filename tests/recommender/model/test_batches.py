"""A batch answers what its histories are answered one by one, whatever its histories are made of."""

from __future__ import annotations

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ALSConfig, FactorModel, Recommendation
from recommender.interactions.collector import collector_waiting
from recommender.interactions.histories import histories_from_arrays, resolve_histories
from recommender.interactions.history import History, resolve_history
from recommender.model.batches import answers
from recommender.topk.heap_kernels import LONG
from tests.recommender.conftest import random_model
from tests.recommender.transitions.test_transitions import random_transitions

IDS = st.sampled_from([*(f"item-{number}" for number in range(45)), "unknown"])
LISTS = st.lists(IDS, max_size=30)
DICTS = st.dictionaries(IDS, st.sampled_from([1.0, 2.5, -1.0, 0.0]), max_size=12)
MIXED = st.one_of(LISTS, DICTS, st.lists(IDS, max_size=4).map(tuple), st.lists(IDS, max_size=4).map(np.array))


def blended_model(factors: int, seed: int, **settings: Any) -> FactorModel:
    model = random_model(40, factors, seed, repeated=True)
    config = replace(model.config, **settings)
    transitions = random_transitions(40, seed, round_weights=True)
    return FactorModel(model.item_ids, model.item_factors, model.popularity, config, transitions=transitions)


@settings(max_examples=60, deadline=None)
@given(
    histories=st.one_of(st.lists(LISTS, max_size=6), st.lists(DICTS, max_size=6), st.lists(MIXED, max_size=6)),
    factors=st.sampled_from([3, 10]),
    k=st.integers(1, 50),
    repeat=st.booleans(),
    exclude=st.sampled_from([None, {"item-3", "item-9", "unknown"}]),
    candidates=st.sampled_from([None, [], [f"item-{number}" for number in range(0, 40, 3)]]),
    prepared=st.booleans(),
    weight=st.sampled_from([0.0, 0.5]),
    trend=st.sampled_from([0.0, 0.3]),
    doubt=st.sampled_from([0.0, 2.0]),
    exponent=st.sampled_from([0.0, 1.0]),
)
def test_a_batch_is_its_histories_one_by_one(
    histories: list[History], factors: int, k: int, repeat: bool, exclude: Any, candidates: Any, prepared: bool,
    weight: float, trend: float, doubt: float, exponent: float,
) -> None:  # fmt: skip
    model = blended_model(
        factors, 3, transition_weight=weight, trend_weight=trend, trend_doubt=doubt, regularization_exponent=exponent,
        recency_boost=2.0,
    )  # fmt: skip
    if prepared and candidates is not None:
        candidates = model.candidates(candidates)
    alone = [model.recommend(history, k, exclude, candidates, repeat=repeat) for history in histories]
    assert model.recommend_many(histories, k, exclude, candidates, repeat=repeat) == alone


def test_threads_and_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model = blended_model(10, 5)
    rng = np.random.default_rng(0)
    histories = [[f"item-{item}" for item in rng.choice(40, rng.integers(0, 20))] for _ in range(40)]
    alone = [model.recommend(history, 5) for history in histories]
    monkeypatch.setattr(answers, "CHUNK", 7)
    for threads in (1, 2, 5):
        assert model.recommend_many(iter(histories), 5, threads=threads) == alone
    with pytest.raises(ValueError, match="threads must be a whole number of at least 1, got 0"):
        model.recommend_many(histories, threads=0)
    with pytest.raises(ValueError, match=r"item id must be a str or an int, got 1\.5"):
        model.recommend_many([*histories, [1.5]], threads=3)  # type: ignore[list-item]


@pytest.mark.parametrize("weight", [0.0, 0.5])
@pytest.mark.parametrize(("k", "candidates"), [(5, None), (5, range(0, 40, 3)), (LONG, None)])
@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_any_number_of_threads_answers_the_same_to_the_last_bit(
    weight: float, k: int, candidates: Any, exponent: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "CHUNK", 60)
    model = blended_model(10, 8, transition_weight=weight, regularization_exponent=exponent, recency_boost=2.0)
    chosen = None if candidates is None else [f"item-{item}" for item in candidates]
    rng = np.random.default_rng(1)
    histories: list[History] = [
        {f"item-{item}": float(rng.integers(-1, 4)) for item in rng.choice(40, rng.integers(0, 25), replace=False)}
        for _ in range(250)
    ]
    histories[70], histories[200] = {"item-3": -1.0, "unknown": 2.0}, {}
    alone = model.recommend_many(histories, k, ["item-2"], chosen)
    resolved = resolve_histories(histories, model.index_of)
    rows = resolved.indptr, resolved.items, resolved.weights
    arrays = model.recommend_many_arrays(*rows, k, ["item-2"], chosen)
    for threads in (2, 3, 7):
        assert model.recommend_many(histories, k, ["item-2"], chosen, threads=threads) == alone
        found = model.recommend_many_arrays(*rows, k, ["item-2"], chosen, threads=threads)
        assert np.array_equal(found[0], arrays[0])
        assert np.array_equal(found[1], arrays[1])


def test_threads_change_no_error_and_trust_no_length(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short(list[str]):
        def __len__(self) -> int:
            return 1

    monkeypatch.setattr(answers, "CHUNK", 60)
    model = blended_model(30, 5)
    histories: list[Any] = [["item-1", "item-2"]] * 150
    with pytest.raises(ValueError, match="history must be a mapping of item id to weight or a sequence"):
        model.recommend_many([*histories, 5], threads=2)  # type: ignore[list-item]
    long = [f"item-{item}" for item in range(30)]
    assert model.recommend_many([*histories, Short(long)], threads=2)[-1] == model.recommend(long)


def test_batches_that_are_asked_at_once_share_the_threads_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "CHUNK", 60)
    models = [blended_model(10, seed) for seed in range(4)]
    histories = [[f"item-{item}" for item in range(user % 20)] for user in range(300)]
    alone = [model.recommend_many(histories, 5) for model in models]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda model: model.recommend_many(histories, 5, threads=2), models)) == alone


@pytest.mark.parametrize("enabled", [True, False])
def test_pythons_collector_waits_for_a_batch_and_goes_on_as_it_was(enabled: bool) -> None:
    model, seen = random_model(40, 3, 0), []

    class Watching(list[Any]):
        def __iter__(self) -> Any:
            seen.append(gc.isenabled())
            return super().__iter__()

    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        model.recommend_many([Watching(["item-1"])] * 3)
        assert gc.isenabled() is enabled
        with pytest.raises(ValueError, match="item id must be a str or an int"):
            model.recommend_many([Watching([1.5])])
        assert gc.isenabled() is enabled
        with collector_waiting(), collector_waiting():
            model.recommend_many([["item-1"]])
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
    assert seen
    assert not any(seen)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_a_process_forked_in_the_middle_of_a_batch_has_its_collector() -> None:
    with collector_waiting():
        child = os.fork()
        if child == 0:
            os._exit(0 if gc.isenabled() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_arrays_in_arrays_out_are_the_same_answers(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "CHUNK", 4)
    model = blended_model(10, 6)
    histories = [{"item-1": 2.0, "item-7": 1.0}, {}, {"item-9": -1.0}, {f"item-{item}": 1.0 for item in range(38)}] * 3
    resolved = resolve_histories(histories, model.index_of)
    matrix = scipy.sparse.csr_matrix((resolved.weights, resolved.items, resolved.indptr), shape=(12, 40))
    ids, scores = model.recommend_many_arrays(matrix.indptr, matrix.indices, matrix.data, k=5, threads=threads)
    assert ids.dtype == np.int32
    assert ids.shape == scores.shape == (12, 5)
    for row, history in enumerate(histories):
        expected = model.recommend(history, 5)
        found = [
            Recommendation(model.item_ids[item], score)
            for item, score in zip(ids[row].tolist(), scores[row].tolist(), strict=True)
            if item >= 0
        ]
        assert found == expected
        assert (scores[row, len(expected) :] == -np.inf).all()
    plain, _ = model.recommend_many_arrays(np.array([0, 2]), np.array([4, 5]), k=100)
    assert [model.item_ids[item] for item in plain[0] if item >= 0] == [
        hit.item_id for hit in model.recommend(["item-4", "item-5"], 100)
    ]
    assert plain.shape == (1, 100)


@pytest.mark.parametrize(
    ("indptr", "items", "weights", "message"),
    [
        ([0, 2], [1], None, r"indptr must ascend from 0 to the 1 items, got \[0, 2\]"),
        ([0, 2, 1], [1], None, "indptr must ascend"),
        ([], [], None, "indptr must ascend"),
        ([0, 1], [40], None, "dense indices from 0 to 39, got 40"),
        ([0, 1], [-1], None, "dense indices from 0 to 39, got -1"),
        ([0, 1], [1.5], None, "items must be a flat array of whole numbers, got float64"),
        ([0, 1], [1], [np.nan], "weights must be finite numbers of at most 1e[+]06 in size, got nan"),
        ([0, 1], [1], [1, 2], "weights must be 1 numbers, one an item"),
        ([0, 1, 3], [1, 7, 7], None, "history 1 names item 7 twice"),
    ],
)
def test_arrays_that_are_no_histories_are_named(indptr: Any, items: Any, weights: Any, message: str) -> None:
    model = random_model(40, 3, 0)
    with pytest.raises(ValueError, match=message):
        model.recommend_many_arrays(indptr, items, weights)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(LISTS, max_size=5), st.lists(DICTS, max_size=5), st.lists(MIXED, max_size=5)))
def test_histories_resolved_at_once_are_those_resolved_one_by_one(histories: list[History]) -> None:
    index_of: dict[str | int, int] = {f"item-{number}": number for number in range(40)}
    found = resolve_histories(histories, index_of)
    assert len(found) == len(histories)
    starts, hidden = found.hidden(np.array([3, 1], dtype=np.int32), own=True)
    for number, history in enumerate(histories):
        items, weights = resolve_history(history, index_of)
        own = slice(found.indptr[number], found.indptr[number + 1])
        assert np.array_equal(found.items[own], items)
        assert np.array_equal(found.weights[own], weights)
        assert hidden[starts[number] : starts[number + 1]].tolist() == sorted([*items.tolist(), 1, 3])
    some = slice(len(histories) // 3, len(histories))
    rows, again = found.rows(some.start, some.stop), resolve_histories(histories[some], index_of)
    for name in ("indptr", "items", "weights", "ordered"):
        assert np.array_equal(getattr(rows, name), getattr(again, name))


@pytest.mark.parametrize(
    ("histories", "message"),
    [
        ([["item-1"], [None]], "item id must be a str or an int, got None"),
        ([["item-1"], [["nested"]]], "item id must be a str or an int, got"),
        ([{"item-1": 1.0}, {"item-2": 1e9}], "weight of 'item-2' in the history must be a finite number"),
        ([{"item-1": 1.0}, {"item-2": "many"}], "weight of 'item-2' in the history must be a finite number"),
        ([["item-1"], "item-2"], "history must be a mapping of item id to weight or a sequence"),
    ],
)
def test_what_is_wrong_with_one_of_many_is_named(histories: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        random_model(5, 3, 0).recommend_many(histories)


def test_no_history_is_no_answer_and_an_empty_model_answers_nothing() -> None:
    model = random_model(5, 3, 0)
    assert model.recommend_many([]) == []
    ids, scores = model.recommend_many_arrays(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32))
    assert ids.shape == scores.shape == (0, 10)
    nothing = FactorModel([], np.empty((0, 3)), np.empty(0), ALSConfig(factors=3))  # type: ignore[arg-type]
    assert nothing.recommend_many([["a"], []]) == [[], []]
    assert len(histories_from_arrays(np.zeros(3, dtype=np.int32), np.empty(0), None, 5)) == 2
