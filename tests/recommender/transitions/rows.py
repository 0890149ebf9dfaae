"""Rows that counts of transitions are made from, and the small model that they belong to."""

from __future__ import annotations

from recommender import ALSConfig

SMALL = ALSConfig(factors=8, threads=1)
Rows = list[tuple[str, str, float, float]]
