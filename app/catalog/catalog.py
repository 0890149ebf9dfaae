"""The catalog: every item, looked up by id and filtered by type and style without searching."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

from app.catalog.facets import types_of
from app.catalog.order import changed_order, in_order
from app.values.item import Item

Key = tuple[str | None, str | None]
"""A type and a style; None stands for all."""

_COPIED = 10_000
"""The index of so many items is copied for a change."""
_LAYERED_SHARE = 0.02
"""Of more items, changes lie above the index of before until they are this share of it; then a copy takes them in."""

_DAY_S = 86_400.0

_position = attrgetter("position")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The items that are on a list now, in editorial order; never changes, so threads share it. Make one with
    `from_items`, and the next one with `with_changes`, which shares with it what did not change.

    newest: the same items, the newest first, ties in editorial order. types: slugs of the types, the one with the most
    items first, ties in editorial order; a film is of each of its genres. Items that are on no list are found by their
    ids all the same: their own pages are shown, and histories name them.
    """

    items: Sequence[Item]
    newest: Sequence[Item]
    types: tuple[str, ...]
    _by_id: Mapping[str, Item]
    _changes: Mapping[str, Item | None]
    """What differs from `_by_id`: items of now, None for those that were taken out."""
    _unlisted: frozenset[str]
    """Ids of items of `_by_id` that are on no list."""
    _by_filter: Mapping[Key, Sequence[Item]]
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
        shown = groups.get((None, None), [])
        styled: dict[str | None, list[Key]] = defaultdict(list)
        for key in groups:
            if key[1]:
                styled[key[0]].append(key)
        ordered = {key: in_order(group, _position) for key, group in groups.items()}
        return cls(
            items=ordered.get((None, None), ()),
            newest=in_order(shown, newest_first),
            types=tuple(str(type) for type, _ in _largest((key for key in ordered if _is_type(key)), ordered)),
            _by_id=by_id,
            _changes={},
            _unlisted=frozenset(item.item_id for item in everything if not item.available),
            _by_filter=MappingProxyType(ordered),
            _styles=MappingProxyType({type: _styles_of(keys, ordered) for type, keys in styled.items()}),
        )

    def with_changes(self, written: Iterable[Item], removed: Collection[str] = ()) -> Catalog:
        """The catalog after items were written (new ones, or in place of those of their id) and others taken out.

        Only the stretches of the lists that a changed item is in or was in are made anew.
        """
        after: dict[str, Item | None] = dict.fromkeys(removed)
        after.update((item.item_id, item) for item in written)
        before = [item for item in map(self.get, after) if item is not None and item.available]
        shown = [item for item in after.values() if item is not None and item.available]
        gone: dict[Key, list[Item]] = defaultdict(list)
        come: dict[Key, list[Item]] = defaultdict(list)
        for items, of in ((before, gone), (shown, come)):
            for item in items:
                for key in _keys(item):
                    of[key].append(item)
        groups, touched = dict(self._by_filter), {*gone, *come}
        for key in touched:
            group = changed_order(groups.get(key, ()), gone[key], come[key], _position)
            if group:
                groups[key] = group
            else:
                groups.pop(key, None)
        types: set[Key] = {(type, None) for type in self.types}.union(filter(_is_type, touched))
        styles, styled = dict(self._styles), defaultdict[str | None, set[Key]](set)
        for key in touched:
            if key[1]:
                styled[key[0]].add(key)
        for type, keys in styled.items():
            styles[type] = _styles_of(keys.union((type, style) for style in self.styles(type)), groups)
        by_id, changes, unlisted = self._indexed(after)
        return Catalog(
            items=groups.get((None, None), ()),
            newest=changed_order(self.newest, before, shown, newest_first),
            types=tuple(str(type) for type, _ in _largest(types, groups)),
            _by_id=by_id,
            _changes=changes,
            _unlisted=unlisted,
            _by_filter=MappingProxyType(groups),
            _styles=MappingProxyType(styles),
        )

    def _indexed(
        self, after: Mapping[str, Item | None]
    ) -> tuple[Mapping[str, Item], Mapping[str, Item | None], frozenset[str]]:
        """The index by id, what lies above it, and which of its items are on no list, with further changes."""
        changes = {**self._changes, **after}
        if len(self._by_id) > _COPIED and len(changes) < _LAYERED_SHARE * len(self._by_id):
            return self._by_id, changes, self._unlisted
        by_id = dict(self._by_id)
        for item_id, item in changes.items():
            if item is None:
                by_id.pop(item_id, None)
            else:
                by_id[item_id] = item
        hidden = (item_id for item_id, item in changes.items() if item is not None and not item.available)
        return by_id, {}, (self._unlisted - changes.keys()).union(hidden)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        if item_id in self._changes:
            return self._changes[item_id] is not None  # type: ignore[index]
        return item_id in self._by_id

    def __getitem__(self, item_id: str) -> Item:
        """The item with that id. Raises KeyError when there is none."""
        item = self.get(item_id)
        if item is None:
            raise KeyError(item_id)
        return item

    def everything(self) -> Iterator[Item]:
        """Every item, those on no list included, in no order."""
        changes = self._changes
        yield from (item for item_id, item in self._by_id.items() if item_id not in changes)
        yield from (item for item in changes.values() if item is not None)

    def get(self, item_id: str) -> Item | None:
        """The item with that id, on a list or not, or None."""
        if item_id in self._changes:
            return self._changes[item_id]
        return self._by_id.get(item_id)

    def shows(self, item_id: str) -> bool:
        """Whether the item is on a list now."""
        item = self.get(item_id)
        return item is not None and item.available

    def shows_all(self, item_ids: Collection[str]) -> bool:
        """Whether all of these items are on a list now."""
        wanted = set(item_ids)  # of two sets the smaller one is walked through, which is empty nearly always
        if not self._changes.keys().isdisjoint(wanted):
            return all(map(self.shows, wanted))
        return self._by_id.keys() >= wanted and self._unlisted.isdisjoint(wanted)

    def styles(self, type: str | None = None) -> tuple[str, ...]:
        """Slugs of the styles, of one type or of all, the one with the most items first; empty for an unknown type.

        Items without a style are of none of them.
        """
        return self._styles.get(type, ())

    def filter(self, type: str | None = None, style: str | None = None) -> Sequence[Item]:
        """Items of a type and a style in editorial order; None stands for all."""
        return self._by_filter.get((type, style), ())


def count_arrivals(newest: Sequence[Item]) -> int:
    """How many of the items, the newest first, joined the catalog after most others: a day after the middle one.

    Items of a source without dates join as they are imported, all at once: none of them is new.
    """
    if not newest:
        return 0
    rest = newest[len(newest) // 2].added_at + _DAY_S
    return bisect_left(newest, -rest, key=lambda item: -item.added_at)


def newest_first(item: Item) -> tuple[float, int]:
    """What items are sorted by for the newest to come first."""
    return -item.added_at, item.position


def _largest(keys: Iterable[Key], groups: Mapping[Key, Sequence[Item]]) -> list[Key]:
    """Those of the keys that have items, the one with the most of them first, ties by their first item."""
    return sorted((key for key in keys if key in groups), key=lambda key: (-len(groups[key]), groups[key][0].position))


def _styles_of(keys: Iterable[Key], groups: Mapping[Key, Sequence[Item]]) -> tuple[str, ...]:
    return tuple(str(style) for _, style in _largest(keys, groups))


def _is_type(key: Key) -> bool:
    """Whether a key stands for all items of one type."""
    return key[0] is not None and key[1] is None


def _keys(item: Item) -> list[Key]:
    """The groups that an item is in: those of each of its types, of which a film has all its genres."""
    types = (None, *types_of(item))
    return [(type, style) for style in (None, item.style) for type in types]
