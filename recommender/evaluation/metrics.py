"""Metrics of ranked lists. `ranked` is best first; `relevant` is what the person really took.

An item that a list names again fills a place there and counts once, at its first place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recommender.interactions.checks import ItemId, check_count, check_list, check_whole


def ndcg_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """Normalised discounted cumulative gain, binary: sum over hits of 1 / log2(1 + rank), over the best that was
    possible.

    Järvelin and Kekäläinen (2002). In [0, 1]; 0 when nothing is relevant.
    """
    wanted = set(check_list(relevant, "relevant"))
    hits = _hits(ranked, wanted, k)
    if not hits:
        return 0.0
    ideal = _discounts(np.arange(1, min(k, len(wanted)) + 1)).sum()
    return float(_discounts(np.array(hits)).sum() / ideal)


def recall_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """Share of the relevant items that are among the first k; 0 when nothing is relevant."""
    wanted = set(check_list(relevant, "relevant"))
    return len(_hits(ranked, wanted, k)) / len(wanted) if wanted else 0.0


def hit_rate_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """1.0 when any relevant item is among the first k, else 0.0."""
    return float(bool(_hits(ranked, set(check_list(relevant, "relevant")), k)))


def mrr_at_k(ranked: Sequence[ItemId], relevant: Collection[ItemId], k: int = 10) -> float:
    """1 / rank of the first relevant item among the first k, else 0."""
    hits = _hits(ranked, set(check_list(relevant, "relevant")), k)
    return 1.0 / hits[0] if hits else 0.0


def catalog_coverage(lists: Iterable[Sequence[ItemId]], items: int) -> float:
    """Share of a catalog of `items` items that occurs in any of the lists. Raises ValueError for an empty catalog, and
    for lists that name more items than it has.
    """
    if check_whole(items, "items", 0) < 1:
        raise ValueError(f"items must be at least 1, the size of the catalog; got {items!r}")
    shown = {item_id for ranked in lists for item_id in check_list(ranked, "each list")}
    if len(shown) > items:
        raise ValueError(f"the lists name {len(shown)} items, more than the {items} of the catalog; give its true size")
    return len(shown) / items


def gini(counts: ArrayLike) -> float:
    """Gini coefficient of non-negative counts (n,), zeros of unseen items included: 0 is even, towards 1 is all on one.

    0 when all counts are 0. Raises ValueError for no counts, and for one that is negative or not finite.
    """
    sorted_counts = np.sort(np.asarray(counts, dtype=np.float64).ravel())
    n = len(sorted_counts)
    if n == 0 or not (np.isfinite(sorted_counts).all() and sorted_counts[0] >= 0):
        raise ValueError("counts must be one or more finite numbers of at least 0, one an item")
    total = sorted_counts.sum()
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ sorted_counts / (n * total))


def _hits(ranked: Sequence[ItemId], wanted: set[ItemId], k: int) -> list[int]:
    """The ranks, from 1, at which one of the wanted items stands for the first time among the first k."""
    first: dict[ItemId, int] = {}
    for rank, item_id in enumerate(check_list(ranked, "ranked")[: check_count(k)], start=1):
        first.setdefault(item_id, rank)
    return [rank for item_id, rank in first.items() if item_id in wanted]


def _discounts(ranks: np.ndarray) -> np.ndarray:
    return 1.0 / np.log2(1.0 + ranks)
