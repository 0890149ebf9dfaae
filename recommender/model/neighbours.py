"""Items of nearest vectors, for one item or for a whole catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, check_list
from recommender.interactions.collector import collector_waiting
from recommender.interactions.history import known_index
from recommender.interactions.lookups import in_ascending_order, look_up_all
from recommender.model.answers import Recommendation, name_all
from recommender.model.batches.answers import name_lists, padded
from recommender.model.batches.ranker import Lists
from recommender.topk.batch import CHUNK, in_chunks, in_stages
from recommender.topk.directions import NONE, Directions


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Item factors float32 (items, factors), their norms float64 (items,), and the ids that go with them.

    The index of their directions is made when the first neighbours are asked for, and takes a little more room than the
    factors.
    """

    item_factors: NDArray[np.float32]
    norms: NDArray[np.float64]
    item_ids: Sequence[ItemId]
    index_of: Mapping[ItemId, int]
    _directions: list[Directions] = field(default_factory=list, init=False, repr=False)

    @property
    def directions(self) -> Directions:
        """The index; threads that ask first at once all make it, alike."""
        if not self._directions:
            self._directions.append(Directions.of(self.item_factors, self.norms))
        return self._directions[0]

    def similar(self, item_id: ItemId, k: int, excluded: NDArray[np.int32]) -> list[Recommendation]:
        """See `FactorModel.similar`; excluded int32 are dense indices."""
        index = known_index(item_id, self.index_of)
        directions = self._directions[0] if self._directions else self.directions
        ids, cosines = directions.nearest(index, k, in_ascending_order(excluded) if len(excluded) else NONE)
        return name_all(look_up_all(self.item_ids, ids.tolist()), cosines.tolist())

    def similar_many(self, item_ids: Iterable[ItemId] | None, k: int, threads: int) -> list[list[Recommendation]]:
        """See `FactorModel.similar_many`."""
        targets = np.arange(len(self.item_ids), dtype=np.int32)
        if item_ids is not None:
            known = [known_index(item_id, self.index_of) for item_id in check_list(item_ids, "item_ids")]
            targets = np.array(known, dtype=np.int32)

        def choose(start: int, stop: int) -> NDArray[np.int32]:
            return targets[start:stop]

        def find(chosen: NDArray[np.int32]) -> Lists:
            return self.directions.nearest_to_each(chosen, k)

        def name(lists: Lists) -> list[list[Recommendation]]:
            return name_lists(*lists, self.item_ids)

        with collector_waiting():
            return list(chain.from_iterable(in_stages(choose, find, name, len(targets), threads, CHUNK)))

    def lists(self, k: int, threads: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """See `FactorModel.similar_arrays`."""
        targets = np.arange(len(self.item_ids), dtype=np.int32)

        def answer(start: int, stop: int) -> Lists:
            return self.directions.nearest_to_each(targets[start:stop], k)

        return padded(in_chunks(answer, len(targets), threads, CHUNK), k)
