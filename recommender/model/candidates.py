"""Items to choose among, prepared once for many calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.history import resolve_ids
from recommender.topk.index import FactorIndex


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
