"""A cut title keeps the words that tell it from the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.catalog import Catalog
from app.catalog.short_titles import short_title
from tests.conftest import make_items

TITLES = [
    f"{start} {thing} Post" for start in ("Why We Love This", "Meet the New") for thing in ("Sofa", "Lamp", "Cup")
]


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Retro Poster", "Retro Poster"),
        ("Why We Love This Beach Vacation Post", "…Beach Vacation Post"),
        ("Meet the New Protein Shake Post", "…Protein Shake Post"),
        ("Beach Vacation, Meet the New Post", "Beach Vacation, Meet…"),
        ("Supercalifragilisticexpialidocious", "Supercalifragilisticexpialidocious"),
        ("A Supercalifragilisticexpialidocious", "A…"),
    ],
)
def test_what_is_left_tells_the_item_from_others(title: str, short: str) -> None:
    items = make_items(len(TITLES))
    catalog = Catalog.from_items(replace(item, title=text) for item, text in zip(items, TITLES, strict=True))
    assert short_title(title, 22, catalog) == short


def test_a_catalog_without_titles_cuts_as_well() -> None:
    assert short_title("One Two Three Four Five Six", 10, Catalog.from_items([])) == "One Two…"
