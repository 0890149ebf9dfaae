"""What chance may put into a row such that the row keeps its bounds: an item at a slot, and who makes room for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.interactions.checks import ItemId
from recommender.reranking.bounds import RowBounds
from recommender.reranking.bounds_kernels import find_exchanges


@dataclass(frozen=True, slots=True)
class StandIns:
    """A row that chance may put items into. bounds: what the row keeps. row: its items. slots: the places (from 0) of
    those that may make room; the others stand where they are, whatever chance does.
    """

    bounds: RowBounds
    row: Sequence[ItemId]
    slots: Sequence[int]


class RowByChance:
    """A row while items of a pool come in, slot by slot. Slots are given by their numbers, items of the pool by their
    places there.
    """

    def __init__(self, stand_ins: StandIns, pool: Sequence[ItemId], ranked: Sequence[ItemId], first_slot: int) -> None:
        """ranked: items of the pool that are in the row, and cannot come in. Nothing comes in before `first_slot`."""
        bounds = stand_ins.bounds
        self._largest, self._distinct = bounds.largest, bounds.distinct
        self._values = np.array(bounds.values_of(stand_ins.row))
        self._of_pool = bounds.values_of(pool)
        self._counts = np.bincount(self._of_pool, minlength=len(self._largest))
        if ranked:
            self._counts -= np.bincount(bounds.values_of(ranked), minlength=len(self._largest))
        self._slots = np.array(stand_ins.slots, dtype=np.int64)
        self._movable = np.zeros(len(self._values), dtype=np.bool_)
        self._movable[self._slots[first_slot:]] = True
        self._exchanges = np.empty((len(self._slots), len(self._largest)), dtype=np.int64)
        self._find()

    def _find(self) -> None:
        room = np.empty(len(self._slots), dtype=np.int64)
        find_exchanges(
            self._values,
            self._slots,
            self._movable,
            self._largest,
            self._distinct,
            self._counts,
            self._exchanges,
            room,
        )
        self.room: list[int] = room.tolist()
        """For how many items of the pool that are not in the row there is room in each slot now."""

    def put(self, slot: int, place: int) -> int | None:
        """Take an item out of the pool and put it into a slot, for good, where there is room. Answers the slot whose
        item leaves the row, None without room: where that is another one, the item of this slot takes its place.
        """
        at, value = int(self._slots[slot]), int(self._of_pool[place])
        leaves = int(self._exchanges[slot, value])
        if leaves >= 0:
            self._values[leaves] = self._values[at]
            self._values[at] = value
            self._movable[at] = False
        self._counts[value] -= 1
        self._find()
        return int(np.searchsorted(self._slots, leaves)) if leaves >= 0 else None
