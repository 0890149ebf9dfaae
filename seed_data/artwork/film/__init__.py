"""Posters for films, drawn from genre and decade; none resembles a real poster."""

from __future__ import annotations

from seed_data.artwork.film.poster import draw_film

__all__ = ["draw_film"]
