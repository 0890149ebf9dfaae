"""What a shelf chooses from: some items of the catalog, in an order, and whether an item is one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import overload

from app.catalog.catalog import Catalog
from app.values.item import Item

_SET_OF = 50_000
"""So many items are a set. Of more, an item is asked itself whether it belongs: few are asked in vain, and no change of
the catalog costs a pass over them."""

_item_id = attrgetter("item_id")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Among:
    """The items that a shelf chooses from, in the order of their list.

    lasts: made once and used by every page, so that models prepare for it; False for a handful that one page picked.
    """

    item_ids: Sequence[str]
    members: Container[str]
    lasts: bool = True

    @property
    def is_set(self) -> bool:
        """Whether it is the same whatever becomes of the catalog."""
        return isinstance(self.members, frozenset)

    def is_whole(self, items: Sequence[Item]) -> bool:
        """Whether it is known to be all of this very list."""
        return isinstance(self.item_ids, ItemIds) and self.item_ids.items is items

    @classmethod
    def of(cls, item_ids: Collection[str], *, lasts: bool = True) -> Among:
        """These items and no others."""
        ids = tuple(item_ids)
        return cls(ids, frozenset(ids), lasts)

    @classmethod
    def listed(cls, items: Sequence[Item], catalog: Catalog, belongs: Callable[[Item], bool]) -> Among:
        """Items of a list of a catalog; `belongs` tells them from the others that the catalog shows."""
        if len(items) <= _SET_OF:
            return cls.of(list(map(_item_id, items)))
        return cls(ItemIds(items), _Shown(catalog, belongs))

    def on(self, catalog: Catalog, belongs: Callable[[Item], bool]) -> Among:
        """The same list for another catalog, of whose items those are members that belong."""
        return replace(self, members=_Shown(catalog, belongs))


class ItemIds(Sequence[str]):
    """The ids of some items, in their order; nothing is copied."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[str]:
        return map(_item_id, self.items)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(map(_item_id, self.items[index]))
        return self.items[index].item_id


@dataclass(frozen=True, slots=True)
class _Shown:
    """The items that a catalog shows and that belong."""

    catalog: Catalog
    belongs: Callable[[Item], bool]

    def __contains__(self, item_id: object) -> bool:
        item = self.catalog.get(item_id)  # type: ignore[arg-type]
        return item is not None and item.available and self.belongs(item)
