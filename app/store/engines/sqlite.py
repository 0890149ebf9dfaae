"""SQLite as the engine: one file, one process that writes it, and its log beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database as SqliteDatabase

from app.files import is_locked, make_private_folder
from app.store.connections import connect_reader, connect_writer
from app.store.earlier_events import has_earlier_events
from app.store.engines.connection import Connection
from app.store.engines.schema_check import FIX, refuse_other_schema
from app.store.errors import NotInitialisedError
from app.store.schema import migrations
from app.store.writing.group import GroupCommit
from app.store.writing.lock import WriterLock, refuse_half_restored, writer_lock_file
from app.store.writing.wal import WriteAheadLog


class SqliteEngine:
    """The event database in the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._path)

    @property
    def file(self) -> Path:
        """Its path."""
        return self._path

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return self._path.parent

    def check(self) -> None:
        """See `Engine`."""
        refuse_half_restored(self._path)
        if not self._path.is_file():
            raise NotInitialisedError(f"there is no event database at {self._path}; {FIX}")
        try:
            connection = connect_reader(self._path)
            try:
                db = SqliteDatabase(connection, recursive_triggers=False, execute_plugins=False)
                applied = {migration.name for migration in migrations.applied(db)}
                waits = has_earlier_events(connection)
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            raise NotInitialisedError(f"{self._path} cannot be read as an event database: {error}") from error
        refuse_other_schema(self.name, applied)
        if waits:
            raise NotInitialisedError(f"{self._path} has events that are not folded into interactions yet; {FIX}")

    def create(self) -> None:
        """See `Engine`."""
        make_private_folder(self._path.parent)
        with self.exclusive() as db:
            migrations.apply(db)

    def open_reader(self) -> sqlite3.Connection:
        """See `Engine`."""
        return connect_reader(self._path)

    def end_reading(self, connection: Connection) -> None:
        """See `Engine`: SQLite ends the process that closes a connection beneath a statement, so that this one is
        closed with the last who holds it.
        """
        assert isinstance(connection, sqlite3.Connection)
        connection.interrupt()

    def close(self) -> None:
        """See `Engine`: readers share nothing."""

    @property
    def identity(self) -> int:
        """See `Engine`: there are no others."""
        return 0

    @property
    def announces_as(self) -> int:
        """See `Engine`: nothing is announced."""
        return 0

    def writers(self) -> int:
        """See `Engine`."""
        return int(is_locked(writer_lock_file(self._path)))

    def is_alone(self) -> bool:
        """See `Engine`: always."""
        return True

    def see_who_writes(self) -> None:
        """See `Engine`: nobody else."""

    def take_right(self) -> WriterLock:
        """See `Engine`: one process at a time."""
        return WriterLock(self._path)

    def take_trainers_right(self) -> FilesRight:
        """See `Engine`: a lock in the folder of the file keeps a second trainer out (`app.models.locks`)."""
        return FilesRight()

    def jobs_right(self) -> FilesRight:
        """See `Engine`: who writes is the only one."""
        return FilesRight()

    def open_link(self, *, beside_others: bool = False) -> SqliteLink:
        """See `Engine`: there are no others."""
        return SqliteLink(self._path)

    @contextmanager
    def exclusive(self) -> Iterator[SqliteDatabase]:
        """See `Engine`; checkpointed at the end."""
        lock = self.take_right()
        try:
            connection = connect_writer(self._path)
            try:
                yield SqliteDatabase(connection, execute_plugins=False)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()
        finally:
            lock.release()


class FilesRight:
    """The right of a trainer whose data and lock are on one machine, or of the one web process."""

    def held(self) -> bool:
        """It cannot be another's."""
        return True

    def check(self) -> None:
        """It cannot be lost."""

    def release(self) -> None:
        """Nothing to do."""


class SqliteLink:
    """The one connection that writes, and what works on it."""

    def __init__(self, path: Path) -> None:
        self._connection = connect_writer(path)
        self.log = WriteAheadLog(path, self._connection)
        self.db = SqliteDatabase(self._connection, execute_plugins=False)
        self.group = GroupCommit(self.db)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
