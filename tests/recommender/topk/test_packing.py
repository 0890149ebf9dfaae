"""What packing loses is what an index and a packed user say, and mixing loses nothing."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.topk import approximate_kernels, score_kernels
from recommender.topk.index import FactorIndex
from recommender.topk.packing import BYTES, HALVES, mix, unpack_bytes, unpack_halves
from tests.recommender.conftest import random_model


def test_packing_errors_are_within_what_the_index_says() -> None:
    model = random_model(100, 21, 3)
    mixed = model.item_factors.copy()
    mix(mixed)
    for layout, unpack, packed in ((HALVES, unpack_halves, model.item_factors), (BYTES, unpack_bytes, mixed)):
        index = FactorIndex.build(model.item_factors, layout)
        words = index.blocks.transpose(0, 2, 1).reshape(-1, index.blocks.shape[1])
        unpacked = unpack(np.ascontiguousarray(words), index.scales.ravel())[:100, :21]
        lost = np.linalg.norm(unpacked - packed[index.order[:100]], axis=1)
        blocks = np.arange(100) // score_kernels.LANES
        assert (lost <= index.block_errors[blocks] * (1 + 1e-12)).all()
        assert lost.max() < 0.02 * np.linalg.norm(model.item_factors, axis=1).max()


@pytest.mark.parametrize("factors", [1, 7, 8, 21, 64])
def test_users_are_mixed_as_items_are_so_that_products_and_lengths_stay(factors: int) -> None:
    rows = np.random.default_rng(factors).normal(size=(5, factors)).astype(np.float32)
    mixed, user = rows.copy(), np.empty(factors, dtype=np.float32)
    mix(mixed)
    np.testing.assert_allclose(mixed @ mixed.T, rows @ rows.T, rtol=1e-4, atol=1e-5)
    for kernel in (approximate_kernels.mix_user, getattr(approximate_kernels.mix_user, "py_func", None)):
        if kernel:
            kernel(rows[3], user)
            np.testing.assert_allclose(user, mixed[3], rtol=1e-4, atol=1e-6)


def test_one_large_number_is_spread_by_mixing() -> None:
    row = np.zeros((1, 16), dtype=np.float32)
    row[0, 5] = 8.0
    mix(row)
    np.testing.assert_allclose(
        np.abs(row[0]), [8.0 / np.sqrt(8) if place % 2 else 0.0 for place in range(16)], rtol=1e-6
    )


def test_a_user_is_packed_within_the_error_that_is_claimed() -> None:
    for user in (np.zeros(7), np.random.default_rng(2).normal(size=7), np.full(7, -3e-30)):
        user = user.astype(np.float32)
        words = np.empty(2, dtype=np.int32)
        step, total, error = getattr(approximate_kernels.pack_user, "py_func", approximate_kernels.pack_user)(
            user, words
        )
        bytes_ = words.view(np.int8)[:7].astype(np.float64)
        assert bytes_.sum() == total
        assert np.linalg.norm(bytes_ * step - user) == pytest.approx(error, rel=1e-6, abs=1e-35)
