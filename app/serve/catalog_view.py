"""The catalog as pages choose from it: what is newest, and the items of each type and style, made ready once."""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog, CatalogSearch, Selection
from app.catalog.conditions import has
from app.catalog.facets import Facets
from app.serve.newcomers import Newcomers
from app.serve.rankers import Among, prepared
from app.store.search import Reader
from recommender import FactorModel

_MOST_KEPT = 512
_MIN_FRESH, _FRESH_SHARE = 24, 0.25

Filter = tuple[str | None, str | None]
"""A type and a style; None stands for all."""


class CatalogView:
    """One catalog. What is made of it once is kept; safe between threads."""

    def __init__(self, catalog: Catalog, reader: Reader, kept: dict[Filter, Among] | None = None) -> None:
        """reader: a connection of the calling thread to the database that holds the items. kept: items of a type and
        style of this very catalog that were made ready before.
        """
        self.catalog = catalog
        self._reader = reader
        newest_first = sorted(catalog.items, key=lambda item: (-item.added_at, item.position))
        self.newest = tuple(item.item_id for item in newest_first)
        fresh = self.newest[: max(_MIN_FRESH, int(_FRESH_SHARE * len(self.newest)))]
        self.fresh = Among(fresh, frozenset(fresh))
        self._kept = kept or {}
        self._selected = lru_cache(maxsize=_MOST_KEPT)(self._select)
        self._newcomers: WeakKeyDictionary[FactorModel, Newcomers | None] = WeakKeyDictionary()
        self._wanted = lru_cache(maxsize=_MOST_KEPT)(self._want)
        self._lock = threading.Lock()

    @cached_property
    def facets(self) -> Facets:
        """What the items are filtered by; made at the first question."""
        return Facets(self.catalog.items)

    @cached_property
    def added_at(self) -> NDArray[np.float64]:
        """When each item joined the catalog, Unix seconds, float64 (items,)."""
        return np.array([item.added_at for item in self.catalog.items], dtype=np.float64)

    @cached_property
    def words(self) -> CatalogSearch:
        """Finds the items by words; made at the first question."""
        return CatalogSearch(self.catalog.items, self.facets, self._reader)

    def selected(self, selection: Selection) -> Among:
        """The items of a selection."""
        alone = selection.palette or selection.tag or len(selection.type) > 1 or len(selection.style) > 1
        if alone:
            return self._selected(selection)
        return self.among(next(iter(selection.type), None), next(iter(selection.style), None))

    def _select(self, selection: Selection) -> Among:
        mask, items = selection.mask(self.facets), self.catalog.items
        chosen = items if mask is None else [items[index] for index in np.flatnonzero(mask).tolist()]
        item_ids = tuple(item.item_id for item in chosen)
        return Among(item_ids, frozenset(item_ids))

    def among(self, type: str | None, style: str | None) -> Among:
        """The items of a type and style, None for all."""
        found = self._kept.get((type, style))
        if found is None:
            item_ids = tuple(item.item_id for item in self.catalog.filter(type=type, style=style))
            found = Among(item_ids, frozenset(item_ids))
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                found = self._kept.setdefault((type, style), found)
        return found

    def wanted(self, type: str | None, filters: tuple[tuple[str, str], ...]) -> Among | None:
        """The items of a type that have all of some values of fields; None for all items."""
        if filters:
            return self._wanted(type, filters)
        return self.among(type, None) if type else None

    def _want(self, type: str | None, filters: tuple[tuple[str, str], ...]) -> Among:
        item_ids = tuple(
            item.item_id
            for item in self.catalog.filter(type=type)
            if all(has(item, field, value) for field, value in filters)
        )
        return Among(item_ids, frozenset(item_ids))

    def newcomers(self, model: FactorModel) -> Newcomers | None:
        """The items that a model does not know, each with known ones that are like it; made once for each model."""
        if model not in self._newcomers:
            self._newcomers[model] = Newcomers.of(model, self.catalog)
        return self._newcomers[model]

    def prepare(self, model: FactorModel) -> None:
        """Make a model ready to choose among the items of each type."""
        self.newcomers(model)
        for among in (self.fresh, *(self.among(type, None) for type in self.catalog.types)):
            prepared(model, among)

    def followed_by(self, catalog: Catalog) -> CatalogView:
        """The view of the next catalog; items of types and styles in which nothing changed stay ready."""
        with self._lock:
            kept = dict(self._kept)
        same = {of: among for of, among in kept.items() if catalog.filter(*of) is self.catalog.filter(*of)}
        return CatalogView(catalog, self._reader, same)
