"""Titles cut to a few characters, so that what is left tells an item from others of the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from app.catalog.catalog import Catalog
from app.values.item import Item

_COUNTED = 5_000
"""Titles of which words are counted, spread over the catalog: enough to tell the common words."""
_COMMON, _FEW = 0.01, 2
"""A word is common where more than this share of the titles have it, and more than so few of them."""
_ELLIPSIS = "…"
_KEPT = 20_000


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
    global _last
    shortener = _last
    if shortener.items is not catalog.items:
        shortener = _last = _Shortener(catalog.items)
    return title if len(title) <= room else shortener.short(title, room)


class _Shortener:
    """Cuts titles of one catalog, and remembers those cut lately."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        counted = items[:: max(1, len(items) // _COUNTED)][:_COUNTED]
        self._counts = Counter(word for item in counted for word in set(item.title.casefold().split()))
        self._common = max(_FEW, _COMMON * len(counted))
        self.short = lru_cache(_KEPT)(self._short)

    def _short(self, title: str, room: int) -> str:
        words = title.split()
        if len(words) < 2:
            return title
        found = [self._counts[word.casefold()] for word in words]
        telling = [0.0 if count > self._common else 1.0 / (count + 1) for count in found]
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


_last = _Shortener(())
