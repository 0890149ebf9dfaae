"""Steps on tiles, compiled, do what Python's own arithmetic says."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from recommender.als.tiles import LANES, ROWS, add_products, mix_rows, turn_tile

RNG = np.random.default_rng(1)
WIDE = RNG.standard_normal((3 * LANES, 2 * LANES))


@njit
def _add_products(target, row, column, left, first, right, count):  # type: ignore[no-untyped-def]
    add_products(target, row, column, left, first, right, count)


@njit
def _mix_rows(target, row, column, mixture):  # type: ignore[no-untyped-def]
    mix_rows(target, row, column, mixture)


@njit
def _turn_tile(target, row, column, rows, items, row_scales, column_scales):  # type: ignore[no-untyped-def]
    turn_tile(target, row, column, rows, items, row_scales, column_scales)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8])
def test_products_of_any_number_of_rows_are_added_up(count: int) -> None:
    left, right = RNG.standard_normal((8, 3 * ROWS)), RNG.standard_normal((8, 2 * LANES))
    found, expected = WIDE.copy(), WIDE.copy()
    _add_products(found, ROWS, LANES, left, ROWS + 1, right, count)
    add_products(expected, ROWS, LANES, left, ROWS + 1, right, count)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    part = slice(ROWS, 2 * ROWS), slice(LANES, None)
    products = left[:count, ROWS + 1 : 2 * ROWS + 1].T @ right[:count, LANES:]
    np.testing.assert_allclose(expected[part], WIDE[part] + products)


def test_rows_are_mixed_with_those_above_them_alone() -> None:
    mixture = RNG.standard_normal((ROWS, ROWS))
    found, expected = WIDE.copy(), WIDE.copy()
    _mix_rows(found, LANES, LANES, mixture)
    mix_rows(expected, LANES, LANES, mixture)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    part = slice(LANES, LANES + ROWS), slice(LANES, None)
    np.testing.assert_allclose(expected[part], np.tril(mixture) @ WIDE[part])


def test_rows_become_columns() -> None:
    rows = RNG.standard_normal((9, 2 * LANES)).astype(np.float32)
    items = RNG.integers(9, size=2 * LANES).astype(np.int32)
    row_scales, column_scales = RNG.standard_normal(2 * LANES), RNG.standard_normal(2 * LANES)
    found, expected = WIDE.copy(), WIDE.copy()
    _turn_tile(found, LANES, LANES, rows, items, row_scales, column_scales)
    turn_tile(expected, LANES, LANES, rows, items, row_scales, column_scales)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert expected[LANES + 2, LANES + 3] == pytest.approx(
        float(rows[items[LANES + 3], LANES + 2]) * row_scales[LANES + 2] * column_scales[LANES + 3]
    )
