"""A history that a page is made from is never older than its visitor's last commit."""

from __future__ import annotations

from app.serve.histories import HistoryCache
from app.visitors import History, Opinions


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
