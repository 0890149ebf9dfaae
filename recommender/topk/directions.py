"""Items of nearest direction, exactly: sketches of all directions, and their coordinates as rows of bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.kernel import direct_call
from recommender.topk.batch import TILE_WORDS
from recommender.topk.clusters import SAMPLE, cluster_count, cluster_means, nearest_means
from recommender.topk.direction_kernels import nearest_directions, nearest_to
from recommender.topk.index import aligned
from recommender.topk.packed_products import GROUP, ROW_WORDS
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
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.int32],
]
"""What the kernels of `direction_kernels` take of an index, in their order."""
SKETCHES = 8
"""The place of the sketches among these."""


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
        vectors, means, cluster, rest = from_means(factors, norms, learned)
        by_cluster = np.lexsort((rest[:, 0], cluster))
        learned, cluster, rest = learned[by_cluster], cluster[by_cluster], rest[by_cluster]
        code = SketchCode.of(rest, BAND)
        sizes = np.bincount(cluster, minlength=len(means))
        starts = np.concatenate(([0], np.cumsum(-(-sizes // GROUP)))).astype(np.int32)
        places = np.arange(len(learned)) + np.repeat(starts[:-1] * GROUP - (np.cumsum(sizes) - sizes), sizes)
        blocks = -(-int(starts[-1]) * GROUP // LANES)
        order = np.full(blocks * LANES, -1, dtype=np.int32)
        order[places] = learned
        cells = np.zeros(blocks * LANES // GROUP, dtype=np.int32)
        cells[: starts[-1]] = np.repeat(np.arange(len(means)), np.diff(starts))
        scales = np.zeros(width)
        for start in range(0, len(learned), BAND):
            band = slice(start, start + BAND)
            scales = np.maximum(scales, np.abs(rest[band] + means[cluster[band]]).max(axis=0) / np.float64(127.0))
        scales[scales == 0.0] = 1.0
        rows, sketches = aligned(blocks * LANES, row_words), aligned(blocks, code.words, LANES)
        longest = np.zeros(3)
        for start in range(0, blocks * LANES, BAND):
            part = slice(start, min(start + BAND, blocks * LANES))
            own = slice(start // LANES, part.stop // LANES)
            here = slice(*np.searchsorted(places, (part.start, part.stop)))
            size, own_places = part.stop - start, places[here] - start
            kept, bytes_ = np.zeros((size, width), np.float32), np.zeros((size, 4 * row_words))
            turned = (rest[here] + means[cluster[here]]).astype(np.float64)
            rounded = np.rint(turned / scales)
            kept[own_places], bytes_[own_places, :width] = rest[here], rounded
            rows[part], numbers = as_words(bytes_), code.numbers(kept)
            found = longest_row(numbers - MIDDLE), longest_row(bytes_), longest_row(turned - rounded * scales)
            longest = np.maximum(longest, found)
            sketches[own] = in_blocks(pack_nibbles(numbers))
        bounds = code.centres, code.steps, np.concatenate((code.lengths, longest)), np.ascontiguousarray(means.T)
        return cls((factors, norms, vectors, scales, *bounds, sketches, rows, order, cells, starts), len(learned))

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
        size, room, sketches = len(targets), min(k, self.learned), self.laid_out[SKETCHES]
        lists = np.empty((size, room), np.int32), np.empty((size, room)), np.zeros(size, np.int64)
        if room:
            tile = max(1, TILE_WORDS // (sketches.shape[1] * LANES))
            nearest_directions(targets, *self.laid_out, NONE, tile, *lists)
        return lists


def from_means(
    factors: NDArray[np.float32], norms: NDArray[np.float64], learned: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """The directions of learned items (n,) as what they are besides the mean of their cluster: coordinates, the columns
    of a float64 (factors, factors), in which these have falling energy, means float32 (clusters, factors) in them,
    which of these is each item's, int32 (n,), and the rests float32 (n, factors).
    """
    clusters, width = cluster_count(len(learned)), factors.shape[1]
    some = learned[:: max(1, len(learned) // (SAMPLE * clusters))]
    means = cluster_means((factors[some] / norms[some, None]).astype(np.float32), clusters)
    cluster, rest = np.empty(len(learned), np.int32), np.empty((len(learned), width), np.float32)
    gram = np.zeros((width, width))
    bands = [slice(start, start + BAND) for start in range(0, len(learned), BAND)]
    for band in bands:
        unit = factors[learned[band]] / norms[learned[band], None]  # float64
        cluster[band] = nearest_means(unit.astype(np.float32), means)
        apart = unit - means[cluster[band]]
        gram += apart.T @ apart
    vectors = np.ascontiguousarray(np.linalg.eigh(gram)[1][:, ::-1])
    means = (means @ vectors).astype(np.float32)
    for band in bands:
        rest[band] = factors[learned[band]] / norms[learned[band], None] @ vectors - means[cluster[band]]
    return vectors, means, cluster, rest


def longest_row(numbers: NDArray[np.floating]) -> float:
    """The largest length of rows (n, width)."""
    return float(np.sqrt(np.square(numbers).sum(axis=1).max(initial=0.0)))


def as_words(bytes_: NDArray[np.float64]) -> NDArray[np.int32]:
    """Words int32 (n, words) of whole numbers float64 (n, 4 * words) from -128 to 127, 128 added."""
    return np.ascontiguousarray(bytes_ + 128.0).astype(np.uint8).view(np.int32)


def in_blocks(words: NDArray[np.int32]) -> NDArray[np.int32]:
    """Words int32 (n * LANES, words) of items as (n, words, LANES)."""
    return words.reshape(-1, LANES, words.shape[1]).transpose(0, 2, 1)
