"""What says of one visitor's entries why they are shown, kept until their history, the model or the catalog changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from cachetools import LRUCache

from app.catalog import Catalog
from app.serve.reasons import Reasons
from app.values.item import Item
from app.visitors import History
from recommender import FactorModel, ItemToItemModel

_KEPT = 500
"""Visitors; of each the equations of a history and what was said of a page or two, some 50 KiB."""


class KeptReasons:
    """`Reasons` of the newest visitors of one model and catalog, least recently used dropped first; safe between
    threads. Those of another model or catalog are not held, so that neither outlives its use.
    """

    def __init__(self, is_current: Callable[[str, History], bool], size: int = _KEPT) -> None:
        """is_current: whether a visitor's history is still this one."""
        self._is_current = is_current
        self._made_for: tuple[FactorModel, Catalog] | None = None
        self._kept: LRUCache[str, tuple[History, Reasons]] = LRUCache(size)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(
        self,
        visitor_id: str,
        history: History,
        model: FactorModel | ItemToItemModel | None,
        catalog: Catalog,
        wish: Callable[[str], float] | None,
        standing: Callable[[Item], str],
    ) -> Reasons:
        """The visitor's, made where none is held of this very history, model and catalog. See `Reasons`; those with
        wishes follow from a ranking and are not held.
        """
        if wish is not None or not isinstance(model, FactorModel):
            return Reasons(history, model, catalog, wish, standing)
        with self._lock:
            if self._made_for is None or self._made_for[0] is not model or self._made_for[1] is not catalog:
                self._made_for = model, catalog
                self._kept.clear()
            held = self._kept.get(visitor_id)
            if held is not None and held[0] is history:
                return held[1]
            made = Reasons(history, model, catalog, wish, standing)
            self._kept[visitor_id] = history, made
        if not self._is_current(visitor_id, history):  # forgotten meanwhile, perhaps for good
            self.forget([visitor_id])
        return made

    def forget(self, visitor_ids: Collection[str]) -> None:
        """Drop what is held of some visitors."""
        with self._lock:
            for visitor_id in visitor_ids:
                self._kept.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop what is held of everybody."""
        with self._lock:
            self._kept.clear()
