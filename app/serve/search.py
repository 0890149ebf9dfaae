"""The order of what a search finds: an exact title first, then how well it fits, what is popular, and the taste."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog, Item, Selection
from app.catalog.among import Among
from app.catalog.facets import Facets, Mask
from app.catalog.search import Found
from app.serve.builder import PageBuilder
from app.serve.catalog_view import CatalogView
from app.serve.popularity import PopularityBoard
from app.serve.rankers import Ranked
from app.serve.shelves import Shelves
from app.store.slates import SEARCH_SHELF

PAGE_SIZE = 60
"""Items on one page of results."""
WINDOW = 240
"""So many of the best are ordered by the visitor's taste as well."""
POPULARITY, TASTE = 0.35, 0.35
"""What the most popular item, and the one closest to the taste, get beside a relevance of 0 to 1; an exact title
has 10."""


class Searching:
    """Finds the items of one catalog by words, and puts them in order."""

    def __init__(self, view: CatalogView, popularity: PopularityBoard) -> None:
        self._view = view
        self._popularity = popularity

    @property
    def catalog(self) -> Catalog:
        """The items that are searched."""
        return self._view.catalog

    @property
    def facets(self) -> Facets:
        """What they are filtered by."""
        return self._view.facets

    def find(self, text: str) -> Found:
        """The items that a text finds, in the catalog's order, with how well each fits."""
        return self._view.words.find(text)

    def suggest(self, text: str, size: int) -> tuple[tuple[str, ...], list[Item]]:
        """What an unfinished text may become: whole texts, and the first `size` items."""
        suggestions = self._view.words.suggest(text)
        return suggestions.texts, self.first(suggestions.found, size)

    def first(self, found: Found, size: int, sort: str = "best") -> list[Item]:
        """The first `size` items of what was found, in one of the orders of `SORTS`; the same for everybody."""
        return [self.catalog.items[index] for index in self._in_order(found, size, sort).indices.tolist()]

    def add_results(
        self, builder: PageBuilder, shelves: Shelves, text: str, selection: Selection, page: int, sort: str
    ) -> bool:
        """Add one page (from 1) of results among the selected items; answers whether another page follows.

        The policy of the shelf says what its order depends on: for somebody with a history on the arm as well.
        """
        found = narrowed(self.find(text), selection.mask(self.facets))
        start, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
        best = self._in_order(found, max(WINDOW, end), sort)
        items = self.catalog.items
        ids = [items[index].item_id for index in best.indices.tolist()]
        ids = [item_id for item_id in ids if shelves.catalog.shows(item_id)]  # the page may be of an older catalog
        if sort == "best":
            ids[:WINDOW] = self._by_taste(ids[:WINDOW], best.relevance[:WINDOW], shelves)
        followed = "taste" if shelves.learns else "popularity"
        builder.add(
            SEARCH_SHELF,
            f"Results for “{text.strip()}”",
            f"{len(found):,} found",
            [Ranked(item_id, "search", None) for item_id in ids[start:end]],
            lambda choices: ["Matches your search"] * len(choices),
            size=PAGE_SIZE,
            policy=f"{SEARCH_SHELF}+{followed}" if shelves.history.weights else SEARCH_SHELF,
        )
        return len(found) > end

    def _in_order(self, found: Found, size: int, sort: str) -> Found:
        """The first `size` of what was found: by relevance and popularity, or popular or new first.

        Ties keep the editorial order. `relevance` of the answer is what it was ordered by.
        """
        if sort == "new":
            worth = self.facets.added_at[found.indices]
        else:
            popular = self._popularity.shares(self.facets.positions)[found.indices]
            worth = (popular if sort == "popular" else found.relevance + POPULARITY * popular).astype(np.float64)
        places = np.arange(len(worth))
        if size < len(worth):  # the best only: to sort a hundred thousand takes ten times as long
            least = np.partition(worth, len(worth) - size)[len(worth) - size]
            places = np.flatnonzero(worth >= least)
        best = places[np.argsort(-worth[places], kind="stable")[:size]]
        return Found(found.indices[best], worth[best].astype(np.float32), found.meant, found.left_out)

    def _by_taste(self, window: Sequence[str], worth: NDArray[np.float32], shelves: Shelves) -> list[str]:
        """The ids of a window anew, with the place that each has in the visitor's own order counted in.

        worth float32 (window,): what they were ordered by so far.
        """
        weights = shelves.history.weights
        if not window or not weights or shelves.model is None:
            return list(window)
        among = Among.of(window)
        preferred = shelves.ranker.rank(weights, len(window), frozenset(), among, repeat=True)
        added = {choice.item_id: TASTE * (1 - place / len(window)) for place, choice in enumerate(preferred)}
        total = worth + np.array([added.get(item_id, 0.0) for item_id in window], dtype=np.float32)
        return [window[place] for place in np.argsort(-total, kind="stable").tolist()]


def narrowed(found: Found, mask: Mask | None) -> Found:
    """What was found of the items of a mask; None stands for all."""
    if mask is None:
        return found
    kept = mask[found.indices]
    return Found(found.indices[kept], found.relevance[kept], found.meant, found.left_out)
