"""The dual of a history's equations gives the vector and the shares that the equations themselves give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import ALSConfig, FactorModel
from recommender.als import dual_kernels, twins
from recommender.als.dual_kernels import LEFT, SILENT, SOLVED, room_for
from recommender.als.factorized_history import FactorizedHistory
from recommender.als.fold_in import Folding
from recommender.als.principal_axes import axes_to_turn_to, gram_of, spectrum_of
from recommender.als.signed_kernels import whole_lines
from recommender.als.tiles import ROWS
from tests.recommender.conftest import random_model

SEVENTH = np.array([7], dtype=np.int32)
CONFIDENCES = [-30.0, -1.0, -0.5, 0.0, 0.25, 1.0, 1.0000001, 4.0, 900.0]


def folding_of(factors: int, seed: int, **changes: float) -> Folding:
    model = random_model(60, factors, seed)
    config = replace(ALSConfig(factors=factors, regularization=0.7), **changes)  # type: ignore[arg-type]
    return Folding(gram_of(model.item_factors), model.item_factors, config)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 33), st.integers(0, 60), st.sampled_from([0.0, 20.0]), st.integers(0, 10**6))
def test_a_history_is_folded_in_as_a_dense_solve_does_it(
    factors: int, length: int, recency_boost: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    folding = folding_of(factors, seed, recency_boost=recency_boost)
    items = rng.choice(60, size=length, replace=False).astype(np.int32)
    weights = rng.choice(CONFIDENCES, size=length).astype(np.float32)
    user = np.zeros(factors, dtype=np.float32)
    solved = folding.solve_dual(items, weights, user)
    confidences = folding.confidences(weights)
    few = np.count_nonzero(np.abs(confidences) != 1.0) <= factors
    assert solved == (SILENT if not (weights > 0).any() else SOLVED if few else LEFT)
    if solved != LEFT:
        expected = np.empty_like(user)
        twins.fold_in(folding.gram, 0.7, folding.item_factors, items, confidences, expected)
        np.testing.assert_allclose(user, expected, rtol=1e-3, atol=1e-5 * max(1.0, float(np.abs(expected).max())))


def test_a_history_is_folded_in_to_seven_digits_as_the_equations_solved_in_double_precision() -> None:
    rng = np.random.default_rng(1)
    for factors, length in ((64, 10), (64, 50), (128, 10), (128, 50)):
        spread = rng.normal(size=(2000, factors)) * np.geomspace(30, 0.1, factors)
        given = (spread @ np.linalg.qr(rng.normal(size=(factors, factors)))[0]).astype(np.float32)
        config = ALSConfig(factors=factors, regularization=0.01)
        model = FactorModel(range(2000), given, np.ones(2000, np.float32), config)
        items = rng.choice(2000, size=length, replace=False)
        confidences = model._folding.confidences(np.ones(length, np.float32)).astype(np.float64)
        rows = model.item_factors.astype(np.float64)
        matrix = rows.T @ rows + 0.01 * np.eye(factors) + (rows[items].T * (confidences - 1)) @ rows[items]
        expected = np.linalg.solve(matrix, rows[items].T @ confidences)
        assert np.abs(model.fold_in(items.tolist()) - expected).max() < 1e-6 * np.abs(expected).max()


def test_item_factors_in_other_coordinates_are_folded_in_by_the_equations_themselves() -> None:
    folding = folding_of(6, 8)
    turned = folding.item_factors @ np.linalg.qr(np.random.default_rng(8).normal(size=(6, 6)))[0].astype(np.float32)
    other = Folding(gram_of(turned), turned, folding.config)
    items, weights = np.array([3, 5], dtype=np.int32), np.ones(2, dtype=np.float32)
    user = np.empty(6, dtype=np.float32)
    assert other.solve_dual(items, weights, user) == LEFT
    scores = turned @ other.fold_in(items, weights), folding.item_factors @ folding.fold_in(items, weights)
    np.testing.assert_allclose(*scores, rtol=1e-3, atol=1e-5)


def test_a_regularization_that_grows_with_the_history_needs_no_other_coordinates() -> None:
    folding = folding_of(8, 3, regularization_exponent=1.0)
    items, weights = np.arange(6, dtype=np.int32), np.ones(6, dtype=np.float32)
    user, expected = np.empty(8, dtype=np.float32), np.empty(8, dtype=np.float32)
    assert folding.solve_dual(items, weights, user) == SOLVED
    assert folding.regularization(6) == pytest.approx(0.7 * 1.1)
    arguments = folding.regularization(6), folding.item_factors, items, folding.confidences(weights)
    twins.fold_in(folding.gram, *arguments, expected)
    np.testing.assert_allclose(user, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("liked", "factors", "outcome"), [(3.0, 9, SOLVED), (-3.0, 9, SILENT), (3.0, 2, LEFT), (3.0, 0, LEFT)]
)
def test_the_kernel_and_its_twin_agree_compiled_or_not(liked: float, factors: int, outcome: int) -> None:
    folding = folding_of(factors or 9, 4)
    items, weights = np.array([5, 2, 9, 40], dtype=np.int32), np.array([liked, -1, -0.5, liked], dtype=np.float32)
    arguments = (
        np.diagonal(folding.gram).copy() if factors else np.empty(0),
        folding.item_factors,
        folding.fading(4),
        *room_for(9, 4),
        0.7,
        items,
        weights,
    )
    found: list[np.ndarray] = []
    for fold_in in (dual_kernels.fold_in_dual, dual_kernels.fold_in_dual, twins.fold_in_dual):
        user = np.zeros(factors or 9, dtype=np.float32)
        asked = getattr(fold_in, "py_func", fold_in) if found else fold_in
        assert asked(*arguments, user) == outcome
        found.append(user)
    np.testing.assert_allclose(found[0], found[2], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found[1], found[2], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("length", [0, 3, 20])
def test_shares_are_those_of_the_equations_and_add_up_to_the_score(length: int) -> None:
    rng = np.random.default_rng(length)
    folding = folding_of(12, 5)
    items = rng.choice(60, size=length, replace=False).astype(np.int32)
    weights = rng.choice(CONFIDENCES[1:8], size=length).astype(np.float32)
    dual, plain = (
        FactorizedHistory.of(folding.gram, folding.item_factors, spectrum, 0.7, items, folding.confidences(weights))
        for spectrum in (np.diagonal(folding.gram).copy(), None)
    )
    assert dual is not None
    assert plain is not None
    assert len(dual.shares(SEVENTH)[0]) == length
    np.testing.assert_allclose(dual.shares(SEVENTH)[0], plain.shares(SEVENTH)[0], rtol=1e-4, atol=1e-6)
    score = folding.fold_in(items, weights).astype(np.float64) @ folding.item_factors[7]
    assert dual.shares(SEVENTH)[0].sum() == pytest.approx(score, rel=1e-4, abs=1e-5)


def test_the_shares_kernel_agrees_with_its_twin() -> None:
    folding = folding_of(12, 5)
    rows, spectrum = folding.item_factors, np.diagonal(folding.gram).copy()
    items, confidences = np.array([5, 2, 9], dtype=np.int32), np.array([2, -4, 1], dtype=np.float32)
    width = whole_lines(ROWS + 1)
    factor = np.empty(12), np.empty((12, width)), np.empty(ROWS), np.empty((ROWS, ROWS)), np.empty((ROWS, width))
    assert dual_kernels.factorize_dual(spectrum, 0.7, rows, items, confidences, *factor)
    shares, twin = np.empty((2, 2, 3))
    arguments = *factor, rows, items, confidences, rows[[30, 4]]
    dual_kernels.contributions_dual(*arguments, shares)
    twins.contributions_dual(*arguments, twin)
    np.testing.assert_allclose(shares, twin, rtol=1e-9)


def test_confidences_of_every_age_are_those_of_the_formula() -> None:
    folding = folding_of(4, 1, alpha=2.0, recency_boost=3.0, recency_decay=0.5)
    for length in (1, 5, 300):
        weights = np.linspace(-2, 2, length).astype(np.float32)
        ages = np.arange(length - 1, -1, -1)
        expected = (2.0 * (1.0 + 3.0 * 0.5**ages) * weights).astype(np.float32)
        written, twin = np.empty_like(weights), np.empty_like(weights)
        others = dual_kernels.weigh(weights, folding.fading(length), written)
        assert others == twins.weigh(weights, folding.fading(length), twin)
        assert np.array_equal(written, twin)
        assert np.array_equal(folding.confidences(weights), expected)
        np.testing.assert_allclose(written, expected, rtol=1e-6)


def test_factors_that_rounding_would_spoil_are_folded_in_by_the_equations_themselves() -> None:
    flat = np.zeros((20, 4), dtype=np.float32)
    flat[:, 0] = np.linspace(1e5, 2e5, 20)
    assert spectrum_of(gram_of(flat), 1e-9) is None
    assert spectrum_of(gram_of(flat), 1e4) is not None
    skewed = np.repeat(flat[:, :1], 4, axis=1)
    assert axes_to_turn_to(gram_of(skewed), 1e-9) is None
    assert axes_to_turn_to(gram_of(skewed), 1e5) is not None
    model = FactorModel(range(20), flat, np.ones(20, dtype=np.float32), ALSConfig(factors=4, regularization=1e-9))
    assert model.fold_in([3])[0] > 0
    assert model.recommend_many([[3], [4]]) == [model.recommend([3]), model.recommend([4])]


def test_an_item_taken_out_by_a_weight_of_zero_counts_like_one_that_was_never_seen() -> None:
    folding = folding_of(6, 2)
    items, weights = np.array([1, 2], dtype=np.int32), np.array([0.0, 1.0], dtype=np.float32)
    without = folding.gram - np.outer(folding.item_factors[1], folding.item_factors[1].astype(np.float64))
    expected = np.empty(6, dtype=np.float32)
    twins.fold_in(without, 0.7, folding.item_factors, items[1:], folding.confidences(weights)[1:], expected)
    np.testing.assert_allclose(folding.fold_in(items, weights), expected, rtol=1e-4, atol=1e-6)
