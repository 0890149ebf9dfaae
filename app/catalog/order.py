"""Items in an order: of a few a tuple, of many short stretches that one catalog shares with the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, overload

from app.values.item import Item

SHORT = 4_096
"""So many items are one tuple: to copy it for a change takes less than to look up what could stay."""
_STRETCH = 1_024

Key = Callable[[Item], Any]
"""What items are sorted by; no two items of an order share it."""


class LongOrder(Sequence[Item]):
    """More items than are copied for each change, sorted by a key. Immutable.

    Where one item changes, its stretch is made anew, and the others are those of the order before.
    """

    __slots__ = ("_ends", "_key", "_lasts", "_stretches")

    def __init__(self, stretches: Sequence[tuple[Item, ...]], key: Key) -> None:
        """stretches: none is empty; each is sorted, and all of it comes before the next."""
        self._stretches, self._key = stretches, key
        self._lasts = [key(stretch[-1]) for stretch in stretches]
        self._ends = list(accumulate(map(len, stretches)))

    def __len__(self) -> int:
        return self._ends[-1]

    def __iter__(self) -> Iterator[Item]:
        return chain.from_iterable(self._stretches)

    def __reversed__(self) -> Iterator[Item]:
        return chain.from_iterable(map(reversed, reversed(self._stretches)))

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(index, slice):
            return tuple(map(self.__getitem__, range(*index.indices(len(self)))))
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(f"index {index} is out of range; there are {len(self):,} items")
        place = bisect_right(self._ends, index)
        return self._stretches[place][index - self._ends[place]]  # counted from the end of the stretch

    def with_changes(self, gone: Iterable[Item], come: Iterable[Item]) -> Sequence[Item]:
        """The order without items that it has and with others."""
        key, stretches = self._key, self._stretches
        left: dict[int, set[Any]] = defaultdict(set)
        added: dict[int, list[Item]] = defaultdict(list)
        for item in gone:
            left[self._place(item)].add(key(item))
        for item in come:
            added[self._place(item)].append(item)
        made: list[tuple[Item, ...]] = []
        begins = 0
        for place in sorted({*left, *added}):
            keys = left[place]
            kept = [item for item in stretches[place] if key(item) not in keys]
            made += stretches[begins:place]
            made += _stretches(sorted(kept + added[place], key=key))
            begins = place + 1
        made += stretches[begins:]
        count = sum(map(len, made))
        if count <= SHORT or len(made) > 4 * count // _STRETCH:  # what is left of long stretches is put together again
            return _ordered(list(chain.from_iterable(made)), key)
        return LongOrder(made, key)

    def _place(self, item: Item) -> int:
        """The stretch that an item is in, or belongs into."""
        return min(bisect_left(self._lasts, self._key(item)), len(self._stretches) - 1)


def in_order(items: Iterable[Item], key: Key) -> Sequence[Item]:
    """Items sorted by a key that no two of them share."""
    return _ordered(sorted(items, key=key), key)


def changed_order(before: Sequence[Item], gone: Collection[Item], come: Iterable[Item], key: Key) -> Sequence[Item]:
    """An order of this key without items that it has and with others."""
    if isinstance(before, LongOrder):
        return before.with_changes(gone, come)
    keys = set(map(key, gone))
    return in_order([*(item for item in before if key(item) not in keys), *come], key)


def _ordered(items: list[Item], key: Key) -> Sequence[Item]:
    """Sorted items as an order."""
    return tuple(items) if len(items) <= SHORT else LongOrder(_stretches(items), key)


def _stretches(items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Sorted items cut up; as one stretch up to twice the length of others, so that there is room for more."""
    if len(items) <= 2 * _STRETCH:
        return [tuple(items)] if items else []
    return [tuple(items[start : start + _STRETCH]) for start in range(0, len(items), _STRETCH)]
