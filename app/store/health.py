"""Whether the event database is sound."""

from __future__ import annotations

from app.store.engines import Connection, dialect_of
from app.store.errors import StoreError
from app.values.counted import counted


def check_integrity(conn: Connection) -> str:
    """A sentence with what is stored. Raises StoreError when the engine finds damage, or rows that refer to nothing."""
    damage = dialect_of(conn).damage(conn)
    if damage is not None:
        raise StoreError(f"{damage}; restore it from a copy")
    items, visitors, events = conn.execute(
        "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM visitors), (SELECT count(*) FROM events)"
    ).fetchone()
    return f"{counted(items, 'item')}, {counted(visitors, 'visitor')}, {counted(events, 'event')}"


def newest_event_at(conn: Connection) -> float | None:
    """When the newest event came, Unix seconds; None before the first."""
    row = conn.execute("SELECT received_at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else float(row[0])
