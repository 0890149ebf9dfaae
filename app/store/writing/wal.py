"""Keeping the write-ahead log short: only the writer's connection checkpoints."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import structlog

from app.store.connections import WRITER_BUSY_MS

WAL_LIMIT_BYTES = 16 * 1024 * 1024

# How long a checkpoint waits for readers: long when somebody waits for it, hardly when it only keeps the log short.
ASKED_PATIENCE_MS = 1000
BOUND_PATIENCE_MS = 50

_log = structlog.get_logger(__name__)


class WriteAheadLog:
    """The log beside `database`, emptied through `connection`, which must be the writer's."""

    def __init__(self, database: Path, connection: sqlite3.Connection) -> None:
        self._path = str(database.with_name(database.name + "-wal"))  # a Path's stat costs several times this one's
        self._connection = connection
        self._limit = WAL_LIMIT_BYTES

    @property
    def size(self) -> int:
        """Bytes in the log; 0 when there is none."""
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            return 0

    def bound(self) -> None:
        """Start the log over when it is long: automatic checkpoints cannot while readers overlap without a gap.

        When a long read stands in the way, try again only after as much growth once more, so that writes do not wait.
        """
        size = self.size
        if size > self._limit:
            self._limit = WAL_LIMIT_BYTES + (0 if self.empty(BOUND_PATIENCE_MS) else size)

    def empty(self, patience_ms: int) -> bool:
        """Move the log into the database, waiting at most `patience_ms` for readers; whether it is empty now."""
        if self.size == 0:
            return True
        try:
            self._connection.execute(f"PRAGMA busy_timeout = {patience_ms}").fetchall()
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            _log.warning("checkpoint_failed", exc_info=True)
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {WRITER_BUSY_MS}").fetchall()
        return not busy
