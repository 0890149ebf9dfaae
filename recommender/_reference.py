"""NumPy twins of the kernels: same names, arguments and results, written to be read rather than to be fast.

Tests hold the kernels against these. `exact_scores` fixes the order of summation that makes scores, and so ties, the
same to the last bit; everything else is a sort.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Factors = NDArray[np.float32]
Ids = NDArray[np.int32]


def exact_scores(user: Factors, item_factors: Factors) -> Floats:
    """Exact score of every item, float64 (items,); user (factors,), item_factors (items, factors)."""
    items, factors = item_factors.shape
    products = item_factors.astype(np.float64) * user.astype(np.float64)
    head = factors // 8 * 8
    lanes = np.zeros((items, 8))
    for start in range(0, head, 8):
        lanes += products[:, start : start + 8]
    pairs = lanes[:, 0::2] + lanes[:, 1::2]
    total = (pairs[:, 0] + pairs[:, 1]) + (pairs[:, 2] + pairs[:, 3])
    for f in range(head, factors):
        total += products[:, f]
    return total


def rank_items(user: Factors, item_factors: Factors, hidden: Ids, top_ids: Ids, top_scores: Floats) -> int:
    """A scan without an index: the k items of largest exact score, ties in catalog order; returns the count."""
    return _write_best(exact_scores(user, item_factors), np.arange(len(item_factors)), hidden, top_ids, top_scores)


def rank_candidates(
    user: Factors, item_factors: Factors, norms: Floats, candidates: Ids, hidden: Ids, top_ids: Ids, top_scores: Floats
) -> int:
    """`rank_items` among candidates; norms are not needed here."""
    return _write_best(exact_scores(user, item_factors[candidates]), candidates, hidden, top_ids, top_scores)


def rank_cosine(
    row: Factors, item_factors: Factors, norms: Floats, hidden: Ids, top_ids: Ids, top_scores: Floats
) -> int:
    """The k items of largest cosine to `row`, items of norm zero left out."""
    learned = np.flatnonzero(norms)
    row_norm = np.sqrt(exact_scores(row, row[None])[0])
    scores = exact_scores(row, item_factors[learned]) / (row_norm * norms[learned])
    return _write_best(scores, learned, hidden, top_ids, top_scores)


def rank_popular(popular: Ids, popularity: Factors, hidden: Ids, top_ids: Ids, top_scores: Floats) -> int:
    """The first k of `popular` that are not hidden."""
    best = popular[~np.isin(popular, hidden)][: len(top_ids)]
    top_ids[: len(best)], top_scores[: len(best)] = best, popularity[best]
    return len(best)


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
) -> tuple[None, Ids, Floats]:
    """Boosts of the items that a history leads to, in order of first touch; there is no table of slots here."""
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
    if trend_weight > 0.0:
        for target, weight in zip(trend_ids.tolist(), trend_weights.tolist(), strict=True):
            found[target] = found.get(target, 0.0) + trend_weight * weight
    return None, np.array(list(found), dtype=np.int32), np.array(list(found.values()), dtype=np.float64)


def rank_boosted(
    user: Factors, item_factors: Factors, ids: Ids, boosts: Floats, reach: float, hidden: Ids, top_ids: Ids,
    top_scores: Floats,
) -> int:  # fmt: skip
    """The k items of largest exact score plus reach * boost, by a sort of all of them."""
    scores = exact_scores(user, item_factors)
    scores[ids] += reach * boosts
    return _write_best(scores, np.arange(len(item_factors)), hidden, top_ids, top_scores)


def count_pairs(
    sequences: list[list[int]], amounts: list[list[float]], decay: float, window: int, both_ways: bool = False
) -> dict[tuple[int, int], float]:
    """Gains of source -> target, from the d-th nearest other item before each step, d up to `window`, and back."""
    gains: dict[tuple[int, int], float] = {}
    for items, worth in zip(sequences, amounts, strict=True):
        for place, (item, amount) in enumerate(zip(items, worth, strict=True)):
            before = items[max(0, place - 4 * window) : place][::-1]
            others = [other for other in dict.fromkeys(before) if other != item][:window]
            for distance, other in enumerate(others):
                for pair in ((other, item), (item, other))[: 1 + both_ways]:
                    gains[pair] = gains.get(pair, 0.0) + amount * decay**distance
    return gains


def normal_equations(
    gram: Floats, regularization: float, other_factors: Factors, indices: Ids, confidences: Factors
) -> tuple[Floats, Floats]:
    """The matrix and right-hand side of equation 4 of Hu, Koren, Volinsky (2008)."""
    rows, wide = other_factors[indices].astype(np.float64), confidences.astype(np.float64)
    matrix = gram + regularization * np.eye(len(gram)) + (rows.T * (np.abs(wide) - 1.0)) @ rows
    return matrix, rows.T @ np.maximum(wide, 0.0)


def fold_in(
    gram: Floats, regularization: float, item_factors: Factors, items: Ids, confidences: Factors, user: Factors
) -> bool:
    """The user's vector by a dense solve."""
    user[:] = np.linalg.solve(*normal_equations(gram, regularization, item_factors, items, confidences))
    return True


def contributions(
    gram: Floats,
    regularization: float,
    item_factors: Factors,
    items: Ids,
    confidences: Factors,
    target: Factors,
    shares: Floats,
) -> bool:
    """What each history item adds to the score of `target`."""
    matrix, _ = normal_equations(gram, regularization, item_factors, items, confidences)
    weighted = scipy.linalg.solve(matrix, target.astype(np.float64), assume_a="pos")
    shares[:] = item_factors[items] @ weighted * np.maximum(confidences, 0.0)
    return True


def _write_best(scores: Floats, ids: NDArray[np.integer], hidden: Ids, top_ids: Ids, top_scores: Floats) -> int:
    order = np.lexsort((ids, -scores))
    best = order[~np.isin(ids[order], hidden)][: len(top_ids)]
    top_ids[: len(best)], top_scores[: len(best)] = ids[best], scores[best]
    return len(best)
