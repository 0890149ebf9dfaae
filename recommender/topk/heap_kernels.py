"""Compiled kernels that keep the best of many in a heap, whose root is the worst of them.

A sorted list is faster for a dozen items; for hundreds each insertion moves half of them, and a heap moves eight.
Best is of larger score, and of equal scores of smaller index. ids int32 (k,) and scores float64 (k,).
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel

LONG = 64
"""Items from which on a heap is faster than a sorted list."""


@kernel(fast=False)
def sink(item, score, place, count, ids, scores):
    """Put an item into the first `count` places, at `place` or below it, where those above are no better."""
    while True:
        worse = 2 * place + 1
        if worse >= count:
            break
        other = worse + 1
        if other < count and (
            scores[other] < scores[worse] or (scores[other] == scores[worse] and ids[other] > ids[worse])
        ):
            worse = other
        if score < scores[worse] or (score == scores[worse] and item >= ids[worse]):
            break
        scores[place], ids[place] = scores[worse], ids[worse]
        place = worse
    scores[place], ids[place] = score, item


@kernel(fast=False)
def keep_best(item, score, count, ids, scores):
    """Keep an item if it is among the k best of those kept and itself; returns how many are kept, k at most."""
    k = ids.shape[0]
    if count == k:
        if score > scores[0] or (score == scores[0] and item < ids[0]):
            sink(item, score, np.int64(0), count, ids, scores)
        return count
    place = count
    while place > 0:
        above = (place - 1) // 2
        if score > scores[above] or (score == scores[above] and item < ids[above]):
            break
        scores[place], ids[place] = scores[above], ids[above]
        place = above
    scores[place], ids[place] = score, item
    return count + 1


@kernel(fast=False)
def sort_best(count, ids, scores):
    """Turn the heap of the first `count` places into a list, best first."""
    for last in range(count - 1, 0, -1):
        item, score = ids[last], scores[last]
        ids[last], scores[last] = ids[0], scores[0]
        sink(item, score, np.int64(0), np.int64(last), ids, scores)
