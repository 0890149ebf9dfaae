"""The event database: made once, read by many threads, written by one."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from app.files import make_private_folder
from app.store.connections import connect_reader, connect_writer
from app.store.earlier_events import has_earlier_events
from app.store.errors import NotInitialisedError, StoreClosedError
from app.store.schema import migrations, schema_changes
from app.store.writing.lock import WriterLock, refuse_half_restored
from app.store.writing.writer import Writer


class Store:
    """The read side of the event database at `path`, and the door to its one writer.

    Making a Store opens nothing, so that a command can make one before the database exists.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._local = threading.local()
        self._guard = threading.Lock()
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._checked = False
        self._closed = False

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make the database, or bring its schema up to date; a database that is up to date is left alone.

        Events of a database from before there were interactions wait for `app.record.backfill`.
        Raises WriterBusyError when the schema must change while another process writes.
        """
        store = cls(path)
        if store.initialised():
            return store
        make_private_folder(store.path.parent)
        with cls.exclusive(path) as db:
            migrations.apply(db)
        return store

    @staticmethod
    @contextmanager
    def exclusive(path: Path) -> Iterator[Database]:
        """The database at `path`, for a change of its schema that nobody may meet half-way; checkpointed at the end.

        Raises WriterBusyError while another process writes.
        """
        lock = WriterLock(path)
        try:
            connection = connect_writer(path)
            try:
                yield Database(connection, execute_plugins=False)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()
        finally:
            lock.release()

    def initialised(self) -> bool:
        """Whether the database is there with the schema of this code."""
        try:
            self._check()
        except NotInitialisedError:
            return False
        return True

    def reader(self) -> sqlite3.Connection:
        """This thread's read-only connection; rows are sqlite3.Row. Do not close it: the store does.

        Raises NotInitialisedError when there is no database yet or its schema is old.
        """
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and not self._closed:
            return connection
        if self._closed:
            raise StoreClosedError(self.path)
        self._check()
        with self._guard:
            if self._closed:
                raise StoreClosedError(self.path)
            # Threads end without telling; their connections would otherwise stay open as long as the store.
            for thread in [thread for thread in self._readers if not thread.is_alive()]:
                self._readers.pop(thread).close()
            connection = connect_reader(self.path)
            self._readers[threading.current_thread()] = connection
        self._local.connection = connection
        return connection

    def open_writer(self, queue_size: int = 2000, group_commit_ms: float = 2.0, *, patient: bool = False) -> Writer:
        """Start the one thread that writes; close it when done.

        queue_size: writes that may wait. group_commit_ms: how long the thread gathers writes into one commit.
        patient: begin although another process writes or the database cannot be opened for writing, and try again until
        it can; writes fail meanwhile.
        Raises WriterBusyError when another process writes, NotInitialisedError when there is no database yet.
        """
        self._check()
        return Writer(self.path, queue_size=queue_size, group_commit_ms=group_commit_ms, patient=patient)

    def close(self) -> None:
        """Close every reader. Call it when no thread reads any more; a second call does nothing."""
        with self._guard:
            self._closed = True
            for connection in self._readers.values():
                connection.close()
            self._readers.clear()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self) -> None:
        if self._checked:
            return
        refuse_half_restored(self.path)
        fix = "run `flask init-db`"
        if not self.path.is_file():
            raise NotInitialisedError(f"there is no event database at {self.path}; {fix}")
        try:
            connection = connect_reader(self.path)
            try:
                db = Database(connection, recursive_triggers=False, execute_plugins=False)
                applied = {migration.name for migration in migrations.applied(db)}
                pending = migrations.pending(db)
                waits = has_earlier_events(connection)
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            raise NotInitialisedError(f"{self.path} cannot be read as an event database: {error}") from error
        if pending:
            raise NotInitialisedError(f"{self.path} lacks the schema change {pending[0].name}; {fix}")
        if waits:
            raise NotInitialisedError(f"{self.path} has events that are not folded into interactions yet; {fix}")
        unknown = sorted(applied.difference(schema_changes()))
        if unknown:
            raise NotInitialisedError(
                f"{self.path} has the schema change {unknown[0]}, which this code does not know; use newer code"
            )
        self._checked = True
