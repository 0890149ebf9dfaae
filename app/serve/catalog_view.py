"""The catalog as pages choose from it: what is newest, and the items of each type and style, made ready once."""

from __future__ import annotations

import threading

from app.catalog import Catalog
from app.serve.rankers import Among, prepared
from recommender import FactorModel

_MOST_KEPT = 512

Filter = tuple[str | None, str | None]
"""A type and a style; None stands for all."""


class CatalogView:
    """One catalog. What is made of it once is kept; safe between threads."""

    def __init__(self, catalog: Catalog, kept: dict[Filter, Among] | None = None) -> None:
        """kept: items of a type and style of this very catalog that were made ready before."""
        self.catalog = catalog
        newest_first = sorted(catalog.items, key=lambda item: (-item.added_at, item.position))
        self.newest = tuple(item.item_id for item in newest_first)
        self._kept = kept or {}
        self._lock = threading.Lock()

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

    def prepare(self, model: FactorModel) -> None:
        """Make a model ready to choose among the items of each type."""
        for type in self.catalog.types:
            prepared(model, self.among(type, None))

    def followed_by(self, catalog: Catalog) -> CatalogView:
        """The view of the next catalog; items of types and styles in which nothing changed stay ready."""
        with self._lock:
            kept = dict(self._kept)
        same = {of: among for of, among in kept.items() if catalog.filter(*of) is self.catalog.filter(*of)}
        return CatalogView(catalog, same)
