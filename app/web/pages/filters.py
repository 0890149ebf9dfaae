"""The filters beside a list: values of each facet with how many items they leave, and the address of each choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from app.catalog import Selection, label
from app.catalog.facets import FACETS, Facet, Facets, Mask
from app.catalog.selection import SORTS

_MOST_CHOICES = 40
_Order = Callable[[str, int], tuple[int, str]]
_SORT_WORDS = {"best": "For you", "popular": "Popular", "new": "New"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a list can be narrowed to, or order it can have. address: of the list with or without it."""

    slug: str
    words: str
    count: int | None
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """The choices of one facet; any of the chosen ones is enough."""

    facet: str
    title: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> tuple[Choice, ...]:
        """Those that narrow the list now."""
        return tuple(choice for choice in self.choices if choice.chosen)


@dataclass(frozen=True, slots=True)
class ListState:
    """What the address of a list says: text, selection, order. `address` gives that of a changed one.

    path: where the list is. fixed: the facet that the path stands for, such as a type's own page, with its value.
    """

    path: str
    text: str
    selection: Selection
    sort: str
    fixed: tuple[str, str] | None = None
    elsewhere: str = ""

    def address(self, selection: Selection | None = None, sort: str | None = None, page: int = 1) -> str:
        """The address of this list with another selection, order or page; a changed selection begins at page 1."""
        selection = self.selection if selection is None else selection
        sort = sort or self.sort
        path, fixed = self.path, self.fixed
        if fixed is not None and selection.chosen(fixed[0]) != (fixed[1],):
            path, fixed = self.elsewhere, None  # the path no longer says what is listed
        query = [("q", self.text)] if self.text else []
        query += [
            (name, slug) for name in FACETS if fixed is None or name != fixed[0] for slug in selection.chosen(name)
        ]
        if sort != SORTS[0]:
            query.append(("sort", sort))
        if page > 1:
            query.append(("page", str(page)))
        return f"{path}?{urlencode(query)}" if query else path

    @property
    def cleared(self) -> str:
        """The address without any choice but what the path stands for."""
        return self.address(Selection(**{self.fixed[0]: (self.fixed[1],)}) if self.fixed else Selection())


def asked_sort() -> str:
    """The order that the address asks for; the first of `SORTS` where it asks for none that there is."""
    sort = request.args.get("sort", "")
    return sort if sort in SORTS else SORTS[0]


def sort_choices(state: ListState, learns: bool, searching: bool) -> tuple[Choice, ...]:
    """The orders of a list. learns: whether "best" follows the visitor. searching: whether it follows a text too."""
    best = "Best match" if searching else "For you" if learns else "Best"
    words = {**_SORT_WORDS, "best": best}
    sorts = [sort for sort in SORTS if sort != "best" or learns or searching or state.sort == "best"]
    return tuple(Choice(sort, words[sort], None, state.address(sort=sort), sort == state.sort) for sort in sorts)


def filters(facets: Facets, state: ListState, found: Mask | None, films: bool) -> tuple[Filter, ...]:
    """The filters of a list. found: the items that its text finds, None for all.

    The count of a value says how many items the list has with it and without the facet's other values.
    """
    titles = {
        "type": "Genre" if films else "Type",
        "style": "Decade" if films else "Style",
        "palette": "Colours",
        "tag": "Topic",
    }
    made = []
    for facet in facets:
        among = _both(found, state.selection.mask(facets, but=facet.name))
        choices = _choices(facet, state, among, _in_order(facet, films))
        if len(choices) > 1 or any(choice.chosen for choice in choices):
            made.append(Filter(facet.name, titles[facet.name], choices))
    return tuple(made)


def _choices(facet: Facet, state: ListState, among: Mask | None, order: _Order) -> tuple[Choice, ...]:
    chosen = state.selection.chosen(facet.name)
    counts = facet.counts(among)
    common = sorted(counts, key=lambda slug: -counts[slug])[:_MOST_CHOICES]
    shown = sorted({*common, *chosen}, key=lambda slug: order(slug, counts.get(slug, 0)))
    return tuple(
        Choice(
            slug,
            label(slug),
            counts.get(slug, 0),
            state.address(state.selection.toggled(facet.name, slug)),
            slug in chosen,
        )
        for slug in shown
    )


def _in_order(facet: Facet, films: bool) -> _Order:
    """How the values of a facet are ordered: decades in time, all others by how many items they have."""
    if facet.name == "style" and films:
        return lambda slug, count: (0, slug)
    return lambda slug, count: (-count, slug)


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    both: Mask = one & other
    return both
