"""NumPy twins of the kernels of transitions: same names, arguments and results, written to be read."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.topk.twins import exact_scores, write_best
from recommender.transitions.boost_kernels import LEAST_BELIEF, find_slot

Floats = NDArray[np.float64]
Factors = NDArray[np.float32]
Ids = NDArray[np.int32]


def gather_boosts(
    indptr: NDArray[np.int64],
    next_ids: Ids,
    next_weights: Factors,
    trend_ids: Ids,
    trend_weights: Factors,
    items: Ids,
    steps: Floats,
    transition_weight: float,
    trend_weight: float,
    beliefs: Factors,
) -> tuple[Ids, Ids, Floats]:
    """Boosts of the items that a history leads to, in order of first touch."""
    found: dict[int, float] = {}
    for item, step in zip(items, steps, strict=True):
        row = slice(indptr[item], indptr[item + 1])
        if step > 0.0:
            for target, weight in zip(next_ids[row].tolist(), next_weights[row].tolist(), strict=True):
                found[target] = found.get(target, 0.0) + float(step) * weight
    square = 0.0
    for value in found.values():
        square += value * value
    scale = transition_weight / math.sqrt(square) if square > 0.0 else 0.0
    found = {target: value * scale for target, value in found.items()}
    if len(beliefs) and (steps > 0.0).any():
        total, believed = 0.0, 0.0
        for item, step in zip(items, steps, strict=True):
            if step > 0.0:
                total += float(step)
                believed += float(step) * float(beliefs[item])
        trend_weight = trend_weight * total / max(believed, LEAST_BELIEF * total)
    if trend_weight > 0.0:
        for target, weight in zip(trend_ids.tolist(), trend_weights.tolist(), strict=True):
            found[target] = found.get(target, 0.0) + trend_weight * weight
    ids, boosts = np.array(list(found), dtype=np.int32), np.array(list(found.values()), dtype=np.float64)
    slots = np.full(max(16, 1 << (2 * len(ids)).bit_length()), -1, dtype=np.int32)
    for number, item in enumerate(ids):
        slots[find_slot(item, slots, ids)] = number
    return slots, ids, boosts


def rank_boosted(
    user: Factors, item_factors: Factors, norms: Floats, slots: Ids, ids: Ids, boosts: Floats, score_norm: float,
    hidden: Ids, chosen: Ids, narrowed: bool, best_ids: Ids, best_scores: Floats, top_ids: Ids, top_scores: Floats,
) -> int:  # fmt: skip
    """The k items of largest exact score plus score_norm * boost, by a sort of all of them."""
    scores = exact_scores(user, item_factors)
    scores[ids] += score_norm * boosts
    items = chosen if narrowed else np.arange(len(item_factors))
    return write_best(scores[items], items, hidden, top_ids, top_scores)


def count_pairs(
    indptr: NDArray[np.int64], items: Ids, amounts: Floats, decay: float, window: int, backward: float, used: int,
    source: Ids, target: Ids, gain: Floats, bucket_head: Ids, next_in_bucket: Ids, row_head: Ids, next_in_row: Ids,
    touched: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Count what led to each step; entries stand in order of first touch, and chains are not needed to find them."""
    entry_of = {
        pair: entry for entry, pair in enumerate(zip(source[:used].tolist(), target[:used].tolist(), strict=True))
    }
    for start, end in pairwise(indptr.tolist()):
        for place in range(start + 1, end):
            before = items[max(start, place - 4 * window) : place][::-1].tolist()
            others = [other for other in dict.fromkeys(before) if other != items[place]]
            for distance, other in enumerate(others[:window] if amounts[place] else []):
                ways = ((other, int(items[place])), 1.0), ((int(items[place]), other), backward)
                for pair, share in ways[: 1 + (backward > 0)]:
                    entry = entry_of.setdefault(pair, len(entry_of))
                    if entry == used:
                        (source[entry], target[entry]), gain[entry], used = pair, 0.0, used + 1
                    gain[entry] += amounts[place] * decay**distance * share
                    touched[pair[0]] = True
    return used


def add_boosts(slots: Ids, ids: Ids, boosts: Floats, score_norm: float, candidates: Ids, scores: Floats) -> None:
    """See `boost_kernels.add_boosts`."""
    boost_of = dict(zip(ids.tolist(), boosts.tolist(), strict=True))
    scores += [score_norm * boost_of.get(item, 0.0) for item in candidates.tolist()]
