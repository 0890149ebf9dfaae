"""The layout of item factors for exact top-k search: packed blocks of items in descending order of norm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender._kernels import LANES

PAIRS_A_STEP = 8
"""`score_block` takes this many pairs of factors a step; vectors are padded with zeros to a multiple of it."""

BAND = 512
"""Blocks that are laid out at a time, so that building takes little room beside the result."""


@dataclass(frozen=True, slots=True, eq=False)
class FactorIndex:
    """Item factors sorted by norm and cut into blocks whose inner dimension runs over items.

    blocks int32 (blocks, pairs, LANES): factors 2p and 2p + 1 of a lane, rounded to the upper 16 bits of a float32, in
    the low and high half of pair p, zeros where padded. block_norms float64 (blocks,) is the largest norm in each
    block, block_errors float64 (blocks,) the largest distance of an item from its packed form. order int32 (blocks *
    LANES,) names the catalog index of each lane, -1 where padded.
    """

    blocks: NDArray[np.int32]
    block_norms: NDArray[np.float64]
    block_errors: NDArray[np.float64]
    order: NDArray[np.int32]

    @classmethod
    def build(cls, item_factors: NDArray[np.float32]) -> FactorIndex:
        """Lay out item_factors float32 (items, factors); equal norms keep catalog order."""
        items, factors = item_factors.shape
        norms = row_norms(item_factors)
        by_norm = np.argsort(-norms, kind="stable").astype(np.int32)
        blocks, pairs = -(-items // LANES), _pairs(factors)
        order = np.full(blocks * LANES, -1, dtype=np.int32)
        order[:items] = by_norm
        laid_out = np.empty((blocks, pairs, LANES), dtype=np.int32)
        errors = np.empty(blocks)
        for start in range(0, blocks, BAND):
            chosen = by_norm[start * LANES : (start + BAND) * LANES]
            band = slice(start, min(start + BAND, blocks))
            padded = np.zeros(((band.stop - start) * LANES, 2 * pairs), dtype=np.float32)
            padded[: len(chosen), :factors] = item_factors[chosen]
            packed = _pack(padded)
            errors[band] = row_norms(padded - _unpack(packed)).reshape(-1, LANES).max(axis=1)
            laid_out[band] = packed.reshape(-1, LANES, pairs).transpose(0, 2, 1)
        return cls(laid_out, norms[by_norm[::LANES]], errors, order)

    def check(self, items: int, factors: int) -> None:
        """Raise ValueError unless the arrays are an index of this size; kernels trust them blindly."""
        blocks = -(-items // LANES)
        shapes = tuple(array.shape for array in (self.blocks, self.block_norms, self.block_errors, self.order))
        if shapes != ((blocks, _pairs(factors), LANES), (blocks,), (blocks,), (blocks * LANES,)):
            raise ValueError(f"an index of {items} items and {factors} factors cannot have arrays of shapes {shapes}")
        dtypes = tuple(array.dtype for array in (self.blocks, self.block_norms, self.block_errors, self.order))
        if dtypes != (np.int32, np.float64, np.float64, np.int32):
            raise ValueError(f"the arrays of an index must be int32, float64, float64 and int32, got {dtypes}")
        if not np.array_equal(np.sort(self.order[:items]), np.arange(items)) or (self.order[items:] != -1).any():
            raise ValueError("the order of an index must name every item once")


def row_norms(factors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Euclidean norms float64 (n,) of the rows of a (n, factors) array."""
    return np.sqrt(np.einsum("if,if->i", factors, factors, dtype=np.float64))


def _pairs(factors: int) -> int:
    """Pairs of factors, padded to whole steps."""
    return -(-factors // (2 * PAIRS_A_STEP)) * PAIRS_A_STEP


def _pack(factors: NDArray[np.float32]) -> NDArray[np.int32]:
    """Two factors an int32: the even one rounded into the low half, the odd one rounded around what stands there
    already.
    """
    bits = factors.view(np.uint32).astype(np.int64)
    sign, magnitude = bits & 0x80000000, bits & 0x7FFFFFFF
    low = (sign[:, 0::2] | (magnitude[:, 0::2] + 0x8000)) >> 16
    high = sign[:, 1::2] | (np.maximum(magnitude[:, 1::2] + 0x8000 - low, 0) & 0x7FFF0000)
    return (high | low).astype(np.uint32).view(np.int32)


def _unpack(packed: NDArray[np.int32]) -> NDArray[np.float64]:
    """The factors as `score_block` reads them, float64 (n, 2 * pairs)."""
    factors = np.empty((packed.shape[0], 2 * packed.shape[1]))
    factors[:, 0::2] = (packed << 16).view(np.float32)
    factors[:, 1::2] = packed.view(np.float32)
    return factors
