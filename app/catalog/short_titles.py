"""Titles cut to a few characters, so that what is left tells an item from others of the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from cachetools import LRUCache

from app.catalog.catalog import Catalog
from app.values.item import Item

_COUNTED = 5_000
"""Titles of which words are counted, spread over the catalog: enough to tell the common words."""
_ELLIPSIS = "…"
_known: LRUCache[int, tuple[tuple[Item, ...], Mapping[str, int]]] = LRUCache(4)


def short_title(title: str, room: int, catalog: Catalog) -> str:
    """The words of a title that say most, side by side and within `room` characters; "…" stands for what was cut.

    A word says the more the fewer titles of the catalog have it: of "Why We Love This Beach Vacation Post" that leaves
    "…Beach Vacation Post". One word stays whole, however long.
    """
    if len(title) <= room:
        return title
    words = title.split()
    counts = word_counts(catalog)
    telling = [1.0 / (counts.get(word.casefold(), 0) + 1) for word in words]
    cuts: list[tuple[bool, float, str]] = []
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            text = _ELLIPSIS * (start > 0) + " ".join(words[start:end]) + _ELLIPSIS * (end < len(words))
            if len(text) <= room or end == start + 1:
                cuts.append((len(text) <= room, sum(telling[start:end]), text))
    return max(cuts, key=_fits_and_tells)[2]


def word_counts(catalog: Catalog) -> Mapping[str, int]:
    """How many of the titles that are counted have each word; kept for the catalogs used last."""
    items = catalog.items
    known = _known.get(id(items))
    if known is None or known[0] is not items:
        step = max(1, len(items) // _COUNTED)
        titles = (item.title for item in items[::step][:_COUNTED])
        known = items, Counter(word for title in titles for word in set(title.casefold().split()))
        _known[id(items)] = known
    return known[1]


def _fits_and_tells(cut: tuple[bool, float, str]) -> tuple[bool, float]:
    return cut[0], round(cut[1], 6)
