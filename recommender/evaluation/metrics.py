"""Metrics of ranked lists. `ranked` is best first, no item twice; `relevant` is what the person really took."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recommender.checks import ItemId, check_count


def ndcg_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """Normalised discounted cumulative gain, binary: sum over hits of 1 / log2(1 + rank), over the best that was
    possible.

    Järvelin and Kekäläinen (2002). In [0, 1]; 0 when nothing is relevant.
    """
    wanted = set(relevant)
    hits = [rank for rank, item_id in enumerate(ranked[: check_count(k)], start=1) if item_id in wanted]
    if not hits:
        return 0.0
    ideal = _discounts(np.arange(1, min(k, len(wanted)) + 1)).sum()
    return float(_discounts(np.array(hits)).sum() / ideal)


def recall_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """Share of the relevant items that are among the first k; 0 when nothing is relevant."""
    wanted = set(relevant)
    found = sum(item_id in wanted for item_id in ranked[: check_count(k)])
    return found / len(wanted) if wanted else 0.0


def hit_rate_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """1.0 when any relevant item is among the first k, else 0.0."""
    wanted = set(relevant)
    return float(any(item_id in wanted for item_id in ranked[: check_count(k)]))


def mrr_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """1 / rank of the first relevant item among the first k, else 0."""
    wanted = set(relevant)
    for rank, item_id in enumerate(ranked[: check_count(k)], start=1):
        if item_id in wanted:
            return 1.0 / rank
    return 0.0


def catalog_coverage(lists: Iterable[Sequence[ItemId]], items: int) -> float:
    """Share of a catalog of `items` items that occurs in any of the lists. Raises ValueError for an empty catalog."""
    if items < 1:
        raise ValueError(f"items must be at least 1, the size of the catalog; got {items!r}")
    return len({item_id for ranked in lists for item_id in ranked}) / items


def gini(counts: ArrayLike) -> float:
    """Gini coefficient of non-negative counts (n,), zeros of unseen items included: 0 is even, towards 1 is all on one.

    0 when all counts are 0. Raises ValueError for no counts and for a negative one.
    """
    sorted_counts = np.sort(np.asarray(counts, dtype=np.float64).ravel())
    n = len(sorted_counts)
    if n == 0 or sorted_counts[0] < 0:
        raise ValueError("counts must be one or more numbers of at least 0, one an item")
    total = sorted_counts.sum()
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ sorted_counts / (n * total))


def _discounts(ranks: np.ndarray) -> np.ndarray:
    return 1.0 / np.log2(1.0 + ranks)
