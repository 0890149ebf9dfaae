"""What is popular now: newer clicks count more, and the order costs nothing to ask for."""

from __future__ import annotations

import time

from app.catalog import Catalog
from app.serve.popularity import HALF_LIFE_DAYS, PopularityBoard
from app.store.events import EventRow
from app.values.item import Item

DAY = 86_400.0
CATALOG = Catalog.from_items(
    Item(name, position, name, "poster", "bold", "dawn", "full", (), 0.0, 1) for position, name in enumerate("abcd")
)


def board(refresh_s: float = 0.0) -> PopularityBoard:
    return PopularityBoard(CATALOG, {"click": 1.0, "like": 3.0}, epoch=0.0, refresh_s=refresh_s, clock=lambda: 0.0)


def event(item_id: str, at: float, kind: str = "click", undo: bool = False) -> EventRow:
    return EventRow(1, "e", "ann", item_id, kind, undo, None, None, at, "real", False, None)


def test_nothing_clicked_is_editorial_order() -> None:
    assert tuple(board().order()) == ("a", "b", "c", "d")
    assert not board().any_clicks()


def test_the_most_clicked_is_first_and_ties_keep_editorial_order() -> None:
    popular = board()
    popular.add([event("c", 0.0), event("d", 0.0), event("d", 0.0), event("b", 0.0)])
    assert tuple(popular.order()) == ("d", "b", "c", "a")


def test_a_click_is_worth_half_after_a_half_life() -> None:
    popular = board()
    old, new = 0.0, HALF_LIFE_DAYS * DAY
    popular.add([event("a", old), event("a", old), event("b", new), event("b", new), event("c", new)])
    assert tuple(popular.order()) == ("b", "a", "c", "d")


def test_years_of_decay_neither_overflow_nor_forget_the_newest() -> None:
    popular = board()
    popular.add(event("b", year * 365 * DAY) for year in range(30))
    popular.add([event("c", 30 * 365 * DAY, "like")])
    assert tuple(popular.order())[:2] == ("c", "b")


def test_an_undone_like_is_taken_back_and_unknown_items_are_left_out() -> None:
    popular = board()
    popular.add([event("d", 0.0, "like"), event("d", 0.0, "like", undo=True), event("c", 0.0), event("gone", 0.0)])
    assert tuple(popular.order()) == ("c", "a", "b", "d")


def test_the_order_is_sorted_again_only_after_the_refresh_time() -> None:
    now = [0.0]
    popular = PopularityBoard(CATALOG, {"click": 1.0}, epoch=0.0, refresh_s=1.0, clock=lambda: now[0])
    popular.add([event("d", 0.0)])
    assert next(iter(popular.order())) == "d"
    popular.add([event("c", 0.0), event("c", 0.0)])
    assert next(iter(popular.order())) == "d"
    now[0] = 1.0
    assert next(iter(popular.order())) == "c"


def test_between_start_and_stop_a_thread_of_its_own_sorts() -> None:
    popular = PopularityBoard(CATALOG, {"click": 1.0}, epoch=0.0, refresh_s=0.001)
    popular.add([event("d", 0.0)])
    popular.start()
    try:
        assert next(iter(popular.order())) == "d", "what was there before the start is sorted by then"
        popular.add([event("c", 0.0), event("c", 0.0)])
        deadline = time.monotonic() + 10.0
        while next(iter(popular.order())) != "c":
            assert time.monotonic() < deadline, "nobody sorted"
    finally:
        popular.stop()
