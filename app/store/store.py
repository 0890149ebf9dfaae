"""The event database: made once, read by many threads, written by one."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database as SqliteDatabase

from app.store.engines import Connection, Engine
from app.store.engines.choosing import engine_at
from app.store.engines.sqlite import SqliteEngine
from app.store.errors import NotInitialisedError, StoreClosedError
from app.store.writing.writer import Writer
from app.values.database_address import Address


class Store:
    """The read side of the event database at an address, and the door to its one writer.

    Making a Store opens nothing, so that a command can make one before the database exists.
    """

    def __init__(self, address: Address) -> None:
        """address: the path of a file for SQLite, or a `PostgresAddress`."""
        self.engine: Engine = engine_at(address)
        self._local = threading.local()
        self._guard = threading.Lock()
        self._readers: dict[threading.Thread, Connection] = {}
        self._checked = False
        self._closed = False

    @classmethod
    def create(cls, address: Address) -> Store:
        """Make the database, or bring its schema up to date; a database that is up to date is left alone.

        Events of a database from before there were interactions wait for `app.record.backfill`.
        Raises WriterBusyError when the schema must change while another process writes.
        """
        store = cls(address)
        if not store.initialised():
            store.engine.create()
        return store

    @staticmethod
    def exclusive(path: Path) -> AbstractContextManager[SqliteDatabase]:
        """The SQLite database at `path`, for a change of its schema that nobody may meet half-way; checkpointed at the
        end.

        Raises WriterBusyError while another process writes.
        """
        return SqliteEngine(path).exclusive()

    @property
    def name(self) -> str:
        """How messages name the database."""
        return self.engine.name

    def initialised(self) -> bool:
        """Whether the database is there with the schema of this code."""
        try:
            self._check()
        except NotInitialisedError:
            return False
        return True

    def reader(self) -> Connection:
        """This thread's read-only connection; a row is read by place and by name. Do not close it: the store does.

        Raises NotInitialisedError when there is no database yet or its schema is old.
        """
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and not self._closed:
            return connection
        if self._closed:
            raise StoreClosedError(self.name)
        self._check()
        with self._guard:
            if self._closed:
                raise StoreClosedError(self.name)
            # Threads end without telling; their connections would otherwise stay open as long as the store.
            for thread in [thread for thread in self._readers if not thread.is_alive()]:
                self._readers.pop(thread).close()
            connection = self.engine.open_reader()
            self._readers[threading.current_thread()] = connection
        self._local.connection = connection
        return connection

    def open_writer(
        self,
        queue_size: int = 2000,
        group_commit_ms: float = 2.0,
        *,
        patient: bool = False,
        beside_others: bool = False,
    ) -> Writer:
        """Start the one thread that writes; close it when done.

        queue_size: writes that may wait. group_commit_ms: how long the thread gathers writes into one commit.
        patient: begin although another process writes or the database cannot be opened for writing, and try again until
        it can; writes fail meanwhile. beside_others: for a web process, which tells others what it changes, and does as
        others tell it; see `Engine.open_link`.
        Raises WriterBusyError when another process writes, NotInitialisedError when there is no database yet.
        """
        self._check()
        return Writer(
            self.engine,
            queue_size=queue_size,
            group_commit_ms=group_commit_ms,
            patient=patient,
            beside_others=beside_others,
        )

    def close(self) -> None:
        """Close every reader; a second call does nothing. A thread that is still reading gets an error of the database:
        a job that took too long must not have its file closed beneath it.
        """
        with self._guard:
            self._closed = True
            for thread, connection in self._readers.items():
                if thread is threading.current_thread() or not thread.is_alive():
                    connection.close()
                else:
                    self.engine.end_reading(connection)
            self._readers.clear()
            self.engine.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self) -> None:
        if not self._checked:
            self.engine.check()
            self._checked = True
