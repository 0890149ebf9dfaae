"""Taking up what other processes committed, before a request is answered and again and again beside them.

Whoever asks knows all that was acknowledged before: the question goes to the database, so that nothing that gets lost
on the way (a notice, a connection) leaves anything stale. It costs one read by a primary key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

import structlog

from app.catalog import CatalogHolder
from app.serve.serve import Serve
from app.store import READ_ERRORS, Store
from app.store.merges import merged_into
from app.store.several.changes import (
    ACTS,
    ERASURE,
    ITEMS,
    KEPT_S,
    MERGE,
    RULES,
    VIEWS,
    VISITOR,
    WAITS,
    Change,
    changes_since,
    last_change,
)
from app.store.visitors import get_visitor

POLL_S = 0.25
"""How often a process looks beside its requests."""
MOST = 5_000
"""Changes that are taken up one by one; beyond, all that is held of visitors is forgotten, which costs less."""
_RETRY_S = 1.0

Forget = Callable[[Collection[str] | None], None]
"""Drops what is held of some visitors, or of all for None."""

_log = structlog.get_logger(__name__)


class ChangeFollower:
    """Follows what other processes of one site change. Safe between threads."""

    def __init__(
        self,
        store: Store,
        serve: Serve,
        catalogs: CatalogHolder,
        number: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """number: the newest change from before anything was read. clock: seconds that only go forward."""
        self._store, self._serve, self._catalogs, self._clock = store, serve, catalogs, clock
        self._forgetters: list[Forget] = []
        self._lock = threading.Lock()
        self._rounds = 0
        self._failed_at = -_RETRY_S
        self._looked_at = clock()
        self._number = number
        self._announces_as = store.engine.announces_as

    def tell(self, forget: Forget) -> None:
        """Call `forget` with visitors whose rows are others now."""
        self._forgetters.append(forget)

    @property
    def alone(self) -> bool:
        """Whether no other process writes, so that there is nothing to take up and nobody to wait for."""
        return self._store.engine.is_alone()

    def look_around(self) -> None:
        """Take up what there is, and see whether others write."""
        self.catch_up()
        self._store.engine.see_who_writes()

    def catch_up(self) -> None:
        """Take up all that was committed before this call. Raises what a read may raise."""
        rounds = self._rounds
        with self._lock:
            if self._rounds > rounds:
                return  # a round that began after this call has ended
            self._rounds += 1
            self._look()

    def catch_up_if_possible(self) -> None:
        """The same for a request. While the database does not answer nobody can write: pages show what they hold."""
        if self.alone or self._clock() - self._failed_at < _RETRY_S:
            return
        try:
            self.catch_up()
        except READ_ERRORS as error:
            self._failed_at = self._clock()
            _log.warning("changes_not_read", reason=str(error))

    def _look(self) -> None:
        conn, now = self._store.reader(), self._clock()
        newest = last_change(conn) if now - self._looked_at > KEPT_S / 2 else None
        announces_as = self._store.engine.announces_as
        changes = changes_since(conn, self._number, announces_as, MOST)
        if newest is not None or len(changes) == MOST or announces_as != self._announces_as:
            self._number, self._announces_as = newest or last_change(conn), announces_as
            self._catalogs.refresh()
            self._serve.rules.refresh()
            self._forget_everybody()
        elif changes:
            self._apply([change for change in changes if not change.own])
            self._number = changes[-1].number
        self._looked_at = now

    def _apply(self, changes: Collection[Change]) -> None:
        by_what: dict[str, set[str]] = {}
        for change in changes:
            by_what.setdefault(change.what, set()).add(change.name)
        if ERASURE in by_what:
            self._forget_everybody()
        if ITEMS in by_what:
            self._catalogs.refresh()
        if RULES in by_what:
            self._serve.rules.refresh()
        if acted := by_what.get(ACTS):
            self._serve.acted_elsewhere(acted)
        if seen := by_what.get(VIEWS):
            self._serve.seen_elsewhere(seen)
        if waits := by_what.get(WAITS):
            self._serve.waits_elsewhere(waits)
        for merged_id in by_what.get(MERGE, ()):
            self._merge(merged_id)
        if changed := by_what.get(VISITOR):
            self._forget(changed)

    def _merge(self, merged_id: str) -> None:
        conn = self._store.reader()
        known_as = merged_into(conn, merged_id)
        visitor = None if known_as is None else get_visitor(conn, known_as)
        if visitor is not None:  # else they were erased since, which is told as well
            self._serve.merge(merged_id, visitor)
            self._forget([merged_id, visitor.visitor_id])

    def _forget_everybody(self) -> None:
        self._serve.forget_everybody()
        self._forget(None)

    def _forget(self, visitor_ids: Collection[str] | None) -> None:
        for forget in self._forgetters:
            forget(visitor_ids)
