"""Ranking for many users at once: the catalog is read a tile at a time, for all users of a thread."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.topk.index import FactorIndex

TILE_WORDS = 1 << 17
"""Packed words that are taken to all users at a time: half a megabyte, which stays in the nearest big cache."""
Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]


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

    Kernels let go of the GIL, so that threads, each with a run of users of its own, really work side by side.
    """
    users = np.ascontiguousarray(users)
    starts = np.zeros(len(users) + 1, dtype=np.int64)
    starts[1:] = np.cumsum([len(items) for items in hidden]) if len(hidden) else 0
    joined = np.concatenate(hidden).astype(np.int32) if len(hidden) else np.empty(0, dtype=np.int32)
    top_ids, top_scores = np.empty((len(users), k), dtype=np.int32), np.empty((len(users), k))
    counts = np.empty(len(users), dtype=np.int64)

    def rank(part: slice) -> None:
        own = starts[part.start : part.stop + 1]
        index.rank_many(
            users[part], item_factors, own, joined, top_ids[part], top_scores[part], counts[part], tile_words
        )

    bounds = np.linspace(0, len(users), min(threads, max(1, len(users))) + 1).astype(int).tolist()
    parts = [slice(first, last) for first, last in pairwise(bounds)]
    if len(parts) == 1:
        rank(parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(rank, parts))
    return [
        (ids[:found], scores[:found]) for ids, scores, found in zip(top_ids, top_scores, counts.tolist(), strict=True)
    ]
