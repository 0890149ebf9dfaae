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

    ordered int32 are the items of each user once more, ascending.
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    weights: NDArray[np.float32]
    ordered: NDArray[np.int32]
    catalog: int

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def hidden(self, others: NDArray[np.int32], *, own: bool) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Starts int64 (n + 1,), and for each user the items of the history, if `own`, and the others, ascending."""
        starts, hidden = (self.indptr, self.ordered) if own else (np.zeros_like(self.indptr), self.ordered[:0])
        if not len(others):
            return starts, hidden
        each = np.arange(len(self), dtype=np.int64)[:, None] * self.catalog + others
        keys = np.sort(np.concatenate((_keys(starts, hidden, self.catalog), each.ravel())))
        return starts + np.arange(len(starts)) * len(others), (keys % max(self.catalog, 1)).astype(np.int32)

    def rows(self, start: int, stop: int) -> Histories:
        """Histories start to stop."""
        low, high = int(self.indptr[start]), int(self.indptr[stop])
        bounds, own = self.indptr[start : stop + 1] - low, slice(low, high)
        return Histories(bounds, self.items[own], self.weights[own], self.ordered[own], self.catalog)


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
    if len(found) and not 0 <= found.min() <= found.max() < catalog:
        outside = (found < 0) | (found >= catalog)
        raise ValueError(f"items must be dense indices from 0 to {catalog - 1}, got {found[outside][0]}")
    given = np.ones(len(found), dtype=np.float32) if weights is None else np.asarray(weights)
    if given.shape != found.shape or given.dtype.kind not in "iuf":
        raise ValueError(f"weights must be {len(found)} numbers, one an item, got {given.dtype} of shape {given.shape}")
    if weights is not None and not (np.abs(given) <= LARGEST_WEIGHT).all():
        bad = ~(np.abs(given) <= LARGEST_WEIGHT)
        raise ValueError(f"weights must be finite numbers of at most {LARGEST_WEIGHT:g} in size, got {given[bad][0]}")
    own = found.astype(np.int32)
    ordered, twice = _ordered(starts, own, catalog)
    if twice is not None:
        row, item = twice
        raise ValueError(f"history {row} names item {item} twice; add its weights up (sum_duplicates of a CSR does)")
    return Histories(starts, own, given.astype(np.float32), ordered, catalog)


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
    if total and items.min() < 0:
        known = items >= 0
        for item_id, is_known in zip(ids, known.tolist(), strict=True):
            if not is_known:
                check_id(item_id)
        users = np.repeat(np.arange(len(histories)), lengths)
        items, weights = items[known], weights[known]
        lengths = np.bincount(users[known], minlength=len(histories))
    indptr = _bounds(lengths)
    ordered, twice = _ordered(indptr, items, catalog)
    return Histories(indptr, items, weights, ordered, catalog) if twice is None else None


def _joined(resolved: Sequence[tuple[NDArray[np.int32], NDArray[np.float32]]], catalog: int) -> Histories:
    lengths = np.array([len(items) for items, _ in resolved], dtype=np.int64)
    items = np.concatenate([items for items, _ in resolved]) if resolved else np.empty(0, dtype=np.int32)
    weights = np.concatenate([weights for _, weights in resolved]) if resolved else np.empty(0, dtype=np.float32)
    indptr = _bounds(lengths)
    return Histories(indptr, items, weights, _ordered(indptr, items, catalog)[0], catalog)


def _ordered(
    indptr: NDArray[np.int64], items: NDArray[np.int32], catalog: int
) -> tuple[NDArray[np.int32], tuple[int, int] | None]:
    """The items of each user, ascending, and the first user and item that are together twice, None where none are.

    Those of a CSR in canonical form ascend already, which is seen at a tenth of the cost of sorting them.
    """
    rises = items[1:] > items[:-1]
    begins = indptr[1:-1]
    rises[begins[(begins > 0) & (begins < len(items))] - 1] = True
    if rises.all():
        return items, None
    keys = np.sort(_keys(indptr, items, catalog))
    twice = np.flatnonzero(keys[1:] == keys[:-1])
    user, item = divmod(int(keys[twice[0]]), catalog) if len(twice) else (0, 0)
    return (keys % catalog).astype(np.int32), (user, item) if len(twice) else None


def _keys(indptr: NDArray[np.int64], items: NDArray[np.int32], catalog: int) -> NDArray[np.int64]:
    """user * catalog + item of every item."""
    return np.repeat(np.arange(len(indptr) - 1) * catalog, np.diff(indptr)) + items


def _bounds(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def _shown(bounds: NDArray[np.int64]) -> str:
    return str(bounds.tolist()) if len(bounds) <= 8 else f"{bounds[:3].tolist()} ... {bounds[-3:].tolist()}"
