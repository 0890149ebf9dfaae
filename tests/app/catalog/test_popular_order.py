"""Some items of all come in the order of popularity, and a shelf looks at few of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog, Item
from app.catalog.among import Among
from app.catalog.popular_order import Order
from app.serve.rankers import OrderRanker
from tests.conftest import make_items


class Watched(dict[str, int]):
    """Places that count who asks for one."""

    asked = 0

    def __contains__(self, key: object) -> bool:
        self.asked += 1
        return super().__contains__(key)


def placed(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


@given(
    st.permutations(range(40)),
    st.sets(st.integers(0, 39)),
    st.lists(st.integers(0, 39), unique=True),
    st.integers(1, 40),
)
def test_a_few_of_many_come_in_the_same_order(clicks: list[int], clicked: set[int], members: list[int], k: int) -> None:
    names = [item.item_id for item in make_items(40)]
    catalog = Catalog.from_items(make_items(40))
    few = Among.of([names[number] for number in members])
    for chosen in ([number for number in clicks if number in clicked], [*clicked], []):
        order = Order(placed([names[number] for number in chosen]), catalog)
        expected = [name for name in order if name in few.members]
        assert [list(order.among(few, k)) for _ in range(2)] == [expected] * 2
    after = catalog.with_changes((), removed=names[:7])
    order = Order({}, after)
    assert list(order.among(few, k)) == [name for name in order if name in few.members]


def test_all_of_a_large_catalog_are_not_asked_whether_it_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fifth page drawn by lot of a catalog of 240,000 items kept everybody waiting for a tenth of a second."""
    monkeypatch.setattr("app.catalog.among._SET_OF", 100)
    items = make_items(400)
    catalog = Catalog.from_items(items)
    asked = Counter[str]()

    def belongs(item: Item) -> bool:
        asked[item.item_id] += 1
        return True

    whole = Among.listed(catalog.items, catalog, belongs)
    clicked = [items[7].item_id, "gone", items[3].item_id]
    found = list(Order(placed(clicked), catalog).among(whole, 80))
    assert found == [clicked[0], clicked[2], *(item.item_id for item in items if item.item_id not in clicked)]
    assert set(asked) == {clicked[0], clicked[2]}
    hidden = catalog.with_changes([replace(items[5], available=False)])
    now = Among.listed(hidden.items, hidden, belongs)
    assert list(Order(placed(clicked), catalog).among(now, 80)) == [one for one in found if one != items[5].item_id]


def test_a_shelf_looks_at_as_many_items_as_it_shows() -> None:
    items = make_items(9_000)
    catalog = Catalog.from_items(items)
    few = Among.of([item.item_id for item in items[::15]])
    clicked = Watched(placed([item.item_id for item in items[::6]]))
    ranker = OrderRanker(Order(clicked, catalog), "popularity")
    first = ranker.rank({}, 400, (), few)
    clicked.asked = 0
    assert ranker.rank({}, 400, (), few) == first
    assert 0 < clicked.asked < 2 * 400
    clicked.asked = 0
    assert ranker.rank({}, 12, (), few) == first[:12]
    assert clicked.asked == 0, "those that were chosen suffice"
