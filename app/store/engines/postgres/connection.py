"""A connection to PostgreSQL with the face of the store's, and readers that share a pool of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count
from typing import Any

from app.store.engines.connection import Values
from app.store.engines.faults import Cause, EngineError
from app.store.engines.postgres.dialect import POSTGRES
from app.store.engines.postgres.driver import psycopg, psycopg_pool
from app.store.engines.postgres.errors import told
from app.store.engines.postgres.parameters import bound
from app.store.engines.postgres.rows import named_rows

Raw = psycopg.Connection[Any]

_FETCHED_AT_ONCE = 5_000
"""Rows that a server's cursor sends at once, where there may be millions."""
_NUMBERS = count()
_OPEN = (psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR)


class PostgresCursor:
    """What a statement gave; all of it is here, so that the connection is free."""

    def __init__(self, raw: psycopg.Cursor[Any]) -> None:
        self._raw = raw
        self.rowcount = raw.rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def fetchone(self) -> Any:
        """The next row, None after the last."""
        with told():
            return None if self._raw.description is None else self._raw.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        with told():
            return [] if self._raw.description is None else self._raw.fetchall()


def run(raw: Raw, sql: str, values: Values) -> PostgresCursor:
    """Run one statement that has SQLite's marks."""
    statement, parameters = bound(sql, values)
    with told():
        cursor = raw.cursor(row_factory=named_rows)
        return PostgresCursor(cursor.execute(statement, parameters or None))


class PostgresConnection:
    """The connection of a writer, in no transaction unless one was begun."""

    dialect = POSTGRES

    def __init__(self, raw: Raw, erasure_key: bytes, announces_as: int) -> None:
        """announces_as: see `Engine`."""
        self._raw = raw
        self.erasure_key = erasure_key
        self.announces_as = announces_as
        self.announced: dict[tuple[str, str], None] = {}

    @property
    def socket(self) -> int | None:
        """The descriptor by which it reaches the server, None once it is closed."""
        return None if self._raw.closed else self._raw.fileno()

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and has not ended."""
        return not self._raw.closed and self._raw.info.transaction_status in _OPEN

    def execute(self, sql: str, parameters: Values = (), /) -> PostgresCursor:
        """Run one statement."""
        return run(self._raw, sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Values], /) -> PostgresCursor:
        """Run one statement for each of many values."""
        many = [bound(sql, values) for values in parameters]
        with told():
            cursor = self._raw.cursor()
            if many:
                cursor.executemany(many[0][0], [values for _, values in many])
            return PostgresCursor(cursor) if many else _NOTHING

    def script(self, sql: str) -> None:
        """Run several statements without values."""
        with told():
            self._raw.execute(sql, prepare=False)

    def stream(self, sql: str, values: Values) -> Iterator[Any]:
        """Rows as plain tuples; here they are read at once, as what a transaction reads is small."""
        statement, parameters = bound(sql, values)
        with told():
            yield from self._raw.cursor().execute(statement, parameters or None).fetchall()

    def snapshot(self) -> AbstractContextManager[None]:
        """What a transaction reads under the lock of writers is of one moment as it is."""
        return nullcontext()

    def close(self) -> None:
        """Close it; a second call does nothing."""
        with told():
            self._raw.close()


class _Nothing:
    """The cursor of a statement that was run for no values."""

    rowcount = 0
    description = None


_NOTHING = PostgresCursor(_Nothing())  # type: ignore[arg-type]


class PostgresReader:
    """What one thread reads by: every statement borrows a connection, a snapshot keeps one to its end."""

    dialect = POSTGRES

    def __init__(self, pool: psycopg_pool.ConnectionPool[Any]) -> None:
        self._pool = pool
        self._kept: Raw | None = None
        self._closed = False

    @property
    def in_transaction(self) -> bool:
        """Whether a snapshot is kept."""
        return self._kept is not None

    def execute(self, sql: str, parameters: Values = (), /) -> PostgresCursor:
        """Run one statement, by another connection where the server had ended the one that lay in the pool."""
        if self._kept is not None:
            return run(self._kept, sql, parameters)
        with self._answered(sql, parameters) as (_, cursor):
            return cursor

    def executemany(self, sql: str, parameters: Iterable[Values], /) -> PostgresCursor:
        """Readers write nothing."""
        raise EngineError("a reader cannot write; give the task to the writer")

    def stream(self, sql: str, values: Values) -> Iterator[Any]:
        """Rows as plain tuples, a few thousand at once: there may be millions."""
        with self.snapshot() if self._kept is None else nullcontext():
            assert self._kept is not None
            statement, parameters = bound(sql, values)
            with told(), self._kept.cursor(name=f"rows_{next(_NUMBERS)}") as cursor:
                cursor.itersize = _FETCHED_AT_ONCE
                cursor.execute(statement, parameters or None)
                yield from cursor

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read within the block is of one moment."""
        if self._kept is not None:
            yield
            return
        with self._answered("BEGIN", ()) as (raw, _):
            self._kept = raw
            try:
                yield
            finally:
                self._kept = None
                run(raw, "ROLLBACK", ())

    def close(self) -> None:
        """Read no more; the pool is closed by who opened it."""
        self._closed = True

    @contextmanager
    def _answered(self, sql: str, values: Values) -> Iterator[tuple[Raw, PostgresCursor]]:
        """A connection and what it answered first; a server that restarts ends those of the pool one after another."""
        for tries_left in reversed(range(self._pool.max_size + 1)):
            with self._borrowed() as raw:
                try:
                    cursor = run(raw, sql, values)
                except EngineError as error:
                    if error.connection_lost and tries_left:
                        continue
                    raise
                yield raw, cursor
                return

    @contextmanager
    def _borrowed(self) -> Iterator[Raw]:
        if self._closed:
            raise EngineError("the reader was closed", Cause.TASK)
        with told():
            raw = self._pool.getconn()
        try:
            yield raw
        finally:
            self._pool.putconn(raw)
