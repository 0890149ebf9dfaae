"""Locks that processes of all hosts share: each is a number that PostgreSQL knows as long as somebody holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.store.engines.faults import EngineError

if TYPE_CHECKING:
    from app.store.engines.postgres.connection import PostgresConnection, PostgresReader

_OURS = 0x464C5957 << 32
"""The upper half of our numbers ("FLYW"), so that another program in the same database has others."""

WRITING = _OURS + 1
"""Held by a transaction that writes, from before its first number is given out to its commit."""

WRITER = _OURS + 3
"""Held by the connection of each process that writes, as long as it lives: shared by web processes, and by nobody else
while a command writes, moves the database or changes its schema.
"""

TRAINER = _OURS + 4
"""Held by the connection of the one trainer."""

PUBLISHING = _OURS + 6
"""Held by the connection of whoever publishes, promotes or rolls back a model, to its last write."""

REGISTRY = _OURS + 7
"""Held by a transaction that writes the registry of models."""

JOBS = _OURS + 5
"""Held by a connection of the one web process that does what must be done once."""


_WAIT_MS = 300
"""How long a lock is waited for: the server may need a moment to notice that who held it died."""


def try_lock(connection: PostgresConnection, lock: int, *, shared: bool = False) -> bool:
    """Take a lock for as long as the connection lives; False when another connection has it.

    shared: with others that share it.
    """
    connection.script(f"BEGIN; SET LOCAL lock_timeout = {_WAIT_MS}")
    try:
        connection.execute(f"SELECT pg_advisory_lock{'_shared' if shared else ''}(?)", [lock])
    except EngineError as error:
        connection.script("ROLLBACK")
        if error.connection_lost:
            raise
        return False
    connection.script("COMMIT")
    return True


def holders(connection: PostgresConnection | PostgresReader, lock: int) -> list[str]:
    """The names that the connections have given themselves which hold a lock, in order."""
    rows = connection.execute(
        """
        SELECT activity.application_name FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
        WHERE locks.locktype = 'advisory' AND locks.granted AND locks.objsubid = 1
          AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (CAST(locks.classid AS bigint) << 32) + CAST(locks.objid AS bigint) = ?
        ORDER BY 1
        """,
        [lock],
    )
    return [str(row[0]) for row in rows]
