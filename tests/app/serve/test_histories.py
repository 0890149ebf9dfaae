"""A history is what the visitor stands by, newest last, and never older than their last commit."""

from __future__ import annotations

from app.serve.histories import History, HistoryCache, fold_history
from app.store.events import EventRow
from app.visitors import Opinions

WEIGHTS = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}


def event(seq: int, item_id: str, kind: str = "click", undo: bool = False) -> EventRow:
    return EventRow(seq, f"e{seq}", "ann", item_id, kind, undo, None, None, 0.0, "real", False, None)


def fold(*rows: EventRow, length: int = 10) -> History:
    return fold_history(rows, WEIGHTS, length)


def test_the_newest_interaction_is_last_and_kinds_add_up() -> None:
    history = fold(event(1, "a"), event(2, "b"), event(3, "a", "like"))
    assert list(history.weights.items()) == [("b", 1.0), ("a", 4.0)]
    assert history.opinions.liked == {"a"}


def test_an_undone_like_counts_for_nothing_and_keeps_the_item_where_it_was() -> None:
    history = fold(event(1, "a"), event(2, "a", "like"), event(3, "b"), event(4, "a", "like", undo=True))
    assert list(history.weights.items()) == [("a", 1.0), ("b", 1.0)]


def test_an_item_whose_only_event_was_undone_leaves_the_history() -> None:
    assert not fold(event(1, "a", "save"), event(2, "a", "save", undo=True)).weights


def test_an_item_marked_not_interested_leaves_the_history_until_that_is_undone() -> None:
    rows = [event(1, "a"), event(2, "b"), event(3, "a", "dislike")]
    assert list(fold(*rows).weights) == ["b"]
    assert fold(*rows).opinions.hidden == {"a"}
    assert list(fold(*rows, event(4, "a", "dislike", undo=True)).weights) == ["a", "b"]


def test_only_the_newest_items_are_kept() -> None:
    assert list(fold(*(event(n, f"i{n}") for n in range(9)), length=3).weights) == ["i6", "i7", "i8"]


def test_views_say_nothing_about_taste() -> None:
    assert not fold(event(1, "a", "view")).weights


def test_the_cache_reads_once_until_something_of_the_visitor_was_committed() -> None:
    reads: list[str] = []

    def read(visitor_id: str) -> History:
        reads.append(visitor_id)
        return History({}, Opinions())

    cache = HistoryCache(read, size=8)
    cache.get("ann")
    cache.get("ann")
    cache.get("bob")
    assert reads == ["ann", "bob"]
    cache.forget(["ann"])
    cache.get("ann")
    cache.get("bob")
    assert reads == ["ann", "bob", "ann"]


def test_a_history_read_while_something_was_committed_is_not_kept() -> None:
    cache: HistoryCache

    def read_during_a_commit(visitor_id: str) -> History:
        cache.forget([visitor_id])
        return History({}, Opinions())

    cache = HistoryCache(read_during_a_commit, size=8)
    cache.get("ann")
    assert len(cache) == 0


def test_the_least_recently_used_history_makes_room() -> None:
    cache = HistoryCache(lambda visitor_id: History({}, Opinions()), size=2)
    for visitor_id in ("ann", "bob", "ann", "cy"):
        cache.get(visitor_id)
    assert list(cache._histories) == ["ann", "cy"]
