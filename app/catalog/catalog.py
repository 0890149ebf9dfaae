"""The catalog in memory: every item, looked up by id and filtered by type and style without searching."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.values.item import Item


@dataclass(frozen=True, slots=True)
class Catalog:
    """All items in editorial order; never changes, so threads share it. Make one with `from_items`.

    types: slugs of the types, the one with the most items first, ties in editorial order. by_id: every item by its id.
    """

    items: tuple[Item, ...]
    types: tuple[str, ...]
    by_id: Mapping[str, Item]
    _by_filter: Mapping[tuple[str | None, str | None], tuple[Item, ...]]
    _styles: Mapping[str | None, tuple[str, ...]]

    @classmethod
    def from_items(cls, items: Iterable[Item]) -> Catalog:
        """A catalog of `items`, put into the order of their positions. Raises ValueError for an id that comes twice."""
        ordered = tuple(sorted(items, key=lambda item: item.position))
        by_id = {item.item_id: item for item in ordered}
        if len(by_id) != len(ordered):
            twice = next(item_id for item_id, count in Counter(item.item_id for item in ordered).items() if count > 1)
            raise ValueError(f"item id {twice!r} comes more than once; ids must be unique")
        groups: dict[tuple[str | None, str | None], list[Item]] = defaultdict(list)
        for item in ordered:
            for key in ((None, None), (item.type, None), (None, item.style), (item.type, item.style)):
                groups[key].append(item)
        types = _most_common(item.type for item in ordered)
        styles: dict[str | None, tuple[str, ...]] = {
            type: _most_common(item.style for item in groups[type, None]) for type in types
        }
        styles[None] = _most_common(item.style for item in ordered)
        return cls(
            items=ordered,
            types=types,
            by_id=MappingProxyType(by_id),
            _by_filter=MappingProxyType({key: tuple(group) for key, group in groups.items()}),
            _styles=MappingProxyType(styles),
        )

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.by_id

    def get(self, item_id: str) -> Item | None:
        """The item with that id, or None."""
        return self.by_id.get(item_id)

    def styles(self, type: str | None = None) -> tuple[str, ...]:
        """Slugs of the styles, of one type or of all, the one with the most items first; empty for an unknown type."""
        return self._styles.get(type, ())

    def filter(self, type: str | None = None, style: str | None = None) -> tuple[Item, ...]:
        """Items of a type and a style in editorial order; None stands for all."""
        return self._by_filter.get((type, style), ())


def _most_common(slugs: Iterable[str]) -> tuple[str, ...]:
    return tuple(slug for slug, _ in Counter(slugs).most_common())
