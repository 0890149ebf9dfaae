"""Metrics of ranked lists beside accuracy: diversity, novelty, serendipity, and whether popularity is calibrated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.interactions.checks import ItemId, check_count, check_list

GROUPS = (0.2, 0.8)
"""Shares of all popularity that the most popular items, and these with those in the middle, have: the bounds of three
groups (Abdollahpouri, Mansoury, Burke, Mobasher, "The Unfairness of Popularity Bias in Recommendation", 2019)."""
SMOOTHING = 0.01
"""Share of the history that is mixed into the list before the two are compared, so that a group that is missing from a
list costs much and not infinitely much (Steck, "Calibrated Recommendations", 2018, equation 8)."""


def intra_list_diversity(vectors: ArrayLike) -> float:
    """Mean of 1 - cosine over all pairs of the list's items, by their vectors (items, dimensions): 0 for a list of like
    items, 1 for one of items that have nothing to do with each other.

    Ziegler, McNee, Konstan, Lausen, "Improving Recommendation Lists Through Topic Diversification" (2005). A vector of
    zeros is like nothing; a list of fewer than two items has diversity 0. Raises ValueError for anything but rows of
    finite numbers.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError(f"vectors must be a row of finite numbers for each item of the list, got shape {rows.shape}")
    if len(rows) < 2:
        return 0.0
    norms = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(norms > 0, norms, 1.0)[:, None]
    cosines = unit @ unit.T
    pairs = len(rows) * (len(rows) - 1)
    return float(1.0 - (cosines.sum() - np.trace(cosines)) / pairs)


def novelty(ranked: Sequence[ItemId], popularity: Mapping[Any, float], users: int) -> float:
    """Mean self-information of the items in bits, -log2(share of the users who took it): what everybody knows is 0.

    Zhou, Kuscsik, Liu, Medo, Wakeling, Zhang, "Solving the apparent diversity-accuracy dilemma" (2010). popularity:
    users (or rows) an item; an item that nobody took counts as taken by one. An item that the list names again counts
    once. 0 for an empty list. Raises ValueError for users below 1 and for popularity that is negative or not finite.
    """
    check_count(users, "users")
    taken = [popularity.get(item_id, 0.0) for item_id in dict.fromkeys(check_list(ranked, "ranked"))]
    _check_popularity(taken)
    shares = [min(1.0, max(1.0, count) / users) for count in taken]
    return float(np.mean(-np.log2(shares))) if shares else 0.0


def serendipity(
    ranked: Sequence[ItemId], relevant: Collection[ItemId], expected: Collection[ItemId], k: int = 10
) -> float:
    """Share of the first k items that are relevant and that a plain recommender would not have named.

    Ge, Delgado-Battenfeld, Jannach, "Beyond Accuracy: Evaluating Recommender Systems by Coverage and Serendipity"
    (2010). expected: the list of the plain recommender, such as the k most popular items.
    """
    wanted = set(check_list(relevant, "relevant")) - set(check_list(expected, "expected"))
    first = dict.fromkeys(check_list(ranked, "ranked")[: check_count(k)])
    return sum(item_id in wanted for item_id in first) / k


def popularity_groups(popularity: Mapping[Any, float]) -> dict[ItemId, int]:
    """The group of each item: 0 for the most popular, which together have a fifth of all popularity, 2 for the long
    tail, which has the last fifth, 1 for those between; equals in the order of the mapping. Raises ValueError for
    popularity that is negative or not finite.
    """
    values = _check_popularity(list(popularity.values()))
    order = np.argsort(-values, kind="stable")
    before = np.cumsum(values[order]) - values[order]
    groups = np.empty(len(values), dtype=np.int64)
    groups[order] = np.searchsorted(np.array(GROUPS) * values.sum(), before, side="right")
    return dict(zip(popularity, groups.tolist(), strict=True))


def popularity_miscalibration(
    history: Collection[ItemId], ranked: Sequence[ItemId], groups: Mapping[Any, int]
) -> float:
    """How far the popularity of a list is from that of the history: Jensen-Shannon divergence in bits between the
    shares of `popularity_groups`, 0 for the same shares, 1 for none in common; 0 where either is empty.

    Steck, "Calibrated Recommendations" (2018), with groups of popularity in place of genres; as in Abdollahpouri,
    Mansoury, Burke, Mobasher, Malthouse, "User-centered Evaluation of Popularity Bias" (2021). Unknown items are left
    out; an item that the list names again counts once. Raises ValueError for a text in place of a list.
    """
    taken = _shares(check_list(history, "history"), groups)
    given = _shares(dict.fromkeys(check_list(ranked, "ranked")), groups)
    if taken is None or given is None:
        return 0.0
    given = (1.0 - SMOOTHING) * given + SMOOTHING * taken
    middle = (taken + given) / 2.0
    return float((_divergence(taken, middle) + _divergence(given, middle)) / 2.0)


def _check_popularity(popularity: list[float]) -> NDArray[np.float64]:
    values = np.array(popularity, dtype=np.float64)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("popularity must be finite numbers of at least 0")
    return values


def _shares(items: Collection[ItemId], groups: Mapping[Any, int]) -> NDArray[np.float64] | None:
    """Share of the known items in each group, None when there are none."""
    known = [groups[item_id] for item_id in items if item_id in groups]
    return np.bincount(known, minlength=len(GROUPS) + 1) / len(known) if known else None


def _divergence(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Kullback-Leibler divergence in bits."""
    inside = one > 0
    return float((one[inside] * np.log2(one[inside] / other[inside])).sum())
