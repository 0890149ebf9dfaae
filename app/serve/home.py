"""The home page and what follows it: which shelves stand there, in what order."""

from __future__ import annotations

from itertools import zip_longest

from app.catalog import Catalog, label
from app.serve.builder import PageBuilder
from app.serve.by_lot.rows import add_drawn_home
from app.serve.picks import add_picks
from app.serve.shelves import Shelves

_COLD_TYPE_SHELVES = 5
SHELVES_OF_MORE = 4
"""Shelves that each further page adds."""


def add_home(shelves: Shelves, page: PageBuilder, picks: bool = True) -> None:
    """The shelf that learns first, then rows that follow from what the visitor did; for a newcomer, what is popular.

    picks: whether a newcomer is asked to pick three.
    """
    if shelves.lot is not None:
        add_drawn_home(shelves, page)
        return
    if picks:
        add_picks(shelves, page)
    shelves.add_for_you(page)
    if shelves.learns and shelves.history.weights:
        shelves.add_because(page)
        shelves.add_more_of_type(page)
        add_more_of_style(shelves, page)
        add_fresh(shelves, page)
        add_popular(shelves, page)
        shelves.add_new(page)
    else:
        shelves.add_new(page)
        add_popular_types(shelves, page)


def add_popular_types(shelves: Shelves, page: PageBuilder) -> None:
    """Popular items type by type: the variety from which somebody new shows their taste."""
    for type in shelves.catalog.types[:_COLD_TYPE_SHELVES]:
        among = shelves.among(type, None)
        page.add(
            f"type-{type}",
            f"Popular: {label(type)}",
            "What everybody opens",
            shelves.baseline.rank(shelves.history.weights, shelves.size, page.taken, among),
            shelves.why.briefly,
            size=shelves.size,
            policy=shelves.baseline.source,
            link=f"/type/{type}",
        )


def add_popular(shelves: Shelves, page: PageBuilder) -> None:
    """What everybody opens now."""
    page.add(
        "popular",
        "Popular now",
        "What everybody opens",
        shelves.baseline.rank(shelves.history.weights, shelves.size, page.taken),
        shelves.why.briefly,
        size=shelves.size,
        policy=shelves.baseline.source,
    )


def add_more_of_style(shelves: Shelves, page: PageBuilder) -> None:
    """More of the style that the visitor turns to most, in all types; nothing where items have no style."""
    style = shelves.favourite("style")
    if not style:
        return
    ranked = shelves.ranker.rank(shelves.history.weights, shelves.size, page.taken, shelves.among(None, style))
    page.add(
        "more-of-style",
        f"More: {label(style)}",
        "In every kind there is",
        ranked,
        shelves.why,
        size=shelves.size,
        policy=shelves.ranker.source,
        link=f"/search?q={style}",
    )


def add_fresh(shelves: Shelves, page: PageBuilder) -> None:
    """Of the newest quarter of the catalog what suits the visitor best; nothing where the quarter is no newer."""
    if shelves.fresh is None or shelves.arrivals < len(shelves.fresh.item_ids):
        return
    ranked = shelves.ranker.rank(shelves.history.weights, shelves.size, page.taken, shelves.fresh)
    page.add(
        "fresh",
        "Fresh finds",
        "New, and close to your taste",
        ranked,
        shelves.why,
        size=shelves.size,
        policy=shelves.ranker.source,
    )


def add_more(shelves: Shelves, page: PageBuilder, number: int) -> bool:
    """Shelves of further page `number` (from 2), each a type and style, best first; answers whether another follows.

    Every pair of type and style stands on one page alone, so pages repeat nothing of each other.
    """
    pairs = type_and_style(shelves.catalog)
    start, end = (number - 2) * SHELVES_OF_MORE, (number - 1) * SHELVES_OF_MORE
    for type, style in pairs[start:end]:
        among = shelves.among(type, style)
        ranked = shelves.ranker.rank(shelves.history.weights, shelves.size, page.taken, among)
        page.add(
            f"{type}-{style}",
            f"{label(type)} · {label(style)}",
            f"{len(among.item_ids):,} in all",
            ranked,
            shelves.why,
            size=shelves.size,
            policy=shelves.ranker.source,
            link=f"/type/{type}?style={style}",
        )
    return end < len(pairs)


def type_and_style(catalog: Catalog) -> list[tuple[str, str]]:
    """Every type and style that go together, the types in turn, so that a page shows several."""
    columns = [[(type, style) for style in catalog.styles(type) if style] for type in catalog.types]
    return [pair for row in zip_longest(*columns) for pair in row if pair is not None]
