"""NumPy twins of the ranking kernels: same names, arguments and results, written to be read rather than to be fast.

Tests hold the kernels against these. `exact_scores` fixes the order of summation that makes scores, and so ties, the
same to the last bit; everything else is a sort.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Factors = NDArray[np.float32]
Ids = NDArray[np.int32]


def exact_score(user: Factors, row: Factors) -> float:
    """Exact score of one item."""
    return float(exact_scores(user, row[None])[0])


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


def rank_one(
    user: Factors, item_factors: Factors, hot_rows: Factors, blocks: Ids, scales: Factors | None,
    block_norms: Floats, block_errors: Floats, order: Ids, hidden: Ids, top_ids: Ids, top_scores: Floats,
) -> int:  # fmt: skip
    """The k items of the index of largest exact score, ties in catalog order; the packed layout is not needed here."""
    items = np.sort(order[order >= 0])
    return write_best(exact_scores(user, item_factors[items]), items, hidden, top_ids, top_scores)


def rank_candidates(
    user: Factors, item_factors: Factors, norms: Floats, candidates: Ids, hidden: Ids, top_ids: Ids, top_scores: Floats
) -> int:
    """`rank_one` among candidates; norms are not needed here."""
    return write_best(exact_scores(user, item_factors[candidates]), candidates, hidden, top_ids, top_scores)


def rank_cosine(
    row: Factors, item_factors: Factors, norms: Floats, hidden: Ids, top_ids: Ids, top_scores: Floats
) -> int:
    """The k items of largest cosine to `row`, items of norm zero left out."""
    learned = np.flatnonzero(norms)
    row_norm = np.sqrt(exact_scores(row, row[None])[0])
    scores = exact_scores(row, item_factors[learned]) / (row_norm * norms[learned])
    return write_best(scores, learned, hidden, top_ids, top_scores)


def rank_popular(popular: Ids, popularity: Factors, hidden: Ids, top_ids: Ids, top_scores: Floats) -> int:
    """The first k of `popular` that are not hidden."""
    best = popular[~np.isin(popular, hidden)][: len(top_ids)]
    top_ids[: len(best)], top_scores[: len(best)] = best, popularity[best]
    return len(best)


def write_best(scores: Floats, ids: NDArray[np.integer], hidden: Ids, top_ids: Ids, top_scores: Floats) -> int:
    """Write the best of some items that are not hidden; returns the count."""
    order = np.lexsort((ids, -scores))
    best = order[~np.isin(ids[order], hidden)][: len(top_ids)]
    top_ids[: len(best)], top_scores[: len(best)] = ids[best], scores[best]
    return len(best)
