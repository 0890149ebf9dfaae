"""Many histories at once: resolved in one pass, and kept as the rows of a CSR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import LARGEST_WEIGHT, ItemId, check_id
from recommender.interactions.history import History, resolve_history
from recommender.interactions.lookups import find_all


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """The history of user n is items int32 and weights float32 [indptr[n]:indptr[n + 1]], oldest first, each item once.

    keys int64 (rows,), ascending, holds n * catalog + item of every pair.
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]
    keys: NDArray[np.int64]
    catalog: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def hidden(self, others: NDArray[np.int32], *, own: bool) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Starts int64 (n + 1,), and for each user the items of the history, if `own`, and the others, ascending."""
        starts, keys = (self.indptr, self.keys) if own else (np.zeros_like(self.indptr), self.keys[:0])
        if len(others):
            each = np.arange(len(self), dtype=np.int64)[:, None] * self.catalog + others
            keys = np.sort(np.concatenate((keys, each.ravel())))
            starts = starts + np.arange(len(starts)) * len(others)
        return starts, (keys % max(self.catalog, 1)).astype(np.int32)

    def rows(self, start: int, stop: int) -> Histories:
        """Histories start to stop."""
        low, high = int(self.indptr[start]), int(self.indptr[stop])
        bounds, keys = self.indptr[start : stop + 1] - low, self.keys[low:high] - start * self.catalog
        return Histories(bounds, self.items[low:high], self.weights[low:high], keys, self.catalog)

    def take(self, users: NDArray[np.int64]) -> Histories:
        """The histories of some users."""
        lengths = np.diff(self.indptr)[users]
        bounds = _bounds(lengths)
        places = np.repeat(self.indptr[:-1][users] - bounds[:-1], lengths) + np.arange(bounds[-1])
        keys = self.keys[places] + np.repeat((np.arange(len(users)) - users) * self.catalog, lengths)
        return Histories(bounds, self.items[places], self.weights[places], keys, self.catalog)


def resolve_histories(histories: Sequence[History], index_of: Mapping[ItemId, int]) -> Histories:
    """`resolve_history` of each, the same answers and errors, in one pass where all are lists of ids or all are dicts
    with weights that are floats.
    """
    kinds = set(map(type, histories))
    if kinds <= {list, tuple} or kinds == {dict}:
        try:
            found = _resolve_alike(histories, index_of)
        except TypeError:  # an id that cannot be looked up: one by one, to say which
            found = None
        if found is not None:
            return found
    return _joined([resolve_history(history, index_of) for history in histories], len(index_of))


def histories_from_arrays(
    indptr: NDArray[Any], items: NDArray[Any], weights: NDArray[Any] | None, catalog: int
) -> Histories:
    """Histories of dense indices as a CSR gives them; weights of 1 when there are none.

    Raises ValueError, naming what is wrong, for bounds that are not ascending, items outside the catalog or twice in a
    row, and weights that are no numbers up to LARGEST_WEIGHT.
    """
    bounds, found = np.asarray(indptr), np.asarray(items)
    for name, array in (("indptr", bounds), ("items", found)):
        if array.ndim != 1 or (array.dtype.kind not in "iu" and len(array)):
            raise ValueError(f"{name} must be a flat array of whole numbers, got {array.dtype} of shape {array.shape}")
    starts = bounds.astype(np.int64)
    if not len(starts) or starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] != len(found):
        raise ValueError(f"indptr must ascend from 0 to the {len(found)} items, got {_shown(starts)}")
    outside = (found < 0) | (found >= catalog)
    if outside.any():
        raise ValueError(f"items must be dense indices from 0 to {catalog - 1}, got {found[outside][0]}")
    given = np.ones(len(found), dtype=np.float32) if weights is None else np.asarray(weights)
    if given.shape != found.shape or given.dtype.kind not in "iuf":
        raise ValueError(f"weights must be {len(found)} numbers, one an item, got {given.dtype} of shape {given.shape}")
    bad = ~(np.abs(given) <= LARGEST_WEIGHT)
    if bad.any():
        raise ValueError(f"weights must be finite numbers of at most {LARGEST_WEIGHT:g} in size, got {given[bad][0]}")
    users = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    keys = _ascending(users * catalog + found)
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    if len(twice):
        row, item = divmod(int(keys[twice[0]]), catalog)
        raise ValueError(f"history {row} names item {item} twice; add its weights up (sum_duplicates of a CSR does)")
    return Histories(starts, found.astype(np.int32), given.astype(np.float32), keys, catalog)


def _resolve_alike(histories: Sequence[Any], index_of: Mapping[ItemId, int]) -> Histories | None:
    """All at once, None where one is not as simple as most are: an item twice, or weights that are not floats."""
    catalog = len(index_of)
    lengths = np.fromiter(map(len, histories), np.int64, len(histories))
    total = int(lengths.sum())
    ids = list(chain.from_iterable(histories))
    items = find_all(index_of, ids)
    weights = np.ones(total, dtype=np.float32)
    if histories and type(histories[0]) is dict:
        given = list(chain.from_iterable(history.values() for history in histories))
        if set(map(type, given)) - {float}:
            return None
        exact = np.array(given)
        if not (np.abs(exact) <= LARGEST_WEIGHT).all():
            return None
        weights = exact.astype(np.float32)
    users = np.repeat(np.arange(len(histories)), lengths)
    known = items >= 0
    if not known.all():
        for item_id, is_known in zip(ids, known.tolist(), strict=True):
            if not is_known:
                check_id(item_id)
        items, weights, users = items[known], weights[known], users[known]
        lengths = np.bincount(users, minlength=len(histories))
    keys = _ascending(users * catalog + items)
    if (keys[1:] == keys[:-1]).any():
        return None
    return Histories(_bounds(lengths), items, weights, keys, catalog)


def _joined(resolved: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]], catalog: int) -> Histories:
    lengths = np.array([len(items) for items, _ in resolved], dtype=np.int64)
    items = np.concatenate([items for items, _ in resolved]) if resolved else np.empty(0, dtype=np.int32)
    weights = np.concatenate([weights for _, weights in resolved]) if resolved else np.empty(0, dtype=np.float32)
    users = np.repeat(np.arange(len(resolved)), lengths)
    return Histories(_bounds(lengths), items, weights, _ascending(users * catalog + items), catalog)


def _ascending(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The keys, sorted unless they are, as those of a CSR in canonical form."""
    return keys if (keys[1:] >= keys[:-1]).all() else np.sort(keys)


def _bounds(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def _shown(bounds: NDArray[np.int64]) -> str:
    return str(bounds.tolist()) if len(bounds) <= 8 else f"{bounds[:3].tolist()} ... {bounds[-3:].tolist()}"
