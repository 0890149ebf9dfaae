"""What a request says about a person: a history, and ids to hide or to choose among, turned into dense indices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import LARGEST_WEIGHT, ItemId, check_id, check_weight, shown

# A mapping's keys are invariant, so that callers with ids of one kind need their kind named.
History = Mapping[str, float] | Mapping[int, float] | Mapping[ItemId, float] | Sequence[ItemId]

NOTHING: NDArray[np.int32] = np.empty(0, dtype=np.int32)
NOTHING.setflags(write=False)


def resolve_history(history: History, index_of: Mapping[ItemId, int]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Turn a history into dense item indices and weights, oldest first; ids not in `index_of` are left out.

    A mapping gives each item its weight, in the mapping's order. A sequence gives each occurrence weight 1; an item
    that occurs again adds up and counts as new as its last occurrence. Returns int32 and float32 arrays of the same
    length. Raises ValueError for another type, an id that is neither str nor int, and a weight that is no number or
    larger in size than LARGEST_WEIGHT.
    """
    if type(history) is not list:  # a list is most usual, and asking for more costs half a microsecond
        if isinstance(history, Mapping):
            return _resolve_mapping(history, index_of)
        if isinstance(history, np.ndarray):
            history = history.tolist()
        if not isinstance(history, Sequence) or isinstance(history, str | bytes):
            raise ValueError(
                "history must be a mapping of item id to weight or a sequence of item ids (oldest first), "
                f"{_got(history)}"
            )
    found = _look_up(history, index_of)
    if len(set(found)) == len(found):  # nearly always, so that the rest is worth avoiding
        return np.array(found, np.int32), np.ones(len(found), np.float32)
    last_first = dict.fromkeys(reversed(found), 0.0)
    for index in found:
        last_first[index] += 1.0
    items = np.array(list(last_first), dtype=np.int32)[::-1]
    weights = np.array(list(last_first.values()), dtype=np.float32)[::-1]
    return np.ascontiguousarray(items), np.ascontiguousarray(weights)


def resolve_ids(ids: Iterable[ItemId] | None, index_of: Mapping[ItemId, int], what: str) -> NDArray[np.int32]:
    """Dense indices of the known ids in `ids` (None is none); ValueError when it is not a collection of ids."""
    if ids is None:
        return NOTHING
    if isinstance(ids, np.ndarray):
        ids = ids.tolist()
    if type(ids) is set:  # most usual, and asking whether it is any of the others costs a microsecond
        pass
    elif isinstance(ids, str | bytes) or not isinstance(ids, Sequence | AbstractSet | Mapping):
        raise ValueError(f"{what} must be a list or set of item ids, {_got(ids)}")
    return np.array(_look_up(ids, index_of), dtype=np.int32)


def _got(value: Any) -> str:
    """What was given in place of a collection of ids, with the way to one where it has one, as a column has."""
    advice = "; give its list, .tolist()" if hasattr(value, "tolist") and isinstance(value, Iterable) else ""
    return f"got {shown(value)} of type {type(value).__name__}{advice}"


def known_index(item_id: ItemId, index_of: Mapping[ItemId, int]) -> int:
    """Dense index of an item; ValueError when it is unknown."""
    index = index_of.get(check_id(item_id))
    if index is None:
        raise ValueError(f"item {item_id!r} is not in the model; it knows {len(index_of)} items, see model.item_ids")
    return index


def _look_up(ids: Iterable[ItemId], index_of: Mapping[ItemId, int]) -> list[int]:
    """The indices of the known ids, in their order; ValueError for what cannot be an id."""
    try:
        found = list(map(index_of.get, ids))
    except TypeError:
        found = [index_of.get(check_id(item_id)) for item_id in ids]
    if None not in found:
        return found  # type: ignore[return-value]
    if not set(map(type, ids)) <= {str, int}:
        for item_id, index in zip(ids, found, strict=True):
            if index is None:
                check_id(item_id)
    return [index for index in found if index is not None]


def _resolve_mapping(
    history: Mapping[Any, float], index_of: Mapping[ItemId, int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    items, weights = [], []
    for item_id, weight in history.items():
        if type(weight) is not float or not -LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT:
            weight = check_weight(weight, f"the weight of {item_id!r} in the history")
        index = index_of.get(item_id)
        if index is None:
            check_id(item_id)
        else:
            items.append(index)
            weights.append(weight)
    return np.array(items, dtype=np.int32), np.array(weights, dtype=np.float32)
