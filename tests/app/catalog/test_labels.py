"""Slugs in words."""

from __future__ import annotations

import pytest

from app.catalog import label


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("social-post", "Social post"),
        ("resume", "Résumé"),
        ("sci-fi", "Sci-Fi"),
        ("1990s", "1990s"),
        ("poster", "Poster"),
        ("business-card", "Business card"),
        ("film-noir", "Film-Noir"),
        ("childrens", "Children’s"),
        ("", ""),
    ],
)
def test_a_slug_is_written_for_people(slug: str, words: str) -> None:
    assert label(slug) == words
