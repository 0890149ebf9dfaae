"""What is changed piece by piece is what would be made of all items anew, however long the lists are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog, Item
from app.catalog.catalog import newest_first
from app.catalog.facets import Facets
from app.catalog.order import LongOrder, changed_order, in_order
from tests.app.catalog.test_catalog import ITEMS


@pytest.fixture(scope="module", autouse=True)
def _short_is_very_short() -> Iterator[None]:
    """Lists of more than four items are long, and an index of more than six has layers."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.catalog.order.SHORT", 4)
        patched.setattr("app.catalog.order._STRETCH", 2)
        patched.setattr("app.catalog.catalog._COPIED", 6)
        patched.setattr("app.catalog.catalog._LAYERED_SHARE", 0.5)
        yield


LISTS = st.lists(ITEMS, unique_by=lambda item: item.item_id)
WRITES = st.lists(st.tuples(st.lists(ITEMS, max_size=4), st.sets(st.integers(0, 12), max_size=3)), max_size=5)


def after_writes(
    first: Sequence[Item], writes: Sequence[tuple[list[Item], set[int]]]
) -> Iterator[tuple[dict[str, Item], list[Item], set[str]]]:
    """All items after each write, what was written, and the ids of what was removed."""
    known = {item.item_id: item for item in first}
    for number, (written, numbers) in enumerate(writes):
        dated = [replace(item, added_at=float(number), tags=(item.type, item.style)) for item in written]
        removed = {f"i{one}" for one in numbers}.difference(item.item_id for item in written)
        known = {item_id: item for item_id, item in known.items() if item_id not in removed}
        known |= {item.item_id: item for item in dated}
        yield known, dated, removed


@given(LISTS, WRITES)
def test_a_long_order_is_a_sorted_list(first: list[Item], writes: list[tuple[list[Item], set[int]]]) -> None:
    order, before = in_order(first, newest_first), {item.item_id: item for item in first}
    for known, written, removed in after_writes(first, writes):
        changed = removed | {item.item_id for item in written}
        gone = [item for item_id, item in before.items() if item_id in changed]
        come = [known[item_id] for item_id in sorted(changed & known.keys())]
        order, before = changed_order(order, gone, come, newest_first), known
        expected = sorted(known.values(), key=newest_first)
        assert isinstance(order, LongOrder) == (len(expected) > 4)
        assert (list(order), list(reversed(order)), len(order)) == (expected, expected[::-1], len(expected))
        assert [order[place] for place in range(-len(expected), len(expected))] == expected * 2
        assert list(order[1::2]) == expected[1::2]
        with pytest.raises(IndexError):
            order[len(expected)]


@given(LISTS, WRITES)
def test_a_large_catalog_follows_changes(first: list[Item], writes: list[tuple[list[Item], set[int]]]) -> None:
    catalog = Catalog.from_items(first)
    for known, written, removed in after_writes(first, writes):
        before, held = catalog, list(catalog.items)
        catalog, anew = catalog.with_changes(written, removed), Catalog.from_items(known.values())
        assert list(before.items) == held, "a page goes on with the catalog that it began with"
        assert (list(catalog.items), list(catalog.newest)) == (list(anew.items), list(anew.newest))
        assert catalog.types == anew.types
        assert {item.item_id: item for item in catalog.everything()} == known
        for item_id in (f"i{number}" for number in range(13)):
            assert (catalog.get(item_id), item_id in catalog) == (known.get(item_id), item_id in known)
            assert catalog.shows(item_id) == catalog.shows_all([item_id]) == anew.shows(item_id)
        for type in (None, *"abc"):
            assert catalog.styles(type) == anew.styles(type)
            for style in (None, "", "x", "y"):
                assert list(catalog.filter(type, style)) == list(anew.filter(type, style))


@given(LISTS, WRITES)
def test_facets_follow_changes(first: list[Item], writes: list[tuple[list[Item], set[int]]]) -> None:
    catalog = Catalog.from_items(first)
    facets = Facets(catalog.items)
    for known, written, removed in after_writes(first, writes):
        changed = sorted(removed | {item.item_id for item in written})
        after = Catalog.from_items(known.values())
        gone = [catalog[item_id] for item_id in changed if catalog.shows(item_id)]
        facets = facets.with_changes(gone, [after[item_id] for item_id in changed if after.shows(item_id)])
        catalog, anew = after, Facets(after.items)
        assert facets.items == anew.items
        for name in ("positions", "years", "added_at"):
            assert getattr(facets, name).tolist() == getattr(anew, name).tolist()
        some = np.arange(anew.items) % 2 == 0
        for mine, other in zip(facets, anew, strict=True):
            assert mine.slugs == other.slugs
            assert (mine.counts(), mine.counts(some)) == (other.counts(), other.counts(some))
            for slug in ("a", "b", "c", "x", "y", ""):
                assert (slug in mine) == (slug in other)
                assert mine.mask([slug]).tolist() == other.mask([slug]).tolist()
