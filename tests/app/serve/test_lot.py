"""Pages drawn by lot: nobody's ranking chose what they show, and the chance of every entry is exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.catalog import Catalog
from app.catalog.among import Among
from app.catalog.popular_order import Order
from app.serve.by_lot.lot import Lot, LotRanker
from app.serve.rules.want import Want
from app.store import Store
from app.store.interactions import visitor_interactions
from app.store.slates import get_slate
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items

ITEMS = tuple("abcdefghij")


def among(items: tuple[str, ...]) -> Among:
    return Among(items, frozenset(items))


def popular(*first: str) -> Order:
    """Items that were clicked, the most popular first, before all others."""
    catalog = Catalog.from_items(replace(item, item_id=name) for item, name in zip(make_items(10), ITEMS, strict=True))
    return Order({item_id: place for place, item_id in enumerate(first)}, catalog)


def test_the_chance_of_an_entry_is_how_often_it_comes() -> None:
    lot = Lot.of(among(ITEMS), popular("c", "gone", "d", "a"), popular_share=0.5)
    assert lot.popular.item_ids == ("c", "d"), "a fifth of ten"
    rng = np.random.default_rng(7)
    first, second = Counter[str](), Counter[str]()
    expected: dict[str, float] = {}
    for _ in range(20_000):
        drawn = lot.draw(2, {"a"}, rng)
        first[drawn[0].item_id] += 1
        expected[drawn[0].item_id] = drawn[0].propensity
        if drawn[0].item_id == "c":
            second[drawn[1].item_id] += 1
            expected["then " + drawn[1].item_id] = drawn[1].propensity
    assert set(first) == set("bcdefghij")
    assert expected["c"] == pytest.approx(0.5 / 2 + 0.5 / 9)
    assert expected["then d"] == pytest.approx(0.5 + 0.5 / 8)
    for item_id, count in first.items():
        assert count / 20_000 == pytest.approx(expected[item_id], abs=0.015)
    for item_id, count in second.items():
        assert count / first["c"] == pytest.approx(expected["then " + item_id], abs=0.03)
    assert sum(expected[item_id] for item_id in first) == pytest.approx(1.0)


def test_a_lot_ends_when_nothing_is_left() -> None:
    lot = Lot.of(among(ITEMS), popular(), popular_share=0.5)
    drawn = lot.draw(50, {"a"}, np.random.default_rng(1))
    assert sorted(entry.item_id for entry in drawn) == list("bcdefghij")
    assert drawn[-1].propensity == pytest.approx(1.0)
    assert lot.draw(3, ITEMS, np.random.default_rng(1)) == []


def test_a_list_in_an_order_by_lot_goes_on_where_it_stopped_and_is_the_visitors_own() -> None:
    ranker = LotRanker(among(ITEMS), "v")
    order = [choice.item_id for choice in ranker.rank({}, 10, ())]
    assert sorted(order) == list(ITEMS)
    assert [choice.item_id for choice in ranker.rank({}, 4, ())] == order[:4]
    assert [choice.item_id for choice in ranker.rank({order[0]: 1.0}, 2, {order[1]})] == order[2:4]
    assert [choice.item_id for choice in LotRanker(among(ITEMS), "w").rank({}, 10, ())] != order


JUDGE = Visitor("judge", NOW, "treatment", "assigned", "real", True)


def test_pages_of_holdout_visitors_are_drawn_by_lot_and_a_click_keeps_the_chance_of_its_entry(
    stage: Stage, store: Store, publish: Callable[..., None]
) -> None:
    publish(1)
    page = stage.serve.home(JUDGE, NOW)
    assert page.by_lot
    assert [shelf.key for shelf in page.shelves] == ["by-lot", "by-lot-more", "new"]
    drawn, _, newest = page.shelves
    stage.settle()
    logged = get_slate(store.reader(), drawn.slate_id or "")
    assert logged is not None
    assert (logged.policy, logged.model_version, set(logged.sources)) == ("neutral", None, {"lot"})
    assert all(0.5 / 61 < chance < 0.5 for chance in logged.propensities)
    for number, (shelf, place) in enumerate([(drawn, 2), (newest, 0)]):
        entry, slate = shelf.entries[place], shelf.slate_id
        clicked, at = entry.item.item_id, place + 1
        stage.recorder.record_one(
            JUDGE, "click", clicked, received_at=NOW, event_id=f"e{number}", slate_id=slate, position=at
        )
    stage.recorder.record_one(JUDGE, "click", "item-000", received_at=NOW)
    chances = [row.propensity for row in visitor_interactions(store.reader(), "judge")]
    assert chances == [logged.propensities[2], None, None], "by lot; by age; from a link"
    again = {entry.item.item_id for shelf in stage.serve.home(JUDGE, NOW).shelves for entry in shelf.entries}
    assert drawn.entries[2].item.item_id not in again, "what was opened is not drawn again"


def test_who_chose_an_arm_sees_it(stage: Stage) -> None:
    assert not stage.serve.home(replace(JUDGE, arm_source="chosen"), NOW).by_lot


def test_a_list_is_in_an_order_by_lot_and_a_row_of_a_type_judges_nobody(stage: Stage) -> None:
    grid = stage.serve.browse(JUDGE, NOW).shelves[0]
    assert {entry.source for entry in grid.entries} == {"lot"}
    assert stage.serve.recommend(JUDGE, NOW, 5, Want(type="poster")).shelves[0].policy == "neutral-type"
