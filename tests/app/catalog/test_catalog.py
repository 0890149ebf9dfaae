"""The catalog keeps editorial order and answers every filter without searching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


ITEMS = st.builds(
    lambda number, type, style, available: Item(
        f"i{number}", number, f"Item {number}", type, style, "", "", (), 0.0, 0, available=available
    ),
    st.integers(0, 12),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["", "x", "y"]),
    st.booleans(),
)


@given(
    st.lists(ITEMS, unique_by=lambda item: item.item_id), st.lists(st.lists(ITEMS, max_size=4), max_size=4), st.data()
)
def test_changes_lead_to_the_catalog_that_would_be_made_of_all_items(
    first: list[Item], writes: list[list[Item]], data: st.DataObject
) -> None:
    catalog, known = Catalog.from_items(first), {item.item_id: item for item in first}
    for written in writes:
        removed = data.draw(st.sets(st.sampled_from(sorted(known)))) if known else set()
        removed -= {item.item_id for item in written}
        known = {item_id: item for item_id, item in known.items() if item_id not in removed}
        known |= {item.item_id: item for item in written}
        catalog = catalog.with_changes(written, removed)
    anew = Catalog.from_items(known.values())
    assert catalog.items == anew.items
    assert catalog.types == anew.types
    assert catalog.newest == anew.newest
    assert {item.item_id: item for item in catalog.everything()} == known
    for item_id in (item.item_id for items in (first, *writes) for item in items):
        assert catalog.get(item_id) == known.get(item_id)
        assert catalog.shows(item_id) == catalog.shows_all([item_id]) == anew.shows(item_id)
    for type in (None, *"abc"):
        assert catalog.styles(type) == anew.styles(type)
        assert "" not in anew.styles(type)
        for style in (None, "", "x", "y"):
            assert catalog.filter(type, style) == anew.filter(type, style)
