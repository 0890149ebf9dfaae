"""Ranking for many users at once: the catalog is read a tile at a time, for all users of a thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.kernel import address_of
from recommender.topk.index import FactorIndex
from recommender.topk.sharing import atomics
from recommender.topk.sharing.runs import FEWEST, cut_for, share
from recommender.topk.sharing.scan_run_kernels import rank_runs
from recommender.topk.sharing.threads import kept_pool

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
    np.cumsum(np.fromiter(map(len, hidden), np.int64, len(hidden)), out=starts[1 : len(hidden) + 1])
    joined = np.empty(starts[-1], dtype=np.int32)
    ids, scores = np.empty((len(users), k), dtype=np.int32), np.empty((len(users), k))
    counts = np.zeros(len(users), dtype=np.int64)
    shared = threads > 1 and atomics.available()
    bounds = cut_for(len(users), threads, CHUNK, FEWEST) if shared else cut(len(users), 1, CHUNK)

    def prepare(run: int) -> None:
        start, stop = bounds[run]
        if len(hidden):
            join_ascending(hidden[start:stop], starts[start : stop + 1], joined)

    def lists(start: int, stop: int) -> list[Ranked]:
        own = slice(start, stop)
        if (counts[own] == k).all():
            return list(zip(ids[own], scores[own], strict=True))
        return [(ids[n, : counts[n]], scores[n, : counts[n]]) for n in range(start, stop)]

    if not shared or len(bounds) <= 1:
        for run, (start, stop) in enumerate(bounds):
            prepare(run)
            own = slice(start, stop)
            some = starts[start : stop + 1], joined, ids[own], scores[own], counts[own]
            index.rank_many(users[own], item_factors, *some, tile_words)
        return lists(0, len(users))
    every = users, item_factors, *index.laid_out, starts, joined, ids, scores, counts, tile_words
    given = np.array(bounds), address_of(index.kernel_for_many(k), every), users, item_factors, index.laid_out

    def work(board: NDArray[np.int64], most: int) -> int:
        return int(rank_runs(board, most, *given, tile_words, starts, joined, ids, scores, counts))

    parts = share(prepare, work, lambda run, _: lists(*bounds[run]), len(bounds), threads)
    return list(chain.from_iterable(parts))


def join_ascending(parts: Sequence[NDArray[np.int32]], starts: NDArray[np.int64], joined: NDArray[np.int32]) -> None:
    """Write each part, its items in ascending order, to joined int32 [starts[n] : starts[n + 1]]."""
    own = joined[starts[0] : starts[-1]]
    np.concatenate(parts, out=own, casting="unsafe")
    falls = own[1:] < own[:-1]
    begins = starts[(starts > starts[0]) & (starts < starts[-1])] - starts[0]
    falls[begins - 1] = False
    if falls.any():  # somebody's are out of order
        own[:] = own[np.lexsort((own, np.repeat(np.arange(len(parts)), np.diff(starts))))]


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
