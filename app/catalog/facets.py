"""By what items can be filtered: each facet's slugs, which items have them, and how many of a selection do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.values.item import Item

Mask = NDArray[np.bool_]
"""Which items of a catalog are meant, in its order, bool (items,)."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One property of items, such as their style; an item may have several values of it.

    slugs: the values, the one with the most items first. Pairs of an item and a value it has, items in order: rows
    int32 (pairs,) are indices of items, codes int32 (pairs,) those of slugs.
    """

    name: str
    slugs: tuple[str, ...]
    items: int
    _rows: NDArray[np.int32]
    _codes: NDArray[np.int32]
    _code_of: Mapping[str, int]

    @classmethod
    def of(cls, name: str, values: Sequence[Sequence[str]]) -> Facet:
        """The facet of items that have these values each."""
        slugs = tuple(
            slug for slug, _ in Counter(slug for each in values for slug in dict.fromkeys(each)).most_common()
        )
        code_of = {slug: code for code, slug in enumerate(slugs)}
        pairs = [(row, code_of[slug]) for row, each in enumerate(values) for slug in dict.fromkeys(each)]
        table = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        return cls(name, slugs, len(values), table[:, 0].copy(), table[:, 1].copy(), code_of)

    def __contains__(self, slug: object) -> bool:
        return slug in self._code_of

    def rows(self, slug: str) -> NDArray[np.int32]:
        """Indices of the items that have a value; none for one that is unknown."""
        code = self._code_of.get(slug)
        return self._rows[:0] if code is None else self._rows[self._codes == code]

    def mask(self, slugs: Iterable[str]) -> Mask:
        """The items that have any of these values."""
        chosen = np.zeros(self.items, dtype=np.bool_)
        for slug in slugs:
            chosen[self.rows(slug)] = True
        return chosen

    def counts(self, among: Mask | None = None) -> dict[str, int]:
        """How many items, of all or `among` these, have each value; values that none has are left out."""
        codes = self._codes if among is None else self._codes[among[self._rows]]
        counts = np.bincount(codes, minlength=len(self.slugs)).tolist()
        return {slug: count for slug, count in zip(self.slugs, counts, strict=True) if count}


class Facets:
    """The facets of a catalog: of templates type, style, palette and tag; of films genre (as type), decade (as style).

    A film has all its genres, a template one type. Immutable.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        films = bool(items) and items[0].year is not None
        self.items = len(items)
        self.type = Facet.of("type", [types_of(item) for item in items])
        self.style = Facet.of("style", [(item.style,) if item.style else () for item in items])
        self.palette = Facet.of("palette", [() if films or not item.palette else (item.palette,) for item in items])
        self.tag = Facet.of("tag", [() if films else item.tags for item in items])
        self.years = np.array([item.year or 0 for item in items], dtype=np.int32)

    def __iter__(self) -> Iterator[Facet]:
        """The facets, in the order in which a page names them."""
        yield from (self.type, self.style, self.palette, self.tag)

    def __getitem__(self, name: str) -> Facet:
        facet: Facet = getattr(self, name)
        return facet


def types_of(item: Item) -> tuple[str, ...]:
    """The types under which an item is listed, the main one first: any genre of a film, the one type of a template."""
    return (item.type,) if item.year is None else tuple(dict.fromkeys((item.type, *item.tags)))
