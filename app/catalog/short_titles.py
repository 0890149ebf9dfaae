"""Titles cut to a few characters, so that what is left tells an item from others of the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from app.catalog.catalog import Catalog
from app.values.item import Item

_COUNTED = 5_000
"""Titles of which words are counted, spread over the catalog: enough to tell the common words."""
_COMMON, _FEW = 0.01, 2
"""A word is common where more than this share of the titles have it, and more than so few of them."""
_ELLIPSIS = "…"
_last: tuple[tuple[Item, ...], Mapping[str, int]] = (), {}


class _Cut(NamedTuple):
    """A title cut; the best is the largest: it fits, tells most, is cut at fewer ends, begins early, and is long."""

    fits: bool
    telling: float
    whole_ends: int
    begins: int
    length: int
    text: str


def short_title(title: str, room: int, catalog: Catalog) -> str:
    """The words of a title that tell most, side by side and within `room` characters; "…" stands for what was cut.

    A word tells the more the fewer titles of the catalog have it, and nothing where many have it: of "Why We Love This
    Beach Vacation Post" that leaves "…Beach Vacation Post". One word stays whole, however long.
    """
    words = title.split()
    if len(title) <= room or len(words) < 2:
        return title
    counts = word_counts(catalog)
    common = max(_FEW, _COMMON * min(len(catalog.items), _COUNTED))
    found = [counts.get(word.casefold(), 0) for word in words]
    telling = [0.0 if count > common else 1.0 / (count + 1) for count in found]
    cuts: list[_Cut] = []
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            ends = (start > 0) + (end < len(words))
            text = _ELLIPSIS * (start > 0) + " ".join(words[start:end]) + _ELLIPSIS * (end < len(words))
            if len(text) > room and end > start + 1:
                break
            told = round(sum(telling[start:end]), 6)
            cuts.append(_Cut(len(text) <= room, told, -ends, -start, len(text), text))
    return max(cuts).text


def word_counts(catalog: Catalog) -> Mapping[str, int]:
    """How many of the titles that are counted have each word; kept for the catalog that was asked for last."""
    global _last
    items, counts = _last
    if items is not catalog.items:
        items = catalog.items
        step = max(1, len(items) // _COUNTED)
        titles = (item.title for item in items[::step][:_COUNTED])
        counts = Counter(word for title in titles for word in set(title.casefold().split()))
        _last = items, counts
    return counts
