"""Ranking for many users at once: the catalog is read a tile at a time, for all users of a thread."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.topk.index import FactorIndex

TILE_WORDS = 1 << 17
"""Packed words that are taken to all users at a time: half a megabyte, which stays in the nearest big cache."""
Part = TypeVar("Part")
Prepared = TypeVar("Prepared")
Finished = TypeVar("Finished")
Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]


CHUNK = 1024
"""Users that a thread ranks at a time: some milliseconds of work, as a wait for the GIL after it may cost."""
SHORTEST = 1 / 4
"""Share of a chunk that is worth handing to a thread, where there are many."""
FEWEST = 64
"""Users that are worth handing to a thread at all: a third of a millisecond of work, where the thread is there."""
AHEAD = 2
"""Runs that lie ready for threads beside those they are at, so that none waits for the thread that asks."""


def rank_users(
    index: FactorIndex,
    item_factors: NDArray[np.float32],
    users: NDArray[np.float32],
    k: int,
    hidden: Sequence[NDArray[np.int32]],
    threads: int,
    tile_words: int = TILE_WORDS,
) -> list[Ranked]:
    """Top k of each row of users float32 (n, factors), hidden[n] left out; one list for every user.

    Kernels let go of the GIL, so that threads, each with runs of users of its own, really work side by side.
    """
    users = np.ascontiguousarray(users)
    starts = np.zeros(len(users) + 1, dtype=np.int64)
    starts[1:] = np.cumsum(list(map(len, hidden))) if len(hidden) else 0
    joined = np.concatenate(hidden).astype(np.int32) if len(hidden) else np.empty(0, dtype=np.int32)
    falls = joined[1:] < joined[:-1]
    begins = starts[(starts > 0) & (starts < len(joined))]
    falls[begins - 1] = False
    if falls.any():  # somebody's are out of order
        joined = joined[np.lexsort((joined, np.repeat(np.arange(len(users)), np.diff(starts))))]

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
    return list(kept_pool(threads).map(answer, *zip(*bounds, strict=True)))


def in_stages(
    prepare: Callable[[int, int], Prepared],
    answer: Callable[[Prepared], Part],
    finish: Callable[[Part], Finished],
    size: int,
    threads: int,
    chunk: int,
) -> list[Finished]:
    """`finish(answer(prepare(start, stop)))` for runs of all `size` users, in their order; the first error ends it.

    `answer` is for `threads` to do, without the GIL. What holds it, prepare and finish, is done by the thread that
    asks, meanwhile: counts of references to the same ids from two cores would take the memory they lie in to and fro,
    and threads that want the GIL between kernels would wait for each other.
    """
    bounds = cut(size, threads, chunk)
    if threads == 1 or len(bounds) <= 1:
        return [finish(answer(prepare(start, stop))) for start, stop in bounds]
    waiting: deque[Future[Part]] = deque()
    finished = []
    pool = kept_pool(threads)
    try:
        for start, stop in bounds:
            waiting.append(pool.submit(answer, prepare(start, stop)))
            if len(waiting) > threads + AHEAD:
                finished.append(finish(waiting.popleft().result()))
        while waiting:
            finished.append(finish(waiting.popleft().result()))
    finally:  # after an error nobody asks for the others
        for future in waiting:
            future.cancel()
    return finished


_pools: dict[int, ThreadPoolExecutor] = {}
_lock = threading.Lock()


def kept_pool(threads: int) -> ThreadPoolExecutor:
    """So many threads that are kept from batch to batch: to start two takes as long as to rank for forty users, and the
    caches of their cores are cold.
    """
    with _lock:
        if threads not in _pools:
            _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="recommender-batch")
        return _pools[threads]


def _forget_pools() -> None:
    """In a forked process none of the threads goes on."""
    global _lock
    _lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pools)


def cut(size: int, threads: int, chunk: int) -> list[tuple[int, int]]:
    """Start and stop of runs of `chunk` users. Where threads share them, runs become shorter as less is left, so that
    no thread ends long before another, and a batch of less than a chunk occupies all, unless it is not worth it.
    """
    shortest = chunk
    if threads > 1:
        shortest = max(1, min(int(chunk * SHORTEST), max(FEWEST, -(-size // threads))))
    bounds, start = [], 0
    while start < size:
        share = -(-(size - start) // (2 * threads))
        stop = min(size, start + min(chunk, max(shortest, share)))
        bounds.append((start, stop))
        start = stop
    return bounds
