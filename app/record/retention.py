"""Keeping to the setting `retention_days`: what is older is deleted, a little at a time, while the site runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog

from app.settings import Settings
from app.store import Store, Writer
from app.store.erasing.expiry import EXPIRING, delete_pairs, delete_rows, expired_pairs, expired_rows, note_expiry

CHUNK = 500
"""Rows a task deletes: a few milliseconds, between which the writer takes others' tasks."""
_DAY_S = 86_400.0
ROUND_S = _DAY_S
"""A round makes models and sums anew, so that there are few; a row is gone within a day of its limit."""
_TIMEOUT_S = 60.0

_log = structlog.get_logger(__name__)


class Retention:
    """Deletes events, quarantined events, slates and what stands of them when it is older than `retention_days`, and
    visitors of whom nothing is left.

    Nothing for 0 days. Safe to stop at any moment: what is left over goes in the next round.
    """

    def __init__(
        self, store: Store, writer: Writer, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        """clock: Unix seconds."""
        self._store = store
        self._writer = writer
        self._days = settings.retention_days
        self._clock = clock
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let a round that is under way end with the chunk that it is at."""
        self._stopping.set()

    def round(self) -> dict[str, int]:
        """Delete everything that is too old; returns rows deleted by table. Nothing when the setting is off."""
        counts = dict.fromkeys(("interactions", *EXPIRING), 0)
        if not self._days:
            return counts
        before = self._clock() - self._days * _DAY_S
        try:
            self._expire_interactions(before, counts)
            for table in EXPIRING:
                self._expire(table, before, counts)
        finally:
            # Also of a round that was cut short: models and sums must not go on with rows that are gone.
            if counts["interactions"] or counts["events"] or counts["slates"]:
                self._writer.run(partial(note_expiry, at=self._clock(), rows=sum(counts.values())), _TIMEOUT_S)
        if any(counts.values()):
            _log.info("expired", **counts)
        return counts

    def _expire_interactions(self, before: float, counts: dict[str, int]) -> None:
        while not self._stopping.is_set():
            pairs = expired_pairs(self._store.reader(), before, CHUNK)
            if not pairs:
                return
            done = self._writer.run(partial(delete_pairs, before=before, pairs=pairs), _TIMEOUT_S)
            counts["interactions"] += done
            if not done:
                return

    def _expire(self, table: str, before: float, counts: dict[str, int]) -> None:
        while not self._stopping.is_set():
            rowids = expired_rows(self._store.reader(), table, before, CHUNK)
            if not rowids:
                return
            done = self._writer.run(partial(delete_rows, table=table, before=before, keys=rowids), _TIMEOUT_S)
            counts[table] += done
            if not done:  # somebody came back meanwhile
                return
