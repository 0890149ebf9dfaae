"""What the wild cards of a visit are drawn from: fixed when the visit begins, so that no click in it moves them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from cachetools import LRUCache

from app.catalog import Catalog
from app.serve.kept.left_out import LeftOut
from app.values.rule import Rule

_KEPT = 2_000
"""Visits under way at once. What is dropped is ranked anew when it is asked for, and comes out the same."""


class PoolOf(NamedTuple):
    """What a pool follows from. visit: see `History.visit`. start: what stood when the visit began, newest last.
    wishes: what the visitor asked to see more or less of. model_version: None without a published one. end: the last
    place of its ranking that the pool goes to. left_out: what is not to be on the page. boosts: rules that the ranking
    follows.
    """

    visit: float
    start: Mapping[str, float]
    wishes: Mapping[str, int]
    model_version: int | None
    end: int
    left_out: LeftOut
    boosts: tuple[Rule, ...]


class VisitPools:
    """The pools of the newest visits, least recently used dropped first; safe between threads. Nothing is held of
    another catalog than the newest, so that no pool has what that does not show.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._pools: LRUCache[str, tuple[PoolOf, Sequence[str]]] = LRUCache(kept)
        self._catalog: Catalog | None = None
        self._forgotten = 0
        self._lock = threading.Lock()

    def of(
        self,
        visitor_id: str,
        key: PoolOf,
        catalog: Catalog,
        make: Callable[[], Sequence[str]],
        is_current: Callable[[], bool] = lambda: True,
    ) -> Sequence[str]:
        """The ids of the visitor's pool, made of this catalog where none is held that follows from the same.

        is_current: whether the history that it follows from still is the visitor's.
        """
        with self._lock:
            if self._catalog is not catalog:
                self._catalog = catalog
                self._pools.clear()
            held = self._pools.get(visitor_id)
            if held is not None and held[0] == key:
                return held[1]
            forgotten_before = self._forgotten
        made = make()
        with self._lock:
            if forgotten_before == self._forgotten and self._catalog is catalog:
                self._pools[visitor_id] = key, made
        if not is_current():  # forgotten since the page was begun, perhaps for good
            self.forget([visitor_id])
        return made

    def forget(self, visitor_ids: Collection[str]) -> None:
        """Drop what is held of visitors who were erased."""
        with self._lock:
            self._forgotten += 1
            for visitor_id in visitor_ids:
                self._pools.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop what is held of everybody."""
        with self._lock:
            self._forgotten += 1
            self._pools.clear()
