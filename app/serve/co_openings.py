"""Who opened both: how many visitors turned to two items, so that no page claims what nobody did."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from cachetools import TTLCache

from app.catalog import Catalog
from app.serve.causes import likeness
from app.store import Store
from app.store.interactions import opened_with
from app.values.counted import counted

_KEPT_S = 60.0
_KEPT = 4_096


class CoOpenings:
    """Visitors who turned to both of two items, a minute old at most. Safe between threads."""

    def __init__(self, store: Store, kept_s: float = _KEPT_S) -> None:
        self._store = store
        self._counts: TTLCache[str, Mapping[str, int]] = TTLCache(_KEPT, kept_s)
        self._lock = threading.Lock()

    def both(self, item_id: str, other_id: str, without_self: bool = False) -> int:
        """How many visitors turned to both; without_self: whether the one who asks is among them and left out."""
        with self._lock:
            counts = self._counts.get(item_id)
        if counts is None:
            counts = opened_with(self._store.reader(), item_id)
            with self._lock:
                self._counts[item_id] = counts
        return max(0, counts.get(other_id, 0) - without_self)

    def evidence(self, cause_id: str, item_id: str, catalog: Catalog, without_self: bool = False) -> str:
        """What links an item to the one that led to it: people who opened both, or what they have in common."""
        count = self.both(cause_id, item_id, without_self)
        if count:
            return f"{counted(count, 'other person', 'other people')} opened both"
        one, other = catalog.get(cause_id), catalog.get(item_id)
        alike = likeness(one, other) if one and other else ""
        return f"looks alike: {alike}" if alike else "close by what similar items share"
