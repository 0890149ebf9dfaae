"""What a request says about a person: a history, ids to hide, ids to choose among; turned into dense indices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.checks import LARGEST_WEIGHT, ItemId, check_id, check_weight
from recommender.index import FactorIndex

# A mapping's keys are invariant, so that callers with ids of one kind need their kind named.
History = Mapping[str, float] | Mapping[int, float] | Mapping[ItemId, float] | Sequence[ItemId]

NOTHING: NDArray[np.int32] = np.empty(0, dtype=np.int32)
NOTHING.setflags(write=False)


class Recommendation(NamedTuple):
    """One recommended item and the score it was ranked by."""

    item_id: ItemId
    score: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much of a score comes from one item of the history; the shares of all contributions add up to the score.

    item_id is None for what comes from no item of the history but from the trend of the day.
    """

    item_id: ItemId | None
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Items that a model was told once to choose among; made by `FactorModel.candidates` and for that model only.

    indices int32, sorted, each once, read-only: dense indices of the known ids. index_of: the ids of that model. index:
    the factors of these items laid out for a scan of their own, so that the cost follows their number; None where there
    are no factors.
    """

    indices: NDArray[np.int32]
    index_of: Mapping[ItemId, int]
    index: FactorIndex | None = None

    def __len__(self) -> int:
        return len(self.indices)

    @classmethod
    def of(
        cls, ids: Iterable[ItemId], index_of: Mapping[ItemId, int], item_factors: NDArray[np.float32] | None = None
    ) -> Candidates:
        """Look the ids up, and lay out their factors float32 (items, factors); unknown ones are left out. ValueError
        when it is not a collection of ids.
        """
        indices = np.unique(resolve_ids(ids, index_of, "candidates"))
        indices.setflags(write=False)
        if item_factors is None or not len(indices):
            return cls(indices, index_of)
        return cls(indices, index_of, FactorIndex.build(item_factors, among=indices))


def resolve_candidates(
    candidates: Collection[ItemId] | Candidates | None, index_of: Mapping[ItemId, int]
) -> Candidates | None:
    """Items to choose among, None for all; ValueError for candidates of another model."""
    if candidates is None:
        return None
    if not isinstance(candidates, Candidates):
        return Candidates.of(candidates, index_of)
    if candidates.index_of is not index_of:
        raise ValueError("these candidates were prepared for another model; ask this one with model.candidates(ids)")
    return candidates


def resolve_history(history: History, index_of: Mapping[ItemId, int]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Turn a history into dense item indices and weights, oldest first; ids not in `index_of` are left out.

    A mapping gives each item its weight, in the mapping's order. A sequence gives each occurrence weight 1; an item
    that occurs again adds up and counts as new as its last occurrence. Returns int32 and float32 arrays of the same
    length. Raises ValueError for another type, an id that is neither str nor int, and a weight that is no number or
    larger in size than LARGEST_WEIGHT.
    """
    if isinstance(history, Mapping):
        return _resolve_mapping(history, index_of)
    if isinstance(history, np.ndarray):
        history = history.tolist()
    if not isinstance(history, Sequence) or isinstance(history, str | bytes):
        raise ValueError(
            "history must be a mapping of item id to weight or a sequence of item ids (oldest first), "
            f"got {history!r} of type {type(history).__name__}"
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
    if isinstance(ids, str | bytes) or not isinstance(ids, Sequence | AbstractSet | Mapping):
        raise ValueError(f"{what} must be a list or set of item ids, got {ids!r} of type {type(ids).__name__}")
    return np.array(_look_up(ids, index_of), dtype=np.int32)


def _look_up(ids: Iterable[ItemId], index_of: Mapping[ItemId, int]) -> list[int]:
    """The indices of the known ids, in their order; ValueError for what cannot be an id."""
    try:
        found = list(map(index_of.get, ids))
    except TypeError:
        found = [index_of.get(check_id(item_id)) for item_id in ids]
    if None not in found:
        return found  # type: ignore[return-value]
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
