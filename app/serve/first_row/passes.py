"""Counts of what visitors had on screen, in memory: read once from the database, then kept up with each impression."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence

from cachetools import LRUCache

from app.store import Store
from app.store.events import EventRow
from app.store.passes import views_of
from app.visitors.passes import REMEMBERED_S, Passes, passes_of


class PassCounts:
    """Counts of the newest `size` visitors, least recently used dropped first; safe between threads."""

    def __init__(self, store: Store, size: int) -> None:
        self._store = store
        self._of: LRUCache[str, Passes] = LRUCache(size)
        self._changes = 0
        self._lock = threading.Lock()

    def of(self, visitor_id: str, now: float) -> Mapping[str, int]:
        """On how many slates each item was on the visitor's screen lately. now: Unix seconds."""
        with self._lock:
            known = self._of.get(visitor_id)
            if known is not None:
                return dict(known.counts)
            changes_before = self._changes
        read = passes_of(views_of(self._store.reader(), visitor_id, now - REMEMBERED_S, now + REMEMBERED_S))
        with self._lock:
            # What was committed during the read may be missing in it: hand it out once, but do not keep it.
            if changes_before == self._changes:
                self._of[visitor_id] = read
            return dict(read.counts)

    def seen_often(self, visitor_id: str, times: int, now: float) -> list[str]:
        """Items that were on the visitor's screen so many times or more."""
        return [item_id for item_id, count in self.of(visitor_id, now).items() if count >= times]

    def add(self, rows: Sequence[EventRow]) -> None:
        """Take up impressions that were committed."""
        views = [row for row in rows if row.kind == "view"]
        if not views:
            return
        with self._lock:
            self._changes += 1
            for row in views:
                passes = self._of.get(row.visitor_id)
                if passes is not None:
                    passes.add(row.item_id, row.slate_id, row.undo)

    def forget(self, visitor_ids: Collection[str]) -> None:
        """Drop what is held of visitors who were erased."""
        with self._lock:
            self._changes += 1
            for visitor_id in visitor_ids:
                self._of.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop what is held of everybody."""
        with self._lock:
            self._changes += 1
            self._of.clear()
