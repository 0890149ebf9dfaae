"""Artwork of catalog items, drawn as SVG from their attributes."""

from __future__ import annotations

from app.catalog.artwork.draw import artwork_size, artwork_svg

__all__ = ["artwork_size", "artwork_svg"]
