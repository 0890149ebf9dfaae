"""A batch cut into chunks, each from ids to names on one thread, while other threads are in their kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.histories import Histories, resolve_histories
from recommender.interactions.history import History
from recommender.model.answers import Recommendation
from recommender.model.batch_ranker import BatchRanker

CHUNK = 512
"""Histories that are answered at a time: enough that kernels run for milliseconds, which is what a wait for the GIL
costs, and few enough that threads end together."""
Part = TypeVar("Part")
_make: Callable[[tuple[ItemId, float]], Recommendation] = partial(tuple.__new__, Recommendation)
"""`Recommendation._make` without its check of the length, at half its cost."""


def answer_many(
    batch: BatchRanker,
    histories: Sequence[History],
    index_of: Mapping[ItemId, int],
    item_ids: Sequence[ItemId],
    threads: int,
) -> list[list[Recommendation]]:
    """Named answers for each history."""

    def answer(start: int, stop: int) -> list[list[Recommendation]]:
        ids, scores, counts = batch.rank(resolve_histories(histories[start:stop], index_of))
        found = np.arange(ids.shape[1]) < counts[:, None]
        full = bool(found.all())
        names = map(item_ids.__getitem__, (ids.ravel() if full else ids[found]).tolist())
        hits = list(map(_make, zip(names, (scores.ravel() if full else scores[found]).tolist(), strict=True)))
        ends = np.cumsum(counts).tolist()
        return [hits[first:last] for first, last in pairwise([0, *ends])]

    return [answers for part in _in_chunks(answer, len(histories), threads) for answers in part]


def answer_arrays(
    batch: BatchRanker, histories: Histories, k: int, threads: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Dense indices int32 and scores float64 (n, k), -1 and -inf where there are fewer."""
    ids, scores = np.full((len(histories), k), -1, dtype=np.int32), np.full((len(histories), k), -np.inf)

    def answer(start: int, stop: int) -> None:
        some_ids, some_scores, counts = batch.rank(histories.rows(start, stop))
        found = np.arange(some_ids.shape[1]) < counts[:, None]
        width = some_ids.shape[1]
        np.copyto(ids[start:stop, :width], some_ids, where=found)
        np.copyto(scores[start:stop, :width], some_scores, where=found)

    _in_chunks(answer, len(histories), threads)
    return ids, scores


def _in_chunks(answer: Callable[[int, int], Part], size: int, threads: int) -> list[Part]:
    """`answer(start, stop)` for runs of all `size` users, in their order; the first error ends it."""
    bounds = list(pairwise([*range(0, size, CHUNK), size]))
    if threads == 1 or len(bounds) == 1:
        return [answer(start, stop) for start, stop in bounds]
    with ThreadPoolExecutor(min(threads, len(bounds))) as pool:
        return list(pool.map(answer, *zip(*bounds, strict=True)))
