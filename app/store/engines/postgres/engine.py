"""PostgreSQL as the engine: any number of processes read, and write one after the other."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.files import make_private_folder
from app.store.engines.connection import Connection
from app.store.engines.faults import EngineError
from app.store.engines.postgres.alone import Alone
from app.store.engines.postgres.connection import PostgresConnection, PostgresReader, Raw
from app.store.engines.postgres.dialect import POSTGRES
from app.store.engines.postgres.driver import psycopg, psycopg_pool
from app.store.engines.postgres.errors import told
from app.store.engines.postgres.links import PostgresLink
from app.store.engines.postgres.locks import TRAINER, WRITER, holders, try_lock
from app.store.engines.postgres.parameters import adapt
from app.store.engines.postgres.rights import JobsRight, RightOfTheLink, TrainersRight
from app.store.engines.schema_check import FIX, refuse_other_schema
from app.store.erasing.tombstones import KEY_FILE, erasure_key
from app.store.errors import NotInitialisedError, StoreError, TrainerElsewhereError, UnreachableError, WriterBusyError
from app.store.schema import schema_changes
from app.store.schema.postgres_forms import BASELINE, BASELINE_OF, FORMS
from app.values.database_address import PostgresAddress

CONNECT_S = 5
"""How long the server may take to answer."""
POOL_S = 2.0
"""How long a thread waits for a connection of the pool, and so a page for an error where there is no server."""
LOCK_WAIT_MS = 5_000
"""How long a group of writes waits for the process that writes before it is given up; who sent it tries again."""
IDLE_MS = 60_000
"""How long a transaction that writes may stand still before the server ends it: nobody writes meanwhile."""

# A compiler for long queries costs short ones more than they take. Days are those of UTC.
_FOR_ALL = "SET TimeZone = 'UTC'; SET jit = off; SET standard_conforming_strings = on;"
_FOR_READERS = (
    f"{_FOR_ALL} SET default_transaction_read_only = on; SET default_transaction_isolation = 'repeatable read'"
)
# What a task asks for has an index. A plan that was made, and kept, while a table was empty or small would read all of
# it for each row, so that filling a database took time by the square of its size.
_FOR_WRITERS = (
    f"{_FOR_ALL} SET enable_seqscan = off; SET synchronous_commit = on; SET lock_timeout = {LOCK_WAIT_MS};"
    f" SET idle_in_transaction_session_timeout = {IDLE_MS};"
    # Whose host vanished loses its locks after 25 s.
    " SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)


class PostgresEngine:
    """The event database at an address of a server."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._pool: psycopg_pool.ConnectionPool[Any] | None = None
        self._guard = threading.Lock()
        self.identity = self.announces_as = secrets.randbits(62)
        self._alone = Alone()

    @property
    def name(self) -> str:
        """The URL without its password."""
        return str(self._address)

    @property
    def file(self) -> None:
        """The server keeps it."""

    @property
    def folder(self) -> Path:
        """Where the key of the tombstones lies."""
        return self._address.folder

    def check(self) -> None:
        """See `Engine`. Raises StoreError when the server cannot be reached."""
        connection = self._connect("checks", _FOR_READERS)
        try:
            applied = _applied(connection)
        finally:
            connection.close()
        if not applied:
            raise NotInitialisedError(f"there is no event database at {self.name}; {FIX}")
        refuse_other_schema(self.name, applied)

    def create(self) -> None:
        """See `Engine`: all changes or none. Raises WriterBusyError while a site runs on the schema of before."""
        make_private_folder(self.folder)
        connection = self.connect_alone(WRITER, WriterBusyError)
        try:
            _check_encoding(connection, self.name)
            POSTGRES.begin(connection)
            applied = _applied(connection)
            if not applied:
                connection.script(BASELINE)
            later = schema_changes()[schema_changes().index(BASELINE_OF) + 1 :]
            for name in [name for name in schema_changes() if name not in applied]:
                if name in later:
                    connection.script(FORMS[name])
                connection.execute("INSERT INTO schema_changes (name) VALUES (?)", [name])
            connection.execute("COMMIT")
        except EngineError as error:
            raise StoreError(f"the schema of {self.name} cannot be made: {error}; nothing was changed") from error
        finally:
            connection.close()

    def open_reader(self) -> PostgresReader:
        """See `Engine`."""
        with self._guard:
            if self._pool is None:
                self._pool = self._open_pool()
            return PostgresReader(self._pool)

    def end_reading(self, connection: Connection) -> None:
        """See `Engine`: a statement under way ends by itself, on the connection that it borrowed."""
        connection.close()

    def close(self) -> None:
        """See `Engine`."""
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def writers(self) -> int:
        """See `Engine`."""
        return len(holders(self.open_reader(), WRITER))

    def take_right(self) -> RightOfTheLink:
        """See `Engine`: the connection that writes holds it, so that nobody can write after losing it."""
        return RightOfTheLink()

    def take_trainers_right(self) -> TrainersRight:
        """See `Engine`; its death frees the right, after 25 s where its host vanished."""
        right = TrainersRight(lambda: self.connect_alone(TRAINER, TrainerElsewhereError))
        right.check()
        return right

    def jobs_right(self) -> JobsRight:
        """See `Engine`; its death frees the right, after half a minute where its host vanished."""
        return JobsRight(lambda: self._connect("keeps", _FOR_READERS))

    def open_link(self, *, beside_others: bool = False) -> PostgresLink:
        """See `Engine`. Raises WriterBusyError when another process writes; its death frees the right.

        Beside others it takes a moment longer, after which none of them takes itself for the only one.
        """
        connection = self.connect_alone(WRITER, WriterBusyError, shared=beside_others)
        self._alone.holds_by(connection, others=beside_others and len(holders(connection, WRITER)) > 1)
        connection.announces_as = self.announces_as = secrets.randbits(62)
        return PostgresLink(connection)

    def is_alone(self) -> bool:
        """See `Engine`."""
        return bool(self._alone)

    def see_who_writes(self) -> None:
        """See `Engine`."""
        asked_at = time.monotonic()
        self._alone.note(asked_at, holders(self.open_reader(), WRITER) == [f"flywheel writes {_host()}:{os.getpid()}"])

    def connect_alone(
        self, lock: int, refusal: Callable[[str, int | None, str | None], StoreError], *, shared: bool = False
    ) -> PostgresConnection:
        """A connection that can write and holds a lock as long as it lives. Raises a refusal that names a holder.

        shared: with others that share it.
        """
        connection = self.connect_writer()
        try:
            if not try_lock(connection, lock, shared=shared):
                host, _, pid = next(iter(holders(connection, lock)), "").rpartition(" ")[2].rpartition(":")
                raise refusal(self.name, int(pid) if pid.isdigit() else None, None if host == _host() else host or None)
        except BaseException:
            connection.close()
            raise
        return connection

    def connect_writer(self) -> PostgresConnection:
        """A connection that can write, whoever has the right to."""
        return self._connect("writes", _FOR_WRITERS)

    def connect_reader(self) -> PostgresConnection:
        """A connection of its own that only reads, for what asks once."""
        return self._connect("reads", _FOR_READERS)

    def _connect(self, what_for: str, settings: str) -> PostgresConnection:
        key = erasure_key(self.folder / KEY_FILE) if what_for == "writes" else b""
        try:
            with told():
                raw: Raw = psycopg.connect(self._address.url, **_options(what_for))
        except EngineError as error:
            raise UnreachableError(
                f"{self.name} cannot be reached: {error}; start its server, or set another database_url"
            ) from error
        _prepare(raw, settings)
        return PostgresConnection(raw, key, self.identity)

    def _open_pool(self) -> psycopg_pool.ConnectionPool[Any]:
        return psycopg_pool.ConnectionPool(
            self._address.url,
            min_size=1,
            max_size=self._address.connections,
            open=True,
            timeout=POOL_S,
            kwargs=_options("reads"),
            configure=lambda raw: _prepare(raw, _FOR_READERS),
            reconnect_timeout=CONNECT_S,
            name="event-readers",
        )


def _options(what_for: str) -> dict[str, Any]:
    return {
        "autocommit": True,
        "connect_timeout": CONNECT_S,
        "application_name": f"flywheel {what_for} {_host()}:{os.getpid()}",
        "cursor_factory": psycopg.RawCursor,
        # A host that vanished is noticed after half a minute instead of two hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 4,
    }


def _host() -> str:
    return socket.gethostname()[:30]


def _prepare(raw: Raw, settings: str) -> None:
    raw.server_cursor_factory = psycopg.RawServerCursor
    adapt(raw)
    with told():
        raw.execute(settings, prepare=False)


def _applied(connection: PostgresConnection) -> set[str]:
    if connection.execute("SELECT to_regclass('schema_changes')").fetchone()[0] is None:
        return set()
    return {row[0] for row in connection.execute("SELECT name FROM schema_changes")}


def _check_encoding(connection: PostgresConnection, name: str) -> None:
    encoding = connection.execute("SHOW server_encoding").fetchone()[0]
    if encoding != "UTF8":
        raise StoreError(f"{name} is encoded in {encoding} and must be in UTF8; make another with CREATE DATABASE")
