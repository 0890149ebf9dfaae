"""Films and ratings of MovieLens, as GroupLens publishes them or as gzipped CSV."""

from __future__ import annotations

from seed_data.movielens.errors import MovieLensError
from seed_data.movielens.reading import MovieLens, read_movielens
from seed_data.movielens.titles import genre_slug, natural_title

__all__ = ["MovieLens", "MovieLensError", "genre_slug", "natural_title", "read_movielens"]
