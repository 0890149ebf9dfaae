"""A batch shared by the thread that asks and others that stay in one kernel for as long as there are runs to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.topk.sharing.board_kernels import FIRST_RUN, OPEN, count_waiting, outcome, publish
from recommender.topk.sharing.threads import kept_pool

Finished = TypeVar("Finished")
FEW = 128
"""Users of the shortest runs of a large batch: half a millisecond of work."""
FEWEST = 64
"""Users that are worth a run at all."""


def share(
    prepare: Callable[[int], None],
    work: Callable[[NDArray[np.int64], int], int],
    finish: Callable[[int, int], Finished],
    runs: int,
    threads: int,
) -> list[Finished]:
    """`finish(run, outcome)` of all runs, in their order; the first error ends it.

    The thread that asks makes runs ready, by `prepare(run)`, and finishes those that are done. `work(board, most)`,
    which needs no GIL, does runs while any is ready, so many at most, settles each, and returns how many they were; see
    `board_kernels`. `threads` - 1 others call it once a batch, so that none waits for the GIL after each run, and the
    thread that asks where there is nothing else to do. Nobody waits for a run to become ready: whoever finds none goes,
    and is called again when there are more.
    """
    board = np.zeros(FIRST_RUN + runs, dtype=np.int64)
    finished: list[Finished] = []
    unfinished: deque[int] = deque()
    helpers: list[Future[int]] = []
    ready = 0
    try:
        while len(finished) < runs:
            if ready < runs and count_waiting(board) <= threads:
                prepare(ready)
                unfinished.append(ready)
                ready += 1
                publish(board, ready)
                helpers = [helper for helper in helpers if not _ended(helper)]
                if len(helpers) < threads - 1:
                    helpers.append(kept_pool(threads - 1).submit(work, board, runs))
            elif (became := outcome(board, unfinished[0])) != OPEN:
                finished.append(finish(unfinished.popleft(), became))
            elif not work(board, 1):
                helper = helpers.pop()
                if not helper.cancel():
                    helper.result()
    finally:  # after an error nobody asks for the others
        publish(board, 0)
        for helper in helpers:
            helper.cancel()
    return finished


def cut_for(size: int, threads: int, chunk: int, few: int = FEW) -> list[tuple[int, int]]:
    """Start and stop of runs of at most `chunk` users. They grow from `few`, or less where all are few, so that threads
    begin soon, and become shorter as less is left, so that none ends long before another.
    """
    shortest = min(few, max(FEWEST, size // (4 * threads)))
    bounds, start, longest = [], 0, shortest
    while start < size:
        share = -(-(size - start) // (2 * threads))
        stop = min(size, start + min(chunk, longest, max(shortest, share)))
        bounds.append((start, stop))
        start, longest = stop, 2 * longest
    return bounds


def _ended(helper: Future[int]) -> bool:
    """Whether it has gone; raises what it failed by."""
    return helper.done() and helper.result() >= 0
