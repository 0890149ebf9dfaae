"""The catalog keeps editorial order and answers every filter without searching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace

import pytest

from app.catalog import Catalog, Item


def test_items_are_in_editorial_order_whatever_order_they_came_in(items: Sequence[Item]) -> None:
    catalog = Catalog.from_items(reversed(items))
    assert catalog.items == tuple(items)
    assert len(catalog) == len(items)


def test_an_item_is_found_by_its_id(catalog: Catalog, items: Sequence[Item]) -> None:
    assert catalog.get("item-007") is items[7]
    assert catalog.get("unicorn") is None
    assert "item-007" in catalog
    assert "unicorn" not in catalog


def test_every_filter_is_what_a_search_through_all_items_finds(catalog: Catalog) -> None:
    for type in (None, *catalog.types, "unicorn"):
        for style in (None, *catalog.styles(), "unicorn"):
            found = [item for item in catalog.items if type in (None, item.type) and style in (None, item.style)]
            assert catalog.filter(type, style) == tuple(found)
    assert {item.type for item in catalog.filter(type="poster")} == {"poster"}


def test_types_and_styles_are_named_by_how_many_items_they_have(items: Sequence[Item]) -> None:
    more = [replace(items[0], item_id=f"more-{n}", position=100 + n, type="resume", style="playful") for n in range(3)]
    catalog = Catalog.from_items([*items, *more])
    assert catalog.types == ("resume", "presentation", "poster", "social-post")
    assert catalog.styles()[0] == catalog.styles("resume")[0] == "playful"
    assert catalog.styles("unicorn") == ()


def test_a_filter_is_made_once(catalog: Catalog) -> None:
    assert catalog.filter("poster", "retro") is catalog.filter("poster", "retro")


def test_a_catalog_never_changes(catalog: Catalog) -> None:
    with pytest.raises(FrozenInstanceError):
        catalog.items = ()  # type: ignore[misc]


def test_an_id_that_comes_twice_is_refused(items: Sequence[Item]) -> None:
    with pytest.raises(ValueError, match="'item-003' comes more than once"):
        Catalog.from_items([*items, replace(items[3], position=99)])


def test_an_empty_catalog_is_a_catalog() -> None:
    catalog = Catalog.from_items([])
    assert (len(catalog), catalog.types, catalog.styles(), catalog.filter()) == (0, (), (), ())
