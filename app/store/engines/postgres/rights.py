"""Rights that one process has at a time, or some: each ends with the connection that holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from app.store.engines.faults import EngineError
from app.store.engines.postgres.connection import PostgresConnection
from app.store.engines.postgres.locks import JOBS
from app.store.errors import StoreError


class RightOfTheLink:
    """The right to write, which ends with the connection that writes."""

    def release(self) -> None:
        """The connection is closed; nothing else is to be done."""


class TrainersRight:
    """The right to train, held by a connection of its own."""

    def __init__(self, connect: Callable[[], PostgresConnection]) -> None:
        """connect: gives a connection that holds the right. Raises TrainerElsewhereError when another has it."""
        self._connect = connect
        self._connection: PostgresConnection | None = None

    def check(self) -> None:
        """Take it again where it was lost with its connection. Raises TrainerElsewhereError when another has it now."""
        if self._connection is not None:
            try:
                self._connection.execute("SELECT 1")
                return
            except EngineError:
                self.release()
        self._connection = self._connect()

    def release(self) -> None:
        """Let go of it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class JobsRight:
    """The right to do what must be done once, whichever process does it. Safe between threads."""

    def __init__(self, connect: Callable[[], PostgresConnection]) -> None:
        """connect: gives a connection that only reads."""
        self._connect = connect
        self._connection: PostgresConnection | None = None
        self._has = False
        self._guard = threading.Lock()

    def held(self) -> bool:
        """Whether this process has the right, which it takes where nobody has it."""
        with self._guard:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                if self._has:
                    self._connection.execute("SELECT 1")  # the right went where the connection did
                else:
                    self._has = bool(self._connection.execute("SELECT pg_try_advisory_lock(?)", [JOBS]).fetchone()[0])
            except (EngineError, StoreError):
                self._close()
            return self._has

    def release(self) -> None:
        """Let another process have it."""
        with self._guard:
            self._close()

    def _close(self) -> None:
        connection, had, self._connection, self._has = self._connection, self._has, None, False
        if connection is None:
            return
        if had:  # the server notices the end of a connection a moment later, and another process asks now
            with suppress(EngineError, StoreError):
                connection.execute("SELECT pg_advisory_unlock(?)", [JOBS])
        connection.close()
