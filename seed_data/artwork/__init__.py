"""Artwork of catalog items, drawn as SVG from their attributes. Commands write it to files; the site serves those."""

from __future__ import annotations

from seed_data.artwork.draw import artwork_size, artwork_svg

__all__ = ["artwork_size", "artwork_svg"]
