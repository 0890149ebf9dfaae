"""The catalog in memory: every item, looked up by id and filtered by type and style without searching."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.catalog.facets import types_of
from app.values.item import Item

Key = tuple[str | None, str | None]
"""A type and a style; None stands for all."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The items that are on a list now, in editorial order; never changes, so threads share it. Make one with
    `from_items`, and the next one with `with_changes`.

    types: slugs of the types, the one with the most items first, ties in editorial order; a film is of each of its
    genres. by_id: every item by its id, those included that are on no list, which are `unavailable`: their own pages
    are shown, and histories name them.
    """

    items: tuple[Item, ...]
    types: tuple[str, ...]
    by_id: Mapping[str, Item]
    unavailable: frozenset[str]
    _by_filter: Mapping[Key, tuple[Item, ...]]
    _styles: Mapping[str | None, tuple[str, ...]]

    @classmethod
    def from_items(cls, items: Iterable[Item]) -> Catalog:
        """A catalog of `items`, put into the order of their positions. Raises ValueError for an id that comes twice."""
        everything = sorted(items, key=_position)
        by_id = {item.item_id: item for item in everything}
        if len(by_id) != len(everything):
            counts = Counter(item.item_id for item in everything)
            twice = next(item_id for item_id, count in counts.items() if count > 1)
            raise ValueError(f"item id {twice!r} comes more than once; ids must be unique")
        groups: dict[Key, list[Item]] = defaultdict(list)
        for item in everything:
            if item.available:
                for key in _keys(item):
                    groups[key].append(item)
        unavailable = frozenset(item.item_id for item in everything if not item.available)
        return cls._of({key: tuple(group) for key, group in groups.items()}, by_id, unavailable)

    @classmethod
    def _of(cls, groups: dict[Key, tuple[Item, ...]], by_id: dict[str, Item], unavailable: frozenset[str]) -> Catalog:
        by_type: dict[str | None, dict[str, tuple[Item, ...]]] = defaultdict(dict)
        types: dict[str, tuple[Item, ...]] = {}
        for (type, style), group in groups.items():
            if style:
                by_type[type][style] = group
            elif type is not None and style is None:
                types[type] = group
        return cls(
            items=groups.get((None, None), ()),
            types=_largest(types),
            by_id=MappingProxyType(by_id),
            unavailable=unavailable,
            _by_filter=MappingProxyType(groups),
            _styles=MappingProxyType({type: _largest(styles) for type, styles in by_type.items()}),
        )

    def with_changes(self, written: Iterable[Item], removed: Collection[str] = ()) -> Catalog:
        """The catalog after items were written (new ones, or in place of those of their id) and others taken out.

        Only the groups that a changed item is in or was in are made anew, so that one item of a million takes the time
        of copying a few lists.
        """
        after = {item.item_id: item for item in written}
        changed = {*removed, *after}
        before = [self.by_id[item_id] for item_id in changed if item_id in self.by_id]
        by_id = {item_id: item for item_id, item in self.by_id.items() if item_id not in removed} | after
        groups = dict(self._by_filter)
        shown = [item for item in after.values() if item.available]
        added: dict[Key, list[Item]] = defaultdict(list)
        for item in shown:
            for key in _keys(item):
                added[key].append(item)
        for key in {key for item in (*before, *shown) for key in _keys(item)}:
            kept = [item for item in groups.get(key, ()) if item.item_id not in changed]
            group = tuple(sorted(kept + added[key], key=_position))
            if group:
                groups[key] = group
            else:
                groups.pop(key, None)
        hidden = frozenset(item.item_id for item in after.values() if not item.available)
        return self._of(groups, by_id, (self.unavailable - changed) | hidden)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.by_id

    def get(self, item_id: str) -> Item | None:
        """The item with that id, or None."""
        return self.by_id.get(item_id)

    def shows(self, item_id: object) -> bool:
        """Whether the item is on a list now."""
        return item_id in self.by_id and item_id not in self.unavailable

    def styles(self, type: str | None = None) -> tuple[str, ...]:
        """Slugs of the styles, of one type or of all, the one with the most items first; empty for an unknown type.

        Items without a style are of none of them.
        """
        return self._styles.get(type, ())

    def filter(self, type: str | None = None, style: str | None = None) -> tuple[Item, ...]:
        """Items of a type and a style in editorial order; None stands for all."""
        return self._by_filter.get((type, style), ())


def _largest(groups: Mapping[str, tuple[Item, ...]]) -> tuple[str, ...]:
    """The slugs with the most items first, ties by their first item."""
    return tuple(sorted(groups, key=lambda slug: (-len(groups[slug]), groups[slug][0].position)))


def _keys(item: Item) -> list[Key]:
    """The groups that an item is in: those of each of its types, of which a film has all its genres."""
    types = (None, *types_of(item))
    return [(type, style) for style in (None, item.style) for type in types]


def _position(item: Item) -> int:
    return item.position
