"""Draws of an exploring slate by a seed: one number a slot, and of each slot an order of all items.

mix(z) is the finalizer of splitmix64 (Steele, Lea and Flood, 2014).
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_11, _27, _30, _31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def mixed(value):
    """Answer a uint64 as a well-mixed one."""
    value ^= value >> _30
    value *= _FIRST
    value ^= value >> _27
    value *= _SECOND
    return value ^ (value >> _31)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def draw_slots(seed, explore_share, keys, coins):
    """Write the key of each slot, uint64 (slots,), and whether it explores, bool (slots,).

        key_p = mix(seed + (p + 1) * golden ratio),   coin_p = key_p / 2^64 < explore_share

    seed: uint64.
    """
    for p in range(keys.shape[0]):
        keys[p] = mixed(seed + np.uint64(p + 1) * _GOLDEN)
        coins[p] = np.float64(keys[p] >> _11) * 2.0**-53 < explore_share


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def first_of_order(item_keys, places, slot_key):
    """Answer which of places int64 (n,), n > 0, comes first in the order of a slot: that of the smallest
    mix(item_keys[place] ^ slot_key); the first of several. item_keys: uint64 (items,).
    """
    best, least = places[0], mixed(item_keys[places[0]] ^ slot_key)
    for n in range(1, places.shape[0]):
        value = mixed(item_keys[places[n]] ^ slot_key)
        if value < least:
            best, least = places[n], value
    return best
