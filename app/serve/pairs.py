"""What goes with an item: others of its style that are of another type, as a résumé goes with a business card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from app.serve.builder import PageBuilder
from app.serve.causes import likeness
from app.serve.rankers import Ranked
from app.serve.shelves import Shelves
from app.store.slates import PAIRS_SHELF
from app.values.item import Item

_ASK = 20
"""So many times the places are asked for, so that of a style every type has some to choose from."""
_MOST_OF_A_TYPE = 2


def add_pairs(shelves: Shelves, page: PageBuilder, item: Item) -> None:
    """Add the shelf of what goes with one item; nothing for films and for items without a style."""
    if item.year is not None or not item.style:
        return
    page.taken.add(item.item_id)
    size = shelves.size
    ranked = shelves.ranker.rank(
        shelves.history.weights, _ASK * size, page.taken, shelves.among(None, item.style), repeat=True
    )
    catalog = shelves.catalog

    def said(choices: Sequence[Ranked]) -> list[str]:
        return [f"{likeness(item, catalog[choice.item_id])} too" for choice in choices]

    chosen = _of_many_types(item, [(choice, catalog[choice.item_id]) for choice in ranked], size)
    page.add(
        PAIRS_SHELF,
        "Goes with it",
        "The same look, for something else",
        chosen,
        said,
        size=size,
        policy=f"same-style+{shelves.ranker.source}",
    )


def _of_many_types(item: Item, ranked: list[tuple[Ranked, Item]], size: int) -> list[Ranked]:
    """Of other types than the item's, at most two of each; first those that share more than the style with it."""
    found: list[Ranked] = []
    taken: dict[str, int] = defaultdict(int)
    theirs = set(item.tags)
    closest = sorted(
        ranked, key=lambda row: -(row[1].palette == item.palette) - min(2, len(theirs.intersection(row[1].tags)))
    )
    for choice, other in closest:
        if other.type != item.type and taken[other.type] < _MOST_OF_A_TYPE and len(found) < size:
            taken[other.type] += 1
            found.append(choice)
    return found
