"""Many keys looked up at once, and ids put in order."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId

SPREAD = 8
"""Numbers that a table may hold for each id, so that ids with wide gaps do not fill the memory."""
_FEW = 256
"""So many ids are sorted as plain numbers: `numpy.sort` gives the interpreter away, and waits to get it back."""


def look_up_all(table: Mapping[Any, Any] | Sequence[Any], keys: Sequence[Any]) -> tuple[Any, ...]:
    """table[key] of each key, in one call of the interpreter, which takes a third of the time of a `map`.

    Raises what table[key] raises for the first key that it does not have.
    """
    if len(keys) < 2:  # itemgetter takes at least one key, and returns what it finds for one without a tuple
        return tuple(table[key] for key in keys)
    found: tuple[Any, ...] = itemgetter(*keys)(table)
    return found


class Picked(Sequence[Any]):
    """Ids at some places of a table of ids, looked up when somebody asks for them. A row is made from hundreds and
    shows a few, and each id lies somewhere else in memory. Immutable.

    table: all ids; the same object wherever ids are of the same model. places: int32 (n,).
    """

    __slots__ = ("_ids", "places", "table")

    def __init__(self, table: Sequence[ItemId], places: NDArray[np.int32]) -> None:
        self.table, self.places = table, places
        self._ids: tuple[Any, ...] | None = None

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> Picked: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return Picked(self.table, self.places[place])
        return self.table[int(self.places[place])]

    def __iter__(self) -> Iterator[Any]:
        if self._ids is None:  # threads that need them at once all look them up, alike
            self._ids = look_up_all(self.table, self.places.tolist())
        return iter(self._ids)

    def at(self, places: NDArray[np.int64]) -> Picked:
        """Those at places (n,) of this one, in their order."""
        return Picked(self.table, self.places[places])


def find_all(index_of: Mapping[ItemId, int], ids: Sequence[Any]) -> NDArray[np.int32]:
    """The dense index int32 (n,) of each id, -1 for an unknown one; TypeError for one that cannot be looked up."""
    if isinstance(index_of, DenseIndices):
        found = index_of.find_numbers(ids)
        if found is not None:
            return found
    try:
        known: Sequence[int] = look_up_all(index_of, ids)
    except KeyError:
        known = [index_of.get(item_id, -1) for item_id in ids]
    return np.frombuffer(struct.pack(f"{len(known)}i", *known), np.int32).copy()  # half the time of np.array


class DenseIndices(dict[ItemId, int]):
    """The dense index of each item id, as a dict.

    Where all ids are whole numbers that lie close together, many are found at once in a table by number: looking one up
    in a dict of a large catalog waits for three places of memory.
    """

    __slots__ = ("_table",)
    _table: tuple[int, NDArray[np.int32]] | None

    def find_numbers(self, ids: Sequence[Any]) -> NDArray[np.int32] | None:
        """`find_all` through the table; None where these ids, or those of the catalog, are not all such numbers."""
        try:
            table = self._table
        except AttributeError:  # made when first needed; threads that need it at once all make it, alike
            table = self._table = self._by_number()
        if table is None or not set(map(type, ids)) <= {int}:
            return None
        try:
            packed = struct.pack(f"{len(ids)}q", *ids)  # unlike np.fromiter, refuses a float
        except struct.error:  # a number beyond 64 bits
            return None
        lowest, indices = table
        places = np.frombuffer(packed, np.int64) - lowest
        inside = places.view(np.uint64) < len(indices)
        return indices[places] if inside.all() else np.where(inside, indices[np.where(inside, places, 0)], np.int32(-1))

    def _by_number(self) -> tuple[int, NDArray[np.int32]] | None:
        """The lowest id, and the dense index of each number from it on, -1 where there is none."""
        numbers = [item_id for item_id in self if type(item_id) is int]
        if not numbers or len(numbers) < len(self):
            return None
        lowest, highest = min(numbers), max(numbers)
        if highest - lowest >= SPREAD * len(self) or max(-lowest, highest) >= 1 << 63:
            return None
        indices = np.full(highest - lowest + 1, -1, dtype=np.int32)
        indices[np.array(numbers, dtype=np.int64) - lowest] = np.fromiter(self.values(), np.int32, len(self))
        return lowest, indices


def in_ascending_order(*ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """Dense indices of some arrays, sorted, in one."""
    if sum(map(len, ids)) > _FEW:
        return np.sort(np.concatenate(ids))
    joined: list[int] = []
    for some in ids:
        joined += some.tolist()
    joined.sort()
    return np.array(joined, np.int32)
