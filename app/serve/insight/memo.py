"""What was worked out for a visitor, kept for as long as their history is the one that it was worked out for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from cachetools import LRUCache

from app.visitors import History

Value = TypeVar("Value")
_KEPT = 20_000


class HistoryMemo(Generic[Value]):
    """One value a visitor, those longest unused dropped first. Safe between threads: at worst a value is made twice.

    A history that is read anew is another one, even where it says the same; see `HistoryCache`.
    """

    def __init__(self, size: int = _KEPT) -> None:
        self._known: LRUCache[str, tuple[History, int | None, Value]] = LRUCache(size)
        self._lock = threading.Lock()

    def get(self, visitor_id: str, history: History, version: int | None, make: Callable[[], Value]) -> Value:
        """The value for this history and model version; made when there is none for both."""
        with self._lock:
            known = self._known.get(visitor_id)
        if known is not None and known[0] is history and known[1] == version:
            return known[2]
        value = make()
        with self._lock:
            self._known[visitor_id] = history, version, value
        return value

    def forget(self, visitor_id: str) -> None:
        """Drop what is known of a visitor who was erased."""
        with self._lock:
            self._known.pop(visitor_id, None)

    def forget_some(self, visitor_ids: Collection[str] | None) -> None:
        """Drop what is known of some visitors, of everybody for None."""
        if visitor_ids is None:
            with self._lock:
                self._known.clear()
            return
        for visitor_id in visitor_ids:
            self.forget(visitor_id)
