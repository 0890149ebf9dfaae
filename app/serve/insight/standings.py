"""How an item stands among its like, in words: what a card can say of it to somebody of whom nothing is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from app.catalog import label
from app.catalog.popular_order import Order
from app.serve.popularity import PopularityBoard
from app.values.counted import counted
from app.values.item import Item

_RANKED = 5_000
"""Most popular items that have a rank; further down a rank says nothing, and counting takes time."""
_FIRST_PLACES = 20
"""Ranks that are worth telling."""
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


class Standings:
    """Tells of items of one board; what was counted is kept until the board's order changes."""

    def __init__(self, board: PopularityBoard) -> None:
        self._board = board
        self._counted: tuple[Order | None, Mapping[str, int]] = (None, {})

    def sentence(self, item: Item) -> str:
        """Which place an item has within its type now, newer choices counting more, and how many visitors chose it."""
        ranks, chosen = self._ranks(), self._board.visitors(item.item_id)
        if not chosen:
            return "Nobody has chosen it yet"
        people = counted(chosen, "visitor")
        rank = ranks.get(item.item_id, _FIRST_PLACES + 1)
        if rank > _FIRST_PLACES:
            return f"{people} chose it lately"
        place = "The most popular" if rank == 1 else f"{ordinal(rank)} most popular"
        return f"{place} {_kind(item)} now, chosen by {people}, newest counting most"

    def _ranks(self) -> Mapping[str, int]:
        """By item its place within its type, from 1."""
        order = self._board.order()
        counted = self._counted
        if counted[0] is not order:
            counted = self._counted = (order, self._count(order))
        return counted[1]

    def _count(self, order: Order) -> Mapping[str, int]:
        catalog, seen, ranks = self._board.catalog, Counter[str](), {}
        for item_id in islice(order.clicked, _RANKED):
            item = catalog.get(item_id)
            if item is not None:
                seen[item.type] += 1
                ranks[item_id] = seen[item.type]
        return ranks


def ordinal(number: int) -> str:
    """2nd, 11th, 23rd."""
    ending = "th" if number % 100 in (11, 12, 13) else _ORDINALS.get(number % 10, "th")
    return f"{number}{ending}"


def _kind(item: Item) -> str:
    """What an item is one of: a poster, a drama of the films, something in a shop's category."""
    if item.year is not None:
        return f"film in {label(item.type)}"
    return label(item.type).lower() if item.layout else f"in {label(item.type)}"
