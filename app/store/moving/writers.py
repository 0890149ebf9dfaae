"""Who writes a database besides a move: found out, and kept from beginning."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.store.engines import Connection, Engine, dialect_of
from app.store.errors import StoreError, WriterBusyError

# Each process that writes keeps one connection of such a name for as long as it lives.
_OTHERS = """
SELECT pid, coalesce(CAST(client_addr AS text), 'this machine') FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'flywheel writes %' AND pid <> pg_backend_pid()
ORDER BY pid LIMIT 1
"""

_ENDS_WITHIN_S, _LOOK_EVERY_S = 2.0, 0.02


class StillWrittenError(StoreError):
    """Somebody writes the database, or may at any moment."""


def refuse_other_writers(conn: Connection, name: str) -> None:
    """Raise StillWrittenError when a process besides the one of `conn` has a PostgreSQL database open for writing.

    A connection that was just closed is listed until its server process has ended, so it is looked for a while.
    """
    until = time.monotonic() + _ENDS_WITHIN_S
    while (other := conn.execute(_OTHERS).fetchone()) is not None:
        if time.monotonic() > until:
            raise StillWrittenError(f"{name} is open for writing from {other[1]} (server process {other[0]})")
        time.sleep(_LOOK_EVERY_S)
        conn.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction the list stays as first seen


@contextmanager
def at_rest(engine: Engine) -> Iterator[None]:
    """Within the block nobody writes the database, and nothing that was written before is under way any more.

    Nothing is written to it for that either. Raises StillWrittenError, naming who writes, while a site is running.
    """
    if engine.file is not None:
        try:
            right = engine.take_right()
        except WriterBusyError as error:
            raise _said(engine, error) from error
        try:
            yield
        finally:
            right.release()
        return
    try:
        link = engine.open_link()
    except WriterBusyError as error:
        raise _said(engine, error) from error
    try:
        conn = link.db.conn
        refuse_other_writers(conn, engine.name)
        conn.execute("SET idle_in_transaction_session_timeout = 0")
        dialect_of(conn).begin(conn)  # whoever comes now waits, or gives up
        refuse_other_writers(conn, engine.name)
        yield
    finally:
        link.close()


def _said(engine: Engine, error: WriterBusyError) -> StillWrittenError:
    return StillWrittenError(f"process {error.pid or 'unknown'} writes {engine.name}")
