"""What came next is counted exactly: by kernel and twin, by a fit and by updates, and lately more than long ago."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ALSTrainer, FactorModel, Interactions, train
from recommender.transitions import pair_kernels, twins
from recommender.transitions.counts import TransitionCounts, count_log
from tests.recommender.transitions.rows import SMALL, Rows

Table = dict[tuple[int, int], float]


def gains_of(counts: TransitionCounts) -> Table:
    return table_of(counts._used, counts._source, counts._target, counts._gain)


def table_of(used: int, source: np.ndarray, target: np.ndarray, gain: np.ndarray) -> Table:
    pairs = zip(source[:used], target[:used], gain[:used], strict=True)
    return {(int(a), int(b)): float(gain) for a, b, gain in pairs if abs(gain) > 1e-9}


@settings(max_examples=60, deadline=None)
@given(
    taken=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=120),
    window=st.integers(1, 5),
    backward=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_counts_agree_with_their_twin(taken: list[tuple[int, int]], window: int, backward: float) -> None:
    log = Interactions.from_rows(taken)
    told: dict[str, Any] = {"transition_ordered": False} if backward == 1.0 else {"transition_backward": backward}
    config = replace(SMALL, transition_window=window, transition_decay=0.7, **told)
    counts = TransitionCounts(config)
    count_log(counts, log)
    users = dict.fromkeys(user for user, _ in taken)
    sequences = [[log.item_index(item) or 0 for owner, item in taken if owner == user] for user in users]
    indptr = np.cumsum([0, *map(len, sequences)])
    items, ones = np.concatenate(sequences).astype(np.int32), np.ones(len(taken))
    found = []
    for count in (pair_kernels.count_pairs, twins.count_pairs):
        source, target, gain = np.empty(2000, np.int32), np.empty(2000, np.int32), np.empty(2000)
        chains = (
            np.full(64, -1, np.int32),
            np.empty(2000, np.int32),
            np.full(10, -1, np.int32),
            np.empty(2000, np.int32),
        )
        touched = np.zeros(10, dtype=np.bool_)
        used = count(
            indptr, items, ones, 0.7, window, backward, 0, source, target, gain, *chains, touched
        )  # fmt: skip
        found.append((table_of(used, source, target, gain), touched.tolist(), source[:used].tolist()))
    (kernel, touched_by_kernel, order), (twin, touched_by_twin, twin_order) = found
    assert gains_of(counts) == pytest.approx(kernel)
    assert kernel == pytest.approx(twin)
    assert (touched_by_kernel, sorted(order)) == (touched_by_twin, sorted(twin_order))


def weights_of(model: FactorModel) -> dict[tuple[object, object], float]:
    following = model.transitions
    return {
        (source, model.item_ids[target]): float(weight)
        for index, source in enumerate(model.item_ids)
        for target, weight in zip(
            following.next_ids[following.indptr[index] : following.indptr[index + 1]],
            following.next_weights[following.indptr[index] : following.indptr[index + 1]],
            strict=True,
        )
    }


UNORDERED: dict[str, Any] = {"transition_ordered": False, "transition_decay": 1.0, "transition_activity_damping": 0.7}


@pytest.mark.parametrize("settings", [{"transition_backward": 0.5}, {"trend_half_life": 5.0}, UNORDERED])
def test_updates_count_what_a_full_fit_counts(rows: Rows, settings: dict[str, Any]) -> None:
    config = replace(SMALL, transition_neighbours=10_000, transition_damping=0.0, **settings)
    trainer = ALSTrainer(config)
    trainer.fit(Interactions.from_rows(rows[:900]))
    for start in range(900, len(rows), 111):
        trainer.update(rows[start : start + 111])
        trainer.model()
    updated = weights_of(trainer.model())
    assert updated == pytest.approx(weights_of(train(Interactions.from_rows(rows), config)), rel=1e-5)
    trainer.refit()
    assert weights_of(trainer.model()) == pytest.approx(updated, rel=1e-5)


@pytest.mark.parametrize("settings", [{"transition_backward": 0.5}, UNORDERED])
def test_what_is_discarded_never_led_anywhere(rows: Rows, settings: dict[str, Any]) -> None:
    config = replace(SMALL, transition_damping=0.0, **settings)
    trainer = ALSTrainer(config)
    trainer.fit(Interactions.from_rows(rows))
    trainer.model()
    trainer.discard("user-5")
    trainer.discard("user-6", rows[6][1])
    item = next(item for user, item, _, _ in rows if user == "user-7")
    trainer.discard("user-7", item)
    kept = [row for row in rows if row[0] != "user-5" and row[:2] not in {("user-6", rows[6][1]), ("user-7", item)}]
    assert weights_of(trainer.model()) == pytest.approx(
        weights_of(train(Interactions.from_rows(kept), config)), rel=1e-5
    )


def test_only_the_neighbours_that_were_asked_for_are_kept_the_strongest(rows: Rows) -> None:
    log = Interactions.from_rows(rows)
    everything = weights_of(train(log, replace(SMALL, transition_neighbours=10_000)))
    some = weights_of(train(log, replace(SMALL, transition_neighbours=3)))
    assert some.items() <= everything.items()
    for source in log.item_ids:
        weights = sorted((weight for (a, _), weight in everything.items() if a == source), reverse=True)
        assert sorted((weight for (a, _), weight in some.items() if a == source), reverse=True) == weights[:3]


def test_unwanted_repeated_and_described_rows_lead_nowhere() -> None:
    log = Interactions.from_rows([("u", "a"), ("u", "b", -1.0), ("u", "c"), ("u", "c"), ("u", "a"), ("v", "d")])
    log.describe({"a": ["red"], "d": ["red"], "e": ["red"]})
    pairs = weights_of(train(log, replace(SMALL, factors=2)))
    assert set(pairs) == {("a", "c"), ("c", "a")}


def test_without_order_items_of_one_user_lead_to_each_other_and_busy_users_say_less() -> None:
    rows = [("calm", "a"), ("calm", "b"), *(("busy", item) for item in "acdef")]
    config = replace(SMALL, factors=2, transition_damping=0.0, **UNORDERED)
    pairs = weights_of(train(Interactions.from_rows(rows), config))
    backwards = weights_of(train(Interactions.from_rows(rows[::-1]), config))
    assert pairs == pytest.approx(backwards)
    assert pairs["a", "b"] > pairs["a", "c"] == pytest.approx(pairs["a", "f"])
    assert set(pairs) == {(target, source) for source, target in pairs}


def test_the_way_back_counts_as_much_as_it_is_told_to() -> None:
    log = Interactions.from_rows([(user, item) for user in range(9) for item in "ab"], ordered=True)
    config = replace(SMALL, factors=2, transition_damping=0.0, transition_shrinkage=1.0)
    there = weights_of(train(log, config))
    assert set(there) == {("a", "b")}
    half = weights_of(train(log, replace(config, transition_backward=0.5)))
    assert half["a", "b"] == there["a", "b"] == pytest.approx(9 / 10)
    assert half["b", "a"] == pytest.approx(4.5 / 5.5)


def test_what_came_next_lately_counts_more() -> None:
    log = [("u", "a", 1.0, 0.0), ("u", "old", 1.0, 1.0), ("v", "a", 1.0, 99.0), ("v", "new", 1.0, 100.0)]
    steady = weights_of(train(Interactions.from_rows(log), replace(SMALL, factors=2)))
    fading = weights_of(train(Interactions.from_rows(log), replace(SMALL, factors=2, trend_half_life=10.0)))
    assert steady["a", "old"] == steady["a", "new"]
    assert fading["a", "old"] < 0.01 * fading["a", "new"]
