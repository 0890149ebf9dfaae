"""The layout of item factors for exact top-k search: packed blocks of items in descending order of norm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.kernel import direct_call
from recommender.topk import dot_bytes
from recommender.topk.heap_kernels import LONG
from recommender.topk.packing import (
    BYTES,
    HALVES,
    mix,
    pack_bytes,
    pack_halves,
    packed_words,
    unpack_bytes,
    unpack_halves,
)
from recommender.topk.pool_kernels import rank_pool, rank_pools
from recommender.topk.scan_kernels import rank_many, rank_one
from recommender.topk.score_kernels import LANES

HOT_ROWS = 8192
"""Items, from the longest vector down, whose factors are kept a second time in that order, where a scan finds them
cached.
"""
BAND = 512
"""Blocks that are laid out at a time, so that building takes little room beside the result."""


def best_layout() -> str:
    """The packing that this processor scans fastest: bytes where it can multiply them, else halves."""
    return BYTES if dot_bytes.available() else HALVES


CACHE_LINE = 64
"""Bytes."""

LaidOut = tuple[
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.float32] | None,
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int32],
]
"""What the kernels of `scan_kernels` take of an index, in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class FactorIndex:
    """Item factors sorted by norm and cut into blocks whose inner dimension runs over items.

    layout 'bytes' or 'halves', see `packing`; blocks int32 (blocks, words, LANES); scales float32 (blocks, LANES).
    hot_rows float32 (min(items, HOT_ROWS), factors) are the factors of the first items. block_norms float64 (blocks,)
    is the largest norm in each block, block_errors float64 (blocks,) the largest distance of an item from its packed
    form. order int32 (blocks * LANES,) names the catalog index of each lane, -1 where padded. An index may hold a part
    of the catalog, and then ranks that part.
    """

    layout: str
    blocks: NDArray[np.int32]
    scales: NDArray[np.float32]
    hot_rows: NDArray[np.float32]
    block_norms: NDArray[np.float64]
    block_errors: NDArray[np.float64]
    order: NDArray[np.int32]
    laid_out: LaidOut = field(init=False, repr=False)
    _scan: list[Callable[..., int]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        scales = self.scales if self.layout == BYTES else None
        arrays = self.hot_rows, self.blocks, scales, self.block_norms, self.block_errors, self.order
        for array in (*arrays, self.scales):  # those of an artifact are read-only, and kernels compile for either kind
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "laid_out", arrays)

    @classmethod
    def build(
        cls,
        item_factors: NDArray[np.float32],
        layout: str | None = None,
        among: NDArray[np.int32] | None = None,
        order: NDArray[np.int64] | None = None,
    ) -> FactorIndex:
        """Lay out item_factors float32 (items, factors), or `among` int32 (n,) of them, each once and in ascending
        order; equal norms keep catalog order. An `order` of them in place of that by norm is for scans of another kind
        than those of `scan_kernels`.
        """
        layout = layout or best_layout()
        pack, unpack = (pack_bytes, unpack_bytes) if layout == BYTES else (pack_halves, unpack_halves)
        norms = row_norms(item_factors if among is None else item_factors[among])
        places = (np.argsort(-norms, kind="stable") if order is None else order).astype(np.int32)
        by_norm = places if among is None else among[places]
        items, factors = len(by_norm), item_factors.shape[1]
        blocks, words = -(-items // LANES), packed_words(layout, factors)
        lanes = np.full(blocks * LANES, -1, dtype=np.int32)
        lanes[:items] = by_norm
        block_norms = np.maximum.reduceat(norms[places], np.arange(0, items, LANES)) if items else np.empty(0)
        laid_out = aligned(blocks, words, LANES)
        scales, errors = np.empty((blocks, LANES), dtype=np.float32), np.empty(blocks)
        width = words * (4 if layout == BYTES else 2)
        for start in range(0, blocks, BAND):
            chosen = by_norm[start * LANES : (start + BAND) * LANES]
            band = slice(start, min(start + BAND, blocks))
            padded = np.zeros(((band.stop - start) * LANES, width), dtype=np.float32)
            padded[: len(chosen), :factors] = item_factors[chosen]
            if layout == BYTES:
                mix(padded[:, :factors])
            packed, scale = pack(padded)
            errors[band] = row_norms(padded - unpack(packed, scale)).reshape(-1, LANES).max(axis=1)
            laid_out[band] = packed.reshape(-1, LANES, words).transpose(0, 2, 1)
            scales[band] = scale.reshape(-1, LANES)
        hot_rows = item_factors[by_norm[:HOT_ROWS]]
        return cls(layout, laid_out, scales, hot_rows, block_norms, errors, lanes)

    def rank(
        self,
        user: NDArray[np.float32],
        item_factors: NDArray[np.float32],
        hidden: NDArray[np.int32],
        top_ids: NDArray[np.int32],
        top_scores: NDArray[np.float64],
    ) -> int:
        """Write the best items that are not hidden, with exact scores; returns how many there are.

        All arrays are in C order and of these types, and item_factors read-only.
        """
        count: int
        if len(top_ids) >= LONG:
            count = rank_pool(user, item_factors, *self.laid_out, hidden, top_ids, top_scores)
        elif self._scan:
            count = self._scan[0](user, item_factors, *self.laid_out, hidden, top_ids, top_scores)
        else:
            arguments = user, item_factors, *self.laid_out, hidden, top_ids, top_scores
            count = rank_one(*arguments)
            scan = direct_call(rank_one, arguments)
            if scan is not None:
                self._scan.append(scan)
        return count

    def rank_many(
        self,
        users: NDArray[np.float32],
        item_factors: NDArray[np.float32],
        hidden_starts: NDArray[np.int64],
        hidden: NDArray[np.int32],
        top_ids: NDArray[np.int32],
        top_scores: NDArray[np.float64],
        counts: NDArray[np.int64],
        tile_words: int,
    ) -> None:
        """`rank` for each row of users, the same answers, about tile_words of the blocks at a time."""
        lists = hidden_starts, hidden, top_ids, top_scores, counts
        self.kernel_for_many(top_ids.shape[1])(users, item_factors, *self.laid_out, *lists, tile_words)

    def kernel_for_many(self, k: int) -> Any:
        """The kernel behind `rank_many`, which takes `laid_out` after the item factors."""
        return rank_many if k < LONG else rank_pools

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays by name, for an artifact."""
        return {name: getattr(self, name) for name in ARRAYS}

    def check(self, items: int, factors: int) -> None:
        """Raise ValueError unless the arrays are an index of this size; kernels trust them blindly."""
        if self.layout not in (BYTES, HALVES):
            raise ValueError(f"an index is laid out as {BYTES!r} or {HALVES!r}, not {self.layout!r}")
        blocks = -(-items // LANES)
        shapes = tuple(array.shape for array in self.arrays().values())
        words = packed_words(self.layout, factors)
        if shapes != (
            (blocks, words, LANES),
            (blocks, LANES),
            (min(items, HOT_ROWS), factors),
            (blocks,),
            (blocks,),
            (blocks * LANES,),
        ):
            raise ValueError(f"an index of {items} items and {factors} factors cannot have arrays of shapes {shapes}")
        dtypes = tuple(array.dtype for array in self.arrays().values())
        if dtypes != tuple(ARRAYS.values()):
            raise ValueError(f"the arrays of an index must be {list(ARRAYS.values())}, got {dtypes}")
        if not np.array_equal(np.sort(self.order[:items]), np.arange(items)) or (self.order[items:] != -1).any():
            raise ValueError("the order of an index must name every item once")


ARRAYS: dict[str, type] = {
    "blocks": np.int32,
    "scales": np.float32,
    "hot_rows": np.float32,
    "block_norms": np.float64,
    "block_errors": np.float64,
    "order": np.int32,
}


def row_norms(factors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Euclidean norms float64 (n,) of the rows of a (n, factors) array."""
    return np.sqrt(np.einsum("if,if->i", factors, factors, dtype=np.float64))


def aligned(*shape: int) -> NDArray[np.int32]:
    """An int32 array that starts where a cache line does, so that no load of a whole line straddles two."""
    size = math.prod(shape)
    room = np.empty(size + CACHE_LINE // 4, dtype=np.int32)
    start = -room.ctypes.data % CACHE_LINE // 4
    return room[start : start + size].reshape(shape)
