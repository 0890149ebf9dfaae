"""By what items can be filtered: each facet's slugs, which items have them, and how many of a selection do."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from operator import attrgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.values.item import Item

FACETS = ("type", "style", "palette", "tag")
"""The facets, in the order in which a page names them."""

T = TypeVar("T", bound=np.generic)

_position = attrgetter("position")

Mask = NDArray[np.bool_]
"""Which items of a catalog are meant, in its order, bool (items,)."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One property of items, such as their style; an item may have several values of it.

    slugs: the values, the one with the most items first. rows int32 (pairs,): indices of the items that have the first
    value, sorted, then of those that have the second, and so on; starts int64 (values + 1,): where those of each value
    begin, and the end. Values are numbered by `code_of`, which may know more than items have.
    """

    name: str
    items: int
    slugs: tuple[str, ...]
    code_of: Mapping[str, int]
    _rows: NDArray[np.int32]
    _starts: NDArray[np.int64]

    @classmethod
    def of(cls, name: str, values: Iterable[Sequence[str]]) -> Facet:
        """The facet of items that have these values each."""
        code_of: dict[str, int] = {}
        rows, codes, items = array("i"), array("i"), 0
        for each in values:
            for slug in each if len(each) < 2 else dict.fromkeys(each):
                rows.append(items)
                codes.append(code_of.setdefault(slug, len(code_of)))
            items += 1
        of_pairs = np.array(codes, dtype=np.int32)
        by_value = np.argsort(of_pairs, kind="stable")
        return cls._of_pairs(name, items, code_of, np.array(rows, dtype=np.int32)[by_value], of_pairs)

    @classmethod
    def _of_pairs(
        cls, name: str, items: int, code_of: Mapping[str, int], rows: NDArray[np.int32], codes: NDArray[np.int32]
    ) -> Facet:
        """rows: in the order in which they are kept. codes: of the pairs, in any order."""
        starts = np.zeros(len(code_of) + 1, dtype=np.int64)
        counts = np.bincount(codes, minlength=len(code_of))
        np.cumsum(counts, out=starts[1:])
        held = {slug: count for slug, count in zip(code_of, counts.tolist(), strict=True) if count}
        return cls(name, items, tuple(sorted(held, key=lambda slug: (-held[slug], slug))), code_of, rows, starts)

    def with_rows(self, moves: RowMoves, values: Sequence[Sequence[str]]) -> Facet:
        """The facet after rows went and others came, which have these values."""
        code_of = self.code_of
        new = dict.fromkeys(slug for each in values for slug in each if slug not in code_of)
        if new:
            code_of = {**code_of, **{slug: code for code, slug in enumerate(new, start=len(code_of))}}
        pairs = sorted(
            (code_of[slug], row)
            for row, each in zip(moves.come.tolist(), values, strict=True)
            for slug in dict.fromkeys(each)
        )
        added_codes, added_rows = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        stay = moves.stay(self._rows)
        rows = moves.moved(self._rows[stay])
        codes = np.repeat(np.arange(len(self.code_of), dtype=np.int32), np.diff(self._starts))[stay]
        at = np.searchsorted(_in_order(codes, rows, moves.items), _in_order(added_codes, added_rows, moves.items))
        return self._of_pairs(
            self.name, moves.items, code_of, np.insert(rows, at, added_rows), np.insert(codes, at, added_codes)
        )

    def __contains__(self, slug: object) -> bool:
        code = self.code_of.get(slug)  # type: ignore[call-overload]
        return code is not None and bool(self._starts[code] < self._starts[code + 1])

    def rows(self, slug: str) -> NDArray[np.int32]:
        """Indices of the items that have a value; none for one that is unknown."""
        code = self.code_of.get(slug)
        return self._rows[:0] if code is None else self._rows[self._starts[code] : self._starts[code + 1]]

    def mask(self, slugs: Iterable[str]) -> Mask:
        """The items that have any of these values."""
        chosen = np.zeros(self.items, dtype=np.bool_)
        for slug in slugs:
            chosen[self.rows(slug)] = True
        return chosen

    def counts(self, among: Mask | None = None) -> dict[str, int]:
        """How many items, of all or `among` these, have each value; values that none has are left out."""
        if among is None:
            counts = np.diff(self._starts).tolist()
        else:
            # Counting the true ones of each stretch is several times as fast as adding them up by value.
            meant, starts = among.take(self._rows), self._starts.tolist()
            counts = [np.count_nonzero(meant[start:end]) for start, end in pairwise(starts)]
        return {slug: count for slug in self.slugs if (count := counts[self.code_of[slug]])}


def _in_order(codes: NDArray[np.int32], rows: NDArray[np.int32], items: int) -> NDArray[np.int64]:
    """Numbers that are in the order in which a facet keeps its pairs."""
    numbers: NDArray[np.int64] = codes.astype(np.int64) * items + rows
    return numbers


@dataclass(frozen=True, slots=True)
class RowMoves:
    """How rows of an array over items move when some go and others come.

    items: rows afterwards. gone int64: rows that go, as they were before. come int64: rows that come, as they are
    afterwards. Both are sorted.
    """

    items: int
    gone: NDArray[np.int64]
    come: NDArray[np.int64]

    @classmethod
    def between(
        cls, positions: NDArray[np.int64], gone: NDArray[np.int64], come: NDArray[np.int64]
    ) -> tuple[RowMoves, NDArray[np.int64]]:
        """The moves when items at these positions go and come, and the positions afterwards; all sorted int64."""
        left = np.searchsorted(positions, gone)
        kept = np.delete(positions, left)
        at = np.searchsorted(kept, come)
        after = np.insert(kept, at, come)
        return cls(len(after), left, at + np.arange(len(at))), after

    def changed(self, values: NDArray[T], come: NDArray[T]) -> NDArray[T]:
        """One value a row, with those of the rows that come."""
        return np.insert(np.delete(values, self.gone), self.come - np.arange(len(self.come)), come)

    def stay(self, rows: NDArray[np.int32]) -> Mask:
        """Which of these rows, as they were before, stay."""
        stays = np.ones(self.items - len(self.come) + len(self.gone), dtype=np.bool_)
        stays[self.gone] = False
        return stays.take(rows)

    def moved(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Rows that stay, as they are afterwards."""
        if np.array_equal(self.gone, self.come) or (not len(self.gone) and self.come[0] == self.items - len(self.come)):
            return rows  # the same rows come as go, or all that come follow the others
        before = np.delete(np.arange(self.items - len(self.come) + len(self.gone)), self.gone)
        place = np.zeros(self.items - len(self.come) + len(self.gone), dtype=np.int32)
        place[before] = np.delete(np.arange(self.items, dtype=np.int32), self.come)
        found: NDArray[np.int32] = place[rows]
        return found


class Facets:
    """The facets of a catalog: of templates type, style, palette and tag; of films genre (as type), decade (as style).

    A film has all its genres, a template one type. positions int64, years int32, added_at float64 (items,): of each
    item its place in the editorial order, its year (0 for none) and when it joined, Unix seconds. Immutable.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        films = bool(items) and items[0].year is not None
        self.films, self.items = films, len(items)
        self.type, self.style, self.palette, self.tag = (
            Facet.of(name, map(partial(_values, name, films), items)) for name in FACETS
        )
        self.positions, self.years, self.added_at = _columns(items)

    def with_changes(self, gone: Sequence[Item], come: Sequence[Item]) -> Facets:
        """The facets after items left the lists and others came; one that changed is among both. The catalog stays one
        of films, or of others.
        """
        gone, come = sorted(gone, key=_position), sorted(come, key=_position)
        positions, years, added_at = _columns(come)
        moves, after = RowMoves.between(self.positions, _columns(gone)[0], positions)
        found = Facets.__new__(Facets)
        found.films, found.items, found.positions = self.films, moves.items, after
        found.years, found.added_at = moves.changed(self.years, years), moves.changed(self.added_at, added_at)
        found.type, found.style, found.palette, found.tag = (
            facet.with_rows(moves, [_values(facet.name, self.films, item) for item in come]) for facet in self
        )
        return found

    def __iter__(self) -> Iterator[Facet]:
        """The facets, in the order in which a page names them."""
        yield from (self.type, self.style, self.palette, self.tag)

    def __getitem__(self, name: str) -> Facet:
        facet: Facet = getattr(self, name)
        return facet


def _columns(items: Sequence[Item]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    count = len(items)
    return (
        np.fromiter((item.position for item in items), np.int64, count),
        np.fromiter((item.year or 0 for item in items), np.int32, count),
        np.fromiter((item.added_at for item in items), np.float64, count),
    )


def _values(name: str, films: bool, item: Item) -> Sequence[str]:
    """What an item has of a facet; palettes and tags of films say nothing more."""
    if name == "type":
        return types_of(item)
    if name == "style":
        return (item.style,) if item.style else ()
    if films:
        return ()
    if name == "palette":
        return (item.palette,) if item.palette else ()
    return item.tags


def types_of(item: Item) -> tuple[str, ...]:
    """The types under which an item is listed, the main one first: any genre of a film, the one type of a template."""
    return (item.type,) if item.year is None else tuple(dict.fromkeys((item.type, *item.tags)))
