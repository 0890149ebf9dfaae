"""Items of nearest direction, exactly: sketches of all directions, and their coordinates as rows of bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.kernel import direct_call
from recommender.topk.batch import TILE_WORDS
from recommender.topk.direction_kernels import nearest_directions, nearest_to
from recommender.topk.index import aligned
from recommender.topk.packed_products import ROW_WORDS
from recommender.topk.score_kernels import LANES
from recommender.topk.sketches import MIDDLE, SketchCode, pack_nibbles

INT32 = np.dtype(np.int32)
NONE: NDArray[np.int32] = np.empty(0, INT32)
"""Nothing hidden, writable as what is hidden is, since kernels compile for either kind."""
BAND = 1 << 14
"""Items that are laid out at a time, so that building takes little room beside the result."""

Nearest = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]
"""Items and cosines (n, k), best first, and how many of each there are."""


LaidOut = tuple[
    NDArray[np.float32],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.int32],
]
"""What the kernels of `direction_kernels` take of an index, in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """An index of the directions of items: what `direction_kernels` calls its arguments, from item_factors to order.

    learned is the number of items with a direction, those whose norm is not zero.
    """

    laid_out: LaidOut
    learned: int
    _scan: list[Callable[..., int]] = field(default_factory=list, init=False, repr=False)

    @classmethod
    def of(cls, factors: NDArray[np.float32], norms: NDArray[np.float64]) -> Directions:
        """Lay out factors float32 (items, factors) of norms float64 (items,); items of norm zero have no direction and
        are nobody's neighbours.
        """
        learned, width = np.flatnonzero(norms), factors.shape[1]
        row_words = -(-width // (4 * ROW_WORDS)) * ROW_WORDS
        bands = [learned[start : start + BAND] for start in range(0, len(learned), BAND)]
        gram = np.zeros((width, width))
        for band in bands:
            unit = factors[band] / norms[band, None]  # float64
            gram += unit.T @ unit
        vectors = np.ascontiguousarray(np.linalg.eigh(gram)[1][:, ::-1])
        turned = np.empty((len(learned), width), dtype=np.float32)
        for number, band in enumerate(bands):
            turned[number * BAND :][: len(band)] = factors[band] / norms[band, None] @ vectors
        cells = in_cells(turned)
        learned, turned = learned[cells], turned[cells]
        code, blocks = SketchCode.of(turned, BAND), -(-len(learned) // LANES)
        scales = np.maximum(turned.max(axis=0, initial=0.0), -turned.min(axis=0, initial=0.0)) / np.float64(127.0)
        scales[scales == 0.0] = 1.0
        order = np.full(blocks * LANES, -1, dtype=np.int32)
        order[: len(learned)] = learned
        rows, sketches = aligned(blocks * LANES, row_words), aligned(blocks + -(-blocks // LANES), code.words, LANES)
        means, longest = np.zeros((-(-blocks // LANES) * LANES, width), dtype=np.float32), np.zeros(2)
        for start in range(0, blocks * LANES, BAND):
            part = slice(start, min(start + BAND, blocks * LANES))
            own = slice(start // LANES, part.stop // LANES)
            kept = np.zeros((part.stop - start, width), dtype=np.float32)
            kept[: len(learned) - start] = turned[part]
            bytes_ = np.zeros((len(kept), 4 * row_words))
            bytes_[:, :width] = np.rint(kept / scales)
            rows[part], numbers = as_words(bytes_), code.numbers(kept)
            longest = np.maximum(longest, [longest_row(numbers - MIDDLE), longest_row(bytes_)])
            means[own] = kept.reshape(-1, LANES, width).mean(axis=1)
            sketches[own] = in_blocks(pack_nibbles(numbers))
        sketches[blocks:] = in_blocks(pack_nibbles(code.numbers(means)))
        bounds = code.centres, code.steps, np.concatenate((code.lengths, longest))
        return cls((factors, norms, vectors, scales, *bounds, sketches, rows, order), len(learned))

    def nearest(self, target: int, k: int, hidden: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """The k items of largest cosine to a target, without itself and those hidden, which are ascending, and their
        cosines, best first, ties in catalog order; none for an item without a direction.
        """
        room = k if k < self.learned else self.learned
        ids, cosines = np.empty(room, INT32), np.empty(room)
        if not room:
            return ids, cosines
        found: int
        if self._scan:
            found = self._scan[0](target, *self.laid_out, hidden, ids, cosines)
        else:
            arguments = target, *self.laid_out, hidden, ids, cosines
            found = nearest_to(*arguments)
            scan = direct_call(nearest_to, arguments)
            if scan is not None:
                self._scan.append(scan)
        return (ids, cosines) if found == room else (ids[:found], cosines[:found])

    def nearest_to_each(self, targets: NDArray[np.int32], k: int) -> Nearest:
        """`nearest` for targets int32 (n,), each of which hides itself: the same answers at a fraction of the cost."""
        size, room, (*_, sketches, _, _) = len(targets), min(k, self.learned), self.laid_out
        lists = np.empty((size, room), np.int32), np.empty((size, room)), np.zeros(size, np.int64)
        if room:
            tile = max(1, TILE_WORDS // (sketches.shape[1] * LANES))
            nearest_directions(targets, *self.laid_out, NONE, tile, *lists)
        return lists


def longest_row(numbers: NDArray[np.floating]) -> float:
    """The largest length of rows (n, width)."""
    return float(np.sqrt(np.square(numbers).sum(axis=1).max(initial=0.0)))


def as_words(bytes_: NDArray[np.float64]) -> NDArray[np.int32]:
    """Words int32 (n, words) of whole numbers float64 (n, 4 * words) from -128 to 127, 128 added."""
    return np.ascontiguousarray(bytes_ + 128.0).astype(np.uint8).view(np.int32)


def in_blocks(words: NDArray[np.int32]) -> NDArray[np.int32]:
    """Words int32 (n * LANES, words) of items as (n, words, LANES)."""
    return words.reshape(-1, LANES, words.shape[1]).transpose(0, 2, 1)


def in_cells(rows: NDArray[np.floating]) -> NDArray[np.int64]:
    """An order of rows (n, factors) in which blocks hold rows of like leading coordinates.

    Halved by the median of the first coordinate, each half by that of the second, and so on down to a block. Parts
    differ by one row at most.
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
