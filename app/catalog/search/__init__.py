"""Finding items by words that may be mistyped, joined, or other words for the same thing."""

from app.catalog.search.finding import CatalogSearch, Found, Suggestions

__all__ = ["CatalogSearch", "Found", "Suggestions"]
