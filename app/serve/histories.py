"""Histories of visitors, in memory: read once from the database, forgotten as soon as the visitor does something."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from cachetools import LRUCache

from app.settings import Settings
from app.store import Store
from app.store.interactions import visitor_interactions
from app.store.wishes import wishes_of
from app.visitors import History
from app.visitors.history import history_of


def read_history(store: Store, settings: Settings, visitor_id: str) -> History:
    """What stands of a visitor now, with what they asked to see more or less of."""
    reader = store.reader()
    rows, wishes = visitor_interactions(reader, visitor_id), wishes_of(reader, visitor_id)
    found = history_of(rows, settings.kind_weights(), settings.history_length)
    return replace(found, wishes={wish.trait: wish.level for wish in wishes if wish.level}) if wishes else found


class HistoryCache:
    """The newest histories, least recently used dropped first; safe between threads."""

    def __init__(self, read: Callable[[str], History], size: int) -> None:
        self._read = read
        self._histories: LRUCache[str, History] = LRUCache(size)
        self._forgotten = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._histories)

    def get(self, visitor_id: str) -> History:
        """The visitor's history as of the last commit."""
        with self._lock:
            cached = self._histories.get(visitor_id)
            if cached is not None:
                return cached
            forgotten_before = self._forgotten
        history = self._read(visitor_id)
        with self._lock:
            # A commit during the read may have made what was read stale: hand it out once, but do not keep it.
            if forgotten_before == self._forgotten:
                self._histories[visitor_id] = history
        return history

    def holds(self, visitor_id: str, history: History) -> bool:
        """Whether the visitor's history is this very one."""
        with self._lock:
            return self._histories.get(visitor_id) is history

    def forget(self, visitor_ids: Iterable[str]) -> None:
        """Drop these visitors' histories, because something of theirs was committed or erased."""
        with self._lock:
            self._forgotten += 1
            for visitor_id in visitor_ids:
                self._histories.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop every history."""
        with self._lock:
            self._forgotten += 1
            self._histories.clear()
