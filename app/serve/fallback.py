"""Item-to-item neighbours for the time when no ALS model is usable: built from recent clicks, rebuilt now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from app.store import Store
from app.store.events import events_since, last_seq
from app.store.exclusions import excluded_visitors
from recommender import Interactions, ItemToItemModel

RECENT_EVENTS = 50_000
_REBUILD_AFTER_S = 30.0


class ItemToItemFallback:
    """The second link of the chain. None until there are clicks to learn neighbours from."""

    def __init__(
        self, store: Store, kind_weights: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._kind_weights = dict(kind_weights)
        self._clock = clock
        self._model: ItemToItemModel | None = None
        self._built_at: float | None = None
        self._lock = threading.Lock()

    def model(self) -> ItemToItemModel | None:
        """Neighbours from the newest clicks, at most half a minute old."""
        with self._lock:
            if self._built_at is None or self._clock() - self._built_at > _REBUILD_AFTER_S:
                self._model = self._build()
                self._built_at = self._clock()
            return self._model

    def _build(self) -> ItemToItemModel | None:
        reader = self._store.reader()
        excluded = excluded_visitors(reader)
        newest = events_since(reader, max(0, last_seq(reader) - RECENT_EVENTS), RECENT_EVENTS)
        rows = [
            (event.visitor_id, event.item_id, self._kind_weights[event.kind])
            for event in newest
            if event.kind in self._kind_weights
            and not event.undo
            and not event.jury
            and event.visitor_id not in excluded
        ]
        return ItemToItemModel.from_interactions(Interactions.from_rows(rows)) if rows else None
