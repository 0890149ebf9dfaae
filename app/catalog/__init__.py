"""The catalog: items, how they are filtered and what their slugs are called. Their pictures are in `images`."""

from app.catalog.catalog import Catalog
from app.catalog.holder import CatalogHolder
from app.catalog.labels import label
from app.values.item import Item

__all__ = ["Catalog", "CatalogHolder", "Item", "label"]
