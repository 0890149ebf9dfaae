"""A fold-in that grows item by item is the fold-in of the whole history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import FactorModel
from tests.recommender.conftest import random_model

WEIGHTS = st.sampled_from([1.0, 2.5, 0.25, -1.0, -3.0])
CLICKS = st.lists(st.tuples(st.integers(0, 30), WEIGHTS), max_size=25)


def as_history(clicks: list[tuple[int, float]]) -> dict[str, float]:
    history: dict[str, float] = {}
    for item, weight in clicks:
        history[f"item-{item}"] = history.pop(f"item-{item}", 0.0) + weight
    return history


def with_settings(model: FactorModel, **changes: Any) -> FactorModel:
    config = replace(model.config, **changes)
    return FactorModel(model.item_ids, model.item_factors, model.popularity, config)


@settings(max_examples=60, deadline=None)
@given(
    CLICKS, CLICKS, st.integers(1, 20), st.sampled_from([0.0, 20.0]), st.sampled_from([0.0, 0.7, 1.0]),
    st.sampled_from([0.5, 1.0, 4.0]),
)  # fmt: skip
def test_appending_one_by_one_equals_the_full_solve(
    known: list[tuple[int, float]],
    clicks: list[tuple[int, float]],
    factors: int,
    recency_boost: float,
    recency_decay: float,
    alpha: float,
) -> None:
    model = with_settings(
        random_model(28, factors, 3), recency_boost=recency_boost, recency_decay=recency_decay, alpha=alpha
    )
    state = model.fold_in_state(as_history(known))
    np.testing.assert_allclose(state.user, model.fold_in(as_history(known)), rtol=2e-4, atol=2e-5)
    for number, (item, weight) in enumerate(clicks, start=1):
        history = as_history([*known, *clicks[:number]])
        appended = state.append(f"item-{item}", weight)  # items 28 to 30 are unknown to the model
        np.testing.assert_allclose(appended, model.fold_in(history), rtol=2e-4, atol=2e-5)
        assert appended is state.user
        assert [model.item_ids[index] for index in state.seen] == sorted(
            {item_id for item_id in history if item_id in model}, key=model.index_of.__getitem__
        )


def test_a_long_visit_does_not_drift_from_the_full_solve() -> None:
    model = random_model(600, 16, 5)
    state = model.fold_in_state([])
    for item in range(500):
        state.append(f"item-{item}")
    np.testing.assert_allclose(state.user, model.fold_in([f"item-{item}" for item in range(500)]), rtol=1e-4, atol=1e-6)


def test_the_vector_ranks_what_was_not_seen_and_is_never_changed_later() -> None:
    model = random_model(50, 8, 1)
    state = model.fold_in_state(["item-3"])
    first = state.append("item-9")
    kept = first.copy()
    state.append("item-11")
    assert np.array_equal(first, kept)
    assert not first.flags.writeable
    found, _ = model.rank(state.user, 47, state.seen)
    assert not {3, 9, 11} & set(found.tolist())
    assert len(found) == 47


def test_an_id_or_weight_of_the_wrong_kind_is_named_and_changes_nothing() -> None:
    state = random_model(5, 3, 1).fold_in_state({"item-1": 2.0})
    before = state.user
    with pytest.raises(ValueError, match=r"weight of 'item-2' in the history must be a finite number .*, got nan"):
        state.append("item-2", float("nan"))
    with pytest.raises(ValueError, match=r"item id must be a str or an int, got 1\.5"):
        state.append(1.5)  # type: ignore[arg-type]
    assert state.user is before
    assert state.seen.tolist() == [1]
