"""Rows of nearest direction, exactly: an index of rows of length one, leading coordinates first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.topk.batch import TILE_WORDS
from recommender.topk.direction_kernels import nearest_directions, rank_cosines
from recommender.topk.index import FactorIndex, best_layout
from recommender.topk.packing import BYTES
from recommender.topk.score_kernels import LANES, rank_cosine

HEAD = 3 / 8
"""Share of the words of a row that are its head. On generated factors a head of a quarter leaves 28 % of the blocks, of
three eighths 12 %, of a half 5 %: the sum of what is read is least at three eighths."""
MARGIN = 5.0e-7
"""What the cosine of two rows may differ from the product of their rounded directions, twice: 1.2e-7 for the rounding
of each to float32, and the turn's."""
SPARE = 8
"""More rows than asked for, so that those within the margin of the last one are nearly always among them."""

NO_TAILS, NOWHERE = np.empty(0), np.empty(0, dtype=np.int32)
Nearest = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]
"""Rows and cosines (n, k), best first, and how many of each there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Factors float32 (items, factors) and norms float64 (items,), with an index of their directions.

    turned float32 (items, factors) are the directions in coordinates of falling energy, zero where the norm is; tails
    float64 (blocks,) is the largest length beyond the head in each block; place_of int32 (items,) says where in the
    index an item is; learned is the number of items with a direction.
    """

    factors: NDArray[np.float32]
    norms: NDArray[np.float64]
    turned: NDArray[np.float32]
    index: FactorIndex
    head: int
    tails: NDArray[np.float64]
    place_of: NDArray[np.int32]
    learned: int

    @classmethod
    def of(cls, factors: NDArray[np.float32], norms: NDArray[np.float64]) -> Directions:
        """Turn and lay out; rows of norm zero have no direction and are nobody's neighbours."""
        learned = np.flatnonzero(norms).astype(np.int32)
        turned = np.zeros(factors.shape, dtype=np.float32)
        exact = factors[learned] / norms[learned, None]
        vectors = np.linalg.eigh(exact.T @ exact)[1][:, ::-1]
        turned[learned] = exact @ vectors
        if best_layout() != BYTES:
            return cls(
                factors, norms, turned, FactorIndex.build(turned, among=learned), 0, NO_TAILS, NOWHERE, len(learned)
            )
        index = FactorIndex.build(turned, among=learned, order=in_cells(turned[learned]))
        head = round(index.blocks.shape[1] * HEAD) // 2 * 2
        beyond = np.zeros(len(index.order))
        beyond[: len(learned)] = np.sqrt(np.square(turned[index.order[: len(learned)], 4 * head :], dtype=float).sum(1))
        tails = beyond.reshape(-1, LANES).max(axis=1, initial=0.0)
        place_of = np.zeros(len(factors), dtype=np.int32)
        place_of[index.order[: len(learned)]] = np.arange(len(learned))
        return cls(factors, norms, turned, index, head, tails, place_of, len(learned))

    def nearest(
        self, targets: NDArray[np.int32], k: int, starts: NDArray[np.int64], hidden: NDArray[np.int32]
    ) -> Nearest:
        """The k rows of largest cosine to each target, ties in catalog order; target n, a row with a direction, hides
        hidden[starts[n]:starts[n + 1]], ascending.
        """
        size, learned = len(targets), self.learned
        room, wide = min(k, learned), min(k + SPARE, learned)
        ids, cosines, counts = np.empty((size, room), np.int32), np.empty((size, room)), np.zeros(size, np.int64)
        if not room:
            return ids, cosines, counts
        near, close, found = np.empty((size, wide), np.int32), np.empty((size, wide)), np.empty(size, np.int64)
        self._scan(targets, starts, hidden, near, close, found)
        margin = MARGIN if wide < learned else -np.inf  # all of them are there
        lists = ids, cosines, counts
        if rank_cosines(targets, self.factors, self.norms, near, close, found, margin, *lists):
            for n in np.flatnonzero(counts < 0).tolist():  # many rows of one direction
                own = hidden[starts[n] : starts[n + 1]]
                counts[n] = rank_cosine(self.factors[targets[n]], self.factors, self.norms, own, ids[n], cosines[n])
        return lists

    def _scan(
        self,
        targets: NDArray[np.int32],
        starts: NDArray[np.int64],
        hidden: NDArray[np.int32],
        near: NDArray[np.int32],
        close: NDArray[np.float64],
        counts: NDArray[np.int64],
    ) -> None:
        """Write the rows nearest to each target by the product of directions."""
        index = self.index
        if index.layout != BYTES:
            index.rank_many(self.turned[targets], self.turned, starts, hidden, near, close, counts, TILE_WORDS)
            return
        packed = index.blocks, index.scales, index.block_norms, index.block_errors
        tile = max(1, TILE_WORDS // (index.blocks.shape[1] * LANES))
        nearest_directions(
            targets, self.turned, self.turned[:0], *packed, self.tails, self.head, index.order, self.place_of, starts,
            hidden, tile,
            near, close, counts,
        )  # fmt: skip


def in_cells(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """An order of rows float32 (n, factors) in which blocks hold rows of like leading coordinates.

    Halved by the median of the first coordinate, each half by that of the second, and so on down to a block, so that
    blocks that point elsewhere are out after their head. Parts differ by one row at most.
    """
    order = np.arange(len(rows))
    parts = 1
    for coordinate in range(rows.shape[1]):
        if len(rows) <= parts * LANES:
            break
        part_of = np.arange(len(rows)) * parts // len(rows)
        order = order[np.lexsort((rows[order, coordinate], part_of))]
        parts *= 2
    return order
