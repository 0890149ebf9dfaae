"""Ranking for many users at once: the catalog is read a tile at a time, for all users of a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.topk.index import FactorIndex

TILE_WORDS = 1 << 17
"""Packed words that are taken to all users at a time: half a megabyte, which stays in the nearest big cache."""
Part = TypeVar("Part")
Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]


CHUNK = 1024
"""Users that a thread ranks at a time: some milliseconds of work."""
SHORTEST = 1 / 4
"""Share of a chunk that is worth handing to a thread."""


def rank_users(
    index: FactorIndex,
    item_factors: NDArray[np.float32],
    users: NDArray[np.float32],
    k: int,
    hidden: Sequence[NDArray[np.int32]],
    threads: int,
    tile_words: int = TILE_WORDS,
) -> list[Ranked]:
    """Top k of each row of users float32 (n, factors), hidden[n] (sorted) left out; one list for every user.

    Kernels let go of the GIL, so that threads, each with runs of users of its own, really work side by side.
    """
    users = np.ascontiguousarray(users)
    starts = np.zeros(len(users) + 1, dtype=np.int64)
    starts[1:] = np.cumsum(list(map(len, hidden))) if len(hidden) else 0
    joined = np.concatenate(hidden).astype(np.int32) if len(hidden) else np.empty(0, dtype=np.int32)

    def rank(start: int, stop: int) -> list[Ranked]:
        ids, scores = np.empty((stop - start, k), dtype=np.int32), np.empty((stop - start, k))
        counts = np.empty(stop - start, dtype=np.int64)
        own = starts[start : stop + 1]
        index.rank_many(users[start:stop], item_factors, own, joined, ids, scores, counts, tile_words)
        if (counts == k).all():
            return list(zip(ids, scores, strict=True))
        return [(ids[n, :found], scores[n, :found]) for n, found in enumerate(counts.tolist())]

    return [ranked for part in in_chunks(rank, len(users), threads, CHUNK) for ranked in part]


def in_chunks(answer: Callable[[int, int], Part], size: int, threads: int, chunk: int) -> list[Part]:
    """`answer(start, stop)` for runs of all `size` users, in their order; the first error ends it."""
    bounds = cut(size, threads, chunk)
    if threads == 1 or len(bounds) <= 1:
        return [answer(start, stop) for start, stop in bounds]
    with ThreadPoolExecutor(min(threads, len(bounds))) as pool:
        return list(pool.map(answer, *zip(*bounds, strict=True)))


def cut(size: int, threads: int, chunk: int) -> list[tuple[int, int]]:
    """Start and stop of runs of `chunk` users. Where threads share them, runs become shorter as less is left, so that
    no thread ends long before another, and a batch of less than a chunk occupies all.
    """
    shortest, bounds, start = chunk if threads == 1 else max(1, int(chunk * SHORTEST)), [], 0
    while start < size:
        share = -(-(size - start) // (2 * threads))
        stop = min(size, start + min(chunk, max(shortest, share)))
        bounds.append((start, stop))
        start = stop
    return bounds
