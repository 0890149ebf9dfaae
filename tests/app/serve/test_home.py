"""The tiles that a newcomer picks from, and the rows that follow the home page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.catalog import Catalog
from app.catalog.catalog import count_arrivals
from app.serve.home import type_and_style
from app.serve.page import Page
from app.serve.picks import PICKS, WANTED, kept_items, telling_items
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items

Publish = Callable[[int], None]


def _items(page: Page) -> list[str]:
    return [entry.item.item_id for shelf in page.shelves for entry in shelf.entries]


def test_a_newcomer_gets_tiles_until_three_things_are_known(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    page = stage.serve.home(treated, NOW)
    assert page.picks is not None
    assert page.shelves[0].key == "for-you", "tiles are no row"
    assert stage.serve.home(treated, NOW, picks=False).picks is None, "they said no"
    for number, item in enumerate([entry.item.item_id for entry in page.picks.entries][:WANTED], 1):
        stage.open(treated, item, kind="like")
        assert (stage.serve.home(treated, NOW).picks is None) == (number == WANTED)


def test_control_is_asked_nothing(stage: Stage, publish: Publish, untreated: Visitor) -> None:
    publish(1)
    assert stage.serve.home(untreated, NOW).picks is None


def test_tiles_are_known_items_of_different_kinds_that_point_apart(
    stage: Stage, publish: Publish, catalog: Catalog
) -> None:
    publish(1)
    served = stage.serve.models_in_use()[1]
    popular = [item.item_id for item in catalog.items]
    chosen = telling_items(served, popular, catalog)
    kinds = [(catalog[item_id].type, catalog[item_id].style) for item_id in chosen]
    assert len(set(kinds)) == len(kinds) <= PICKS
    assert chosen == sorted(chosen, key=popular.index), "the best known first"
    assert telling_items(served, popular, catalog) == chosen
    assert telling_items(served, [], catalog) == []
    assert kept_items(served, popular, catalog) is kept_items(served, list(popular), catalog), "chosen once"
    for changed in (popular[::-1], popular[:-20], popular):
        assert kept_items(served, changed, catalog) == telling_items(served, changed, catalog)
    without = catalog.with_changes((), removed=chosen[:1])
    assert kept_items(served, popular, without) == telling_items(served, popular, without) != chosen


def test_further_pages_repeat_nothing_and_come_to_an_end(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, "item-001", "item-002", "item-003")
    home = stage.serve.home(treated, NOW)
    stage.settle()
    seen, number, more = _items(home), 2, True
    while more:
        page = stage.serve.more(treated, NOW, number, home.page_id)
        seen += _items(page)
        number, more = number + 1, page.more
    assert len(seen) == len(set(seen))
    assert number > 3


def test_every_type_and_style_comes_once_the_types_in_turn(catalog: Catalog) -> None:
    pairs = type_and_style(catalog)
    assert sorted(pairs) == sorted({(item.type, item.style) for item in catalog.items})
    first = [type for type, _ in pairs[: len(catalog.types)]]
    assert first == list(catalog.types)


DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("ages", "new", "said"),
    [
        ([0.0] * 60, 0, None),
        ([400 + 300 * number / 60 for number in range(60)], 30, "The newest there are"),
        ([*[90.0] * 57, *[3.0] * 3], 3, "Just added"),
        ([*[0.5] * 57, *[0.4] * 3], 0, None),
    ],
    ids=["all of one import", "long ago", "three of this week", "within one day"],
)
def test_what_joined_with_most_others_is_not_called_new(
    stage: Stage, publish: Publish, treated: Visitor, ages: list[float], new: int, said: str | None
) -> None:
    dated = [replace(item, added_at=NOW - age * DAY_S) for item, age in zip(make_items(), ages, strict=True)]
    catalog = Catalog.from_items(dated)
    stage.serve.use_catalog(catalog)
    assert count_arrivals(catalog.newest) == new
    page = stage.serve.home(treated, NOW)
    assert [shelf.reason for shelf in page.shelves if shelf.key == "new"] == ([] if said is None else [said])
    publish(1)
    stage.open(treated, "item-001", "item-002", "item-003")
    home = stage.serve.home(treated, NOW)
    assert ("fresh" in {shelf.key for shelf in home.shelves}) == (new >= 24)
