"""A batch cut into chunks: ids are looked up and named by the thread that asks, while others are in their kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.collector import collector_waiting
from recommender.interactions.histories import Histories, resolve_histories
from recommender.interactions.history import History
from recommender.interactions.lookups import look_up_all
from recommender.model.answers import Recommendation, name_all
from recommender.model.batches.ranker import BatchRanker, Lists
from recommender.model.batches.shared_batch import SharedBatch
from recommender.topk.batch import CHUNK, in_stages
from recommender.topk.sharing import atomics
from recommender.topk.sharing.runs import cut_for, share

Finished = TypeVar("Finished")


def answer_many(
    batch: BatchRanker,
    histories: Sequence[History],
    index_of: Mapping[ItemId, int],
    item_ids: Sequence[ItemId],
    threads: int,
) -> list[list[Recommendation]]:
    """Named answers for each history."""

    def resolve(start: int, stop: int) -> Histories:
        return resolve_histories(histories[start:stop], index_of)

    def name(lists: Lists) -> list[list[Recommendation]]:
        return name_lists(*lists, item_ids)

    try:
        longest = max(map(len, histories), default=0)
    except TypeError:  # one is no history: one after the other, to say which
        longest, threads = 0, 1
    with collector_waiting():
        return list(chain.from_iterable(answers(batch, resolve, name, len(histories), longest, threads)))


def answer_arrays(
    batch: BatchRanker, histories: Histories, k: int, threads: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Dense indices int32 and scores float64 (n, k), -1 and -inf where there are fewer."""
    longest = int(np.diff(histories.indptr).max(initial=0))
    return padded(answers(batch, histories.rows, lambda lists: lists, len(histories), longest, threads), k)


def answers(
    batch: BatchRanker,
    histories_of: Callable[[int, int], Histories],
    finish: Callable[[Lists], Finished],
    size: int,
    longest: int,
    threads: int,
) -> list[Finished]:
    """`finish(batch.rank(batch.lay_out(histories_of(start, stop))))` for runs of all `size` users, in their order.
    Threads have room for histories of `longest` items.
    """
    bounds = cut_for(size, threads, CHUNK)
    index = batch.index
    if len(bounds) == 1 or threads == 1 or not batch.kernels_suffice or index is None or not atomics.available():
        return in_stages(
            lambda start, stop: batch.lay_out(histories_of(start, stop)), batch.rank, finish, size, threads, CHUNK
        )
    shared = SharedBatch(batch, index, bounds, longest)
    return share(
        lambda run: shared.add(run, histories_of(*bounds[run])),
        shared.work,
        lambda run, became: finish(shared.lists(run, became)),
        len(bounds),
        threads,
    )


def name_lists(
    ids: NDArray[np.int32], scores: NDArray[np.float64], counts: NDArray[np.int64], item_ids: Sequence[ItemId]
) -> list[list[Recommendation]]:
    """Lists of named items of ids and scores (n, k), of which each row has its count."""
    found = np.arange(ids.shape[1]) < counts[:, None]
    full = bool(found.all())
    names = look_up_all(item_ids, (ids.ravel() if full else ids[found]).tolist())
    hits = name_all(names, (scores.ravel() if full else scores[found]).tolist())
    return [hits[first:last] for first, last in pairwise([0, *np.cumsum(counts).tolist()])]


def padded(parts: Sequence[Lists], k: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The lists of all parts below each other, (n, k), -1 and -inf where there are fewer."""
    size = sum(len(counts) for _, _, counts in parts)
    ids, scores = np.full((size, k), -1, dtype=np.int32), np.full((size, k), -np.inf)
    start = 0
    for some_ids, some_scores, counts in parts:
        rows, width = slice(start, start + len(counts)), some_ids.shape[1]
        found = np.arange(width) < counts[:, None] if counts.min(initial=width) < width else True
        np.copyto(ids[rows, :width], some_ids, where=found)
        np.copyto(scores[rows, :width], some_scores, where=found)
        start = rows.stop
    return ids, scores
