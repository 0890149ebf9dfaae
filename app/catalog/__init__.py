"""The catalog: items, how they are found and filtered, and what their slugs are called. Pictures are in `images`."""

from app.catalog.catalog import Catalog
from app.catalog.holder import CatalogHolder
from app.catalog.labels import label
from app.catalog.search import CatalogSearch
from app.catalog.selection import Selection
from app.values.item import Item

__all__ = ["Catalog", "CatalogHolder", "CatalogSearch", "Item", "Selection", "label"]
