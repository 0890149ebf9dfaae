"""Least-squares kernels agree with their NumPy twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.als import equation_kernels, twins


def system(factors: int, history: int, seed: int) -> tuple[np.ndarray, float, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    item_factors = rng.normal(size=(50, factors)).astype(np.float32)
    wide = item_factors.astype(np.float64)
    items = rng.choice(50, size=history, replace=False).astype(np.int32)
    confidences = (rng.choice([-1.0, 0.5, 1.0, 4.0, 30.0], size=history)).astype(np.float32)
    return wide.T @ wide, 0.7, item_factors, items, confidences


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 33), st.integers(0, 50), st.integers(0, 10**6))
def test_a_history_is_folded_in_as_a_dense_solve_does_it(factors: int, history: int, seed: int) -> None:
    arguments = system(factors, history, seed)
    user, twin = np.empty(factors, dtype=np.float32), np.empty(factors, dtype=np.float32)
    assert equation_kernels.fold_in(*arguments, user)
    twins.fold_in(*arguments, twin)
    np.testing.assert_allclose(user, twin, rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize("compiled", [True, False])
def test_contributions_agree_and_add_up_to_the_score(compiled: bool) -> None:
    factorize, contributions = (
        kernel if compiled else getattr(kernel, "py_func", kernel)
        for kernel in (equation_kernels.factorize, equation_kernels.contributions)
    )
    arguments = system(12, 20, 3)
    targets = arguments[2][[7, 3, 7]]
    shares, twin, upper = np.empty((3, 20)), np.empty((3, 20)), np.empty((12, 12))
    user = np.empty(12, dtype=np.float32)
    assert factorize(*arguments, upper)
    contributions(upper, *arguments[2:], targets, shares)
    twin_upper = np.empty((12, 12))
    assert twins.factorize(*arguments, twin_upper)
    np.testing.assert_allclose(np.triu(upper), twin_upper, rtol=1e-9, atol=1e-9)
    twins.contributions(twin_upper, *arguments[2:], targets, twin)
    equation_kernels.fold_in(*arguments, user)
    np.testing.assert_allclose(shares, twin, rtol=1e-9)
    assert shares.sum(axis=1) == pytest.approx(targets @ user, rel=1e-5)


def test_without_compilation_the_solvers_say_the_same() -> None:
    arguments = system(6, 9, 1)
    user, twin = np.empty(6, dtype=np.float32), np.empty(6, dtype=np.float32)
    plain = getattr(equation_kernels.fold_in, "py_func", equation_kernels.fold_in)
    assert plain(*arguments, user)
    twins.fold_in(*arguments, twin)
    np.testing.assert_allclose(user, twin, rtol=1e-5)
    matrix = arguments[0] + np.eye(6)
    upper = matrix.copy()
    assert getattr(equation_kernels.cholesky, "py_func", equation_kernels.cholesky)(upper)
    np.testing.assert_allclose(np.triu(upper).T @ np.triu(upper), matrix)
    right = np.arange(6.0)
    getattr(equation_kernels.cholesky_solve, "py_func", equation_kernels.cholesky_solve)(upper, right)
    np.testing.assert_allclose(matrix @ right, np.arange(6.0), atol=1e-9)


def test_a_system_that_cannot_be_solved_is_reported() -> None:
    assert not equation_kernels.cholesky(np.zeros((3, 3)))
    assert not equation_kernels.cholesky(np.full((2, 2), np.nan))


def test_refreshed_rows_solve_their_equations_and_keep_the_gram_matrix() -> None:
    rng = np.random.default_rng(0)
    other, factors = rng.normal(size=(30, 5)).astype(np.float32), rng.normal(size=(8, 5)).astype(np.float32)
    gram = factors.astype(np.float64).T @ factors.astype(np.float64)
    other_gram = other.astype(np.float64).T @ other.astype(np.float64)
    rows, indptr = np.array([6, 2, 4, 0], dtype=np.int32), np.array([0, 4, 7, 9, 10])
    indices = np.array([1, 5, 9, 20, 0, 3, 29, 7, 8, 9], dtype=np.int32)
    confidences = np.array([3, 1, 2, -2, 5, 1, 1, 1, -1, 1], dtype=np.float32)
    before = factors.copy()
    each = np.array([0.3, 1.7, 0.3, 0.4])
    assert (
        equation_kernels.refresh_rows(gram, other_gram, each, other, rows, indptr, indices, confidences, factors) == 0
    )
    for place, row in enumerate(rows):
        pairs = slice(indptr[place], indptr[place + 1])
        twin = np.empty(5, dtype=np.float32)
        twins.fold_in(other_gram, each[place], other, indices[pairs], confidences[pairs], twin)
        np.testing.assert_allclose(factors[row], twin, rtol=1e-5)
    untouched = [1, 3, 5, 7]
    assert np.array_equal(factors[untouched], before[untouched])
    np.testing.assert_allclose(gram, factors.astype(np.float64).T @ factors.astype(np.float64), rtol=1e-9, atol=1e-9)
