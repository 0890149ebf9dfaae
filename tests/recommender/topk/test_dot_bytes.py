"""Instructions that numba has no word for: products of bytes, and flags of the numbers that reach a limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from recommender.topk import approximate_kernels, dot_bytes, score_kernels
from recommender.topk.packed_products import flags_of


@pytest.mark.parametrize("compiled", [True, False])
def test_flags_are_up_unless_a_number_is_below_the_limit(compiled: bool) -> None:
    @njit
    def flagged(numbers: Any, limit: Any) -> Any:
        return flags_of(numbers, limit)

    numbers = np.random.default_rng(5).normal(size=score_kernels.LANES).astype(np.float32)
    numbers[[3, 9, 40]] = np.nan, np.inf, -np.inf
    ask = flagged if compiled else getattr(flagged, "py_func", flagged)
    for limit in (numbers[17], np.float32(-np.inf), np.float32(np.inf)):
        expected = sum(1 << lane for lane, number in enumerate(numbers.tolist()) if not number < limit)
        assert int(ask(numbers, limit)) == expected


@pytest.mark.jit("bytes are multiplied by instructions, which Python cannot give")
def test_bytes_are_multiplied_exactly_even_where_sums_of_16_bits_are_nearly_full() -> None:
    if not dot_bytes.available():
        pytest.skip("this processor has no instruction for bytes")

    @njit
    def multiplied(words: Any, blocks: Any, scales: Any, limit: Any, scores: Any) -> Any:
        return dot_bytes.score_bytes(  # type: ignore[call-arg]  # numba supplies the context
            words, blocks, np.int64(1), scales, np.float32(0.5), np.int32(3), np.float32(limit), scores
        )

    rng = np.random.default_rng(3)
    for words in (1, 2, 3, 16, 17):
        for user in (np.ones(4 * words), -np.ones(4 * words), rng.normal(size=4 * words) ** 3):
            packed = np.empty(words, dtype=np.int32)
            approximate_kernels.pack_user(user.astype(np.float32), packed)
            block = rng.choice(np.array([0, 1, 254, 255], dtype=np.uint8), size=(words, score_kernels.LANES, 4))
            scores, scales = np.empty(score_kernels.LANES, np.float32), np.ones((2, score_kernels.LANES), np.float32)
            twin = np.einsum("wb,wlb->l", packed.view(np.int8).reshape(words, 4).astype(int), block.astype(int))
            blocks = np.stack((np.zeros_like(block), block)).view(np.int32)[..., 0]
            limit = float(np.sort((twin - 3) / 2)[-5])
            flags = multiplied(packed, blocks, scales, limit, scores)
            assert scores.tolist() == ((twin - 3) / 2).tolist()
            assert flags == sum(1 << int(lane) for lane in np.flatnonzero(scores >= limit))
