"""The kernels of exploration agree with their formulas in whole numbers of Python."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.reranking.exploration_kernels import draw_slots, first_of_order

_WHOLE = 2**64 - 1


def mixed(value: int) -> int:
    """The finalizer of splitmix64."""
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & _WHOLE
    value = (value ^ value >> 27) * 0x94D049BB133111EB & _WHOLE
    return value ^ value >> 31


@pytest.mark.parametrize("seed", [0, 1, 2**63, _WHOLE])
def test_slots_and_orders_follow_their_formulas(seed: int) -> None:
    keys, coins = np.empty(40, np.uint64), np.empty(40, dtype=bool)
    draw_slots(np.uint64(seed), 0.3, keys, coins)
    assert keys.tolist() == [mixed(seed + (p + 1) * 0x9E3779B97F4A7C15 & _WHOLE) for p in range(40)]
    assert coins.tolist() == [key / 2.0**64 < 0.3 for key in keys.tolist()]
    items = np.random.default_rng(7).integers(0, 2**32, 30).astype(np.uint64)
    items[20] = items[4]  # of two that are alike, the first
    places = np.arange(30)
    for slot in keys[:20]:
        orders = [mixed(int(item) ^ int(slot)) for item in items]
        assert first_of_order(items, places, slot) == orders.index(min(orders))
        assert first_of_order(items, places[3:9], slot) == 3 + orders[3:9].index(min(orders[3:9]))
