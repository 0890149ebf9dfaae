"""The bounds of one row: how much of it one value of an attribute may take, and how many values it has at least.

They hold for a row and for its first entries, see `bounds_kernels.most_entries`, whoever fills it: the balance, whoever
places an item at a place of their choice, and chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.reranking.bounds_kernels import most_entries

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RowBounds:
    """largest: float64 (values + 1,), the largest share that each value may take, the last standing for items without
    one. distinct: so many values at least. values_of: the numbers of the values that items have, int64.
    """

    largest: Floats
    distinct: int
    values_of: Callable[[Sequence[ItemId]], NDArray[np.int64]]


class RowInTheMaking:
    """A row of `size` places that is filled from the first on, around items that stand at places of their own (from 0).

    It tells of any item whether it keeps the bounds at the next free place, beside what stands there already.
    """

    def __init__(self, bounds: RowBounds, size: int, placed: Mapping[int, ItemId]) -> None:
        self._bounds, self._size = bounds, size
        self._placed = {place: self._value_of(item_id) for place, item_id in placed.items() if place < size}
        self._counts: Counter[int] = Counter()
        self._place = 0
        self._pass_placed()

    def admits(self, item_id: ItemId, *, variety: bool = True) -> bool:
        """Whether the item keeps the bounds at the next place; without `variety`, only those on shares."""
        value = self._value_of(item_id)
        share, count = float(self._bounds.largest[value]), self._counts[value] + 1
        if count > most_entries(share, self._place + 1, self._size):
            return False
        later = sorted(place for place in self._placed if place > self._place)
        for place in later:
            count += self._placed[place] == value
            if count > most_entries(share, place + 1, self._size):
                return False
        if not variety:
            return True
        present = {value for value, entries in self._counts.items() if entries}.union(map(self._placed.get, later))
        free = self._size - self._place - len(later)
        return value not in present or free > self._bounds.distinct - len(present)

    def take(self, item_id: ItemId) -> None:
        """Put the item at the next place."""
        self._counts[self._value_of(item_id)] += 1
        self._place += 1
        self._pass_placed()

    def _value_of(self, item_id: ItemId) -> int:
        return int(self._bounds.values_of([item_id])[0])

    def _pass_placed(self) -> None:
        while self._place in self._placed:
            self._counts[self._placed[self._place]] += 1
            self._place += 1


@lru_cache(maxsize=4096)
def choices_that_ask(choices: int, share: float, certain: float) -> int:
    """So many of a user's choices must have one value to be certain that they turn to it more often than `share`.

    Whoever turns to it so often has so many or more of it with a chance of at most `certain` (binomial distribution);
    more than all choices where no number of them is enough.
    """
    chance = 0.0
    for count in range(choices, -1, -1):
        chance += comb(choices, count) * share**count * (1.0 - share) ** (choices - count)
        if chance > certain:
            return count + 1
    return 0
