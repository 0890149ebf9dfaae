"""The layout of item factors for exact top-k search: blocks of items in descending order of norm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender._kernels import LANES


@dataclass(frozen=True, slots=True, eq=False)
class FactorIndex:
    """Item factors sorted by norm and cut into blocks whose inner dimension runs over items.

    blocks float32 (blocks, factors, LANES), zeros where padded; block_norms float64 (blocks,) is the largest norm in
    each; order int32 (blocks * LANES,) names the catalog index of each lane, -1 where padded.
    """

    blocks: NDArray[np.float32]
    block_norms: NDArray[np.float64]
    order: NDArray[np.int32]

    @classmethod
    def build(cls, item_factors: NDArray[np.float32]) -> FactorIndex:
        """Lay out item_factors float32 (items, factors); equal norms keep catalog order."""
        items, factors = item_factors.shape
        norms = row_norms(item_factors)
        by_norm = np.argsort(-norms, kind="stable").astype(np.int32)
        blocks = -(-items // LANES)
        padded = np.zeros((blocks * LANES, factors), dtype=np.float32)
        padded[:items] = item_factors[by_norm]
        order = np.full(blocks * LANES, -1, dtype=np.int32)
        order[:items] = by_norm
        laid_out = np.ascontiguousarray(padded.reshape(blocks, LANES, factors).transpose(0, 2, 1))
        return cls(laid_out, norms[by_norm[::LANES]], order)

    def check(self, items: int, factors: int) -> None:
        """Raise ValueError unless the arrays are an index of this size; kernels trust them blindly."""
        blocks = -(-items // LANES)
        shapes = self.blocks.shape, self.block_norms.shape, self.order.shape
        if shapes != ((blocks, factors, LANES), (blocks,), (blocks * LANES,)):
            raise ValueError(f"an index of {items} items and {factors} factors cannot have arrays of shapes {shapes}")
        dtypes = self.blocks.dtype, self.block_norms.dtype, self.order.dtype
        if dtypes != (np.float32, np.float64, np.int32):
            raise ValueError(f"the arrays of an index must be float32, float64 and int32, got {dtypes}")
        if not np.array_equal(np.sort(self.order[:items]), np.arange(items)) or (self.order[items:] != -1).any():
            raise ValueError("the order of an index must name every item once")


def row_norms(factors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Euclidean norms float64 (n,) of the rows of a float32 (n, factors) array."""
    return np.sqrt(np.einsum("if,if->i", factors, factors, dtype=np.float64))
