"""A batch cut into chunks: ids are looked up and named by the thread that asks, while others are in their kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.collector import collector_waiting
from recommender.interactions.histories import Histories, resolve_histories
from recommender.interactions.history import History
from recommender.interactions.lookups import look_up_all
from recommender.model.answers import Recommendation, name_all
from recommender.model.batch_ranker import BatchRanker, Lists, Run
from recommender.topk.batch import CHUNK, in_chunks, in_stages


def answer_many(
    batch: BatchRanker,
    histories: Sequence[History],
    index_of: Mapping[ItemId, int],
    item_ids: Sequence[ItemId],
    threads: int,
) -> list[list[Recommendation]]:
    """Named answers for each history."""

    def resolve(start: int, stop: int) -> Run:
        return batch.lay_out(resolve_histories(histories[start:stop], index_of))

    def name(lists: Lists) -> list[list[Recommendation]]:
        return name_lists(*lists, item_ids)

    with collector_waiting():
        return list(chain.from_iterable(in_stages(resolve, batch.rank, name, len(histories), threads, CHUNK)))


def answer_arrays(
    batch: BatchRanker, histories: Histories, k: int, threads: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Dense indices int32 and scores float64 (n, k), -1 and -inf where there are fewer."""

    def answer(start: int, stop: int) -> Lists:
        return batch.rank(batch.lay_out(histories.rows(start, stop)))

    return padded(in_chunks(answer, len(histories), threads, CHUNK), k)


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
        found = np.arange(width) < counts[:, None]
        np.copyto(ids[rows, :width], some_ids, where=found)
        np.copyto(scores[rows, :width], some_scores, where=found)
        start = rows.stop
    return ids, scores
