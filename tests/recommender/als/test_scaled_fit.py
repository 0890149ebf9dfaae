"""Regularization by frequency: the same equations everywhere, at a fit, in updates and at fold-in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender import ALSConfig, ALSTrainer, Interactions, train
from recommender.als import twins
from recommender.als.scaled_fit import frequency_scale
from recommender.als.sweep_kernels import sweep_rows

SCALED = ALSConfig(factors=8, threads=1, regularization_exponent=1.0, recency_boost=0.0, iterations=40)
Rows = list[tuple[str, str, float, float]]


def test_enough_steps_solve_the_equations_of_every_row() -> None:
    rng = np.random.default_rng(1)
    other, factors = rng.normal(size=(30, 6)).astype(np.float32), np.zeros((3, 6), dtype=np.float32)
    gram, regularizations = other.T @ other, np.array([0.5, 2.0, 9.0], dtype=np.float32)
    indptr, indices = np.array([0, 4, 4, 7]), np.array([1, 5, 9, 20, 0, 3, 29], dtype=np.int32)
    confidences = np.array([3, 1, 2, -2, 5, 1, 1], dtype=np.float32)
    factors[1] = 1.0
    sweep_rows(0, 3, gram, regularizations, other, indptr, indices, confidences, factors, 30)
    for row in (0, 2):
        twin, pairs = np.empty(6, dtype=np.float32), slice(indptr[row], indptr[row + 1])
        twins.fold_in(gram.astype(np.float64), regularizations[row], other, indices[pairs], confidences[pairs], twin)
        np.testing.assert_allclose(factors[row], twin, rtol=1e-3, atol=1e-5)
    assert not factors[1].any()


def test_frequent_rows_are_regularized_more() -> None:
    assert frequency_scale(SCALED, np.array([0, 10, 20]), 10).tolist() == [1.0, 2.0, 3.0]
    assert frequency_scale(replace(SCALED, regularization_exponent=0.0), np.array([0, 7]), 10).tolist() == [1.0, 1.0]


def test_a_fit_ends_where_updates_and_fold_in_agree_with_it(rows: Rows) -> None:
    trainer = ALSTrainer(SCALED)
    trainer.fit(Interactions.from_rows(rows))
    model, fitted = trainer.model(), trainer._factors.users.copy()
    history = trainer.log.history("user-3")
    user = trainer.log.user_index("user-3")
    np.testing.assert_allclose(model.fold_in(history), trainer.user_factors[user], rtol=0.05, atol=0.01)
    trainer._factors.solve(trainer.log, np.array([user], dtype=np.int32), np.array([0, 1], dtype=np.int32))
    np.testing.assert_allclose(trainer._factors.users[user], fitted[user], rtol=0.05, atol=0.01)
    hit = model.recommend(history, k=1)[0]
    shares = [part.share for part in model.explain(history, hit.item_id)]
    assert sum(shares) == pytest.approx(hit.score, rel=1e-4)


def test_threads_change_nothing(rows: Rows) -> None:
    log = Interactions.from_rows(rows)
    one, two = (train(log, replace(SCALED, iterations=3, threads=threads)) for threads in (1, 2))
    assert one.item_factors.tobytes() == two.item_factors.tobytes()


def test_a_kept_state_says_that_it_cannot_follow(rows: Rows) -> None:
    model = train(Interactions.from_rows(rows), replace(SCALED, iterations=1))
    with pytest.raises(ValueError, match=r"train with regularization_exponent 0 \(now 1.0\)"):
        model.fold_in_state(["item-0"])


def test_user_factors_are_a_copy_of_what_was_solved(rows: Rows) -> None:
    trainer = ALSTrainer(SCALED)
    trainer.fit(Interactions.from_rows(rows))
    vectors = trainer.user_factors
    assert vectors.shape == (trainer.log.user_slots, 8)
    vectors[:] = 0.0
    assert trainer.user_factors.any()
