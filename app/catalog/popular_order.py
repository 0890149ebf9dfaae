"""The order of popularity, and that of a few items among all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from weakref import WeakKeyDictionary

from app.catalog.among import Among
from app.catalog.catalog import Catalog

_WALKED = 8
"""So many items are passed in the time in which one item of a shelf is looked at and sorted."""
_position = attrgetter("position")


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """All item ids: `clicked` first, then the rest of the catalog as it is met, so that a refresh need not touch what
    nobody has clicked. clicked: the place of each, ascending.
    """

    clicked: Mapping[str, int]
    catalog: Catalog
    _chosen: WeakKeyDictionary[Among, Sequence[str]] = field(default_factory=WeakKeyDictionary, init=False)

    def __iter__(self) -> Iterator[str]:
        yield from self.clicked
        yield from self._unclicked()

    def among(self, among: Among, k: int) -> Iterator[str]:
        """The same of some items only, of which about `k` are wanted. A few of many are put in order by themselves, and
        stay so while the order does: to look through all for them would take the time of the whole catalog.
        """
        members, clicked = among.members, self.clicked
        # To ask each item of a large catalog whether the catalog lists it would take most of the time.
        is_whole = among.is_whole(self.catalog.items)
        if is_whole or len(among.item_ids) ** 2 > _WALKED * k * len(self.catalog):
            rest = self._unclicked()
            yield from (item_id for item_id in clicked if item_id in members)
            yield from rest if is_whole else (item_id for item_id in rest if item_id in members)
            return
        chosen = self._chosen.get(among)
        if chosen is None:
            chosen = self._chosen[among] = self._chosen_of(among)
        yield from chosen
        known = self.catalog.get
        for item_id in _in_editorial_order(among, self.catalog):
            if item_id not in clicked and known(item_id) is not None:
                yield item_id

    def _unclicked(self) -> Iterator[str]:
        clicked = self.clicked
        return (item.item_id for item in self.catalog.items if item.item_id not in clicked)

    def _chosen_of(self, among: Among) -> Sequence[str]:
        if len(self.clicked) < len(among.item_ids):
            return [item_id for item_id in self.clicked if item_id in among.members]
        return sorted(filter(self.clicked.__contains__, among.item_ids), key=self.clicked.__getitem__)


_editorial: WeakKeyDictionary[Among, Sequence[str]] = WeakKeyDictionary()
"""Items of a shelf in editorial order: while they are the same, so is that."""


def _in_editorial_order(among: Among, catalog: Catalog) -> Sequence[str]:
    found = _editorial.get(among)
    if found is None:
        items = sorted(filter(None, map(catalog.get, among.item_ids)), key=_position)
        found = _editorial[among] = [item.item_id for item in items]
    return found
