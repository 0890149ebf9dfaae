"""Whether the event database is sound."""

from __future__ import annotations

import sqlite3

from app.store.errors import StoreError


def check_integrity(conn: sqlite3.Connection) -> str:
    """A sentence with what is stored. Raises StoreError when SQLite finds damage, or rows that refer to nothing."""
    damage = [row[0] for row in conn.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
    if damage:
        raise StoreError(f"the database is damaged ({damage[0]}); restore it from a copy")
    orphan = conn.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise StoreError(f"a row of {orphan[0]} refers to a row of {orphan[2]} that is gone; restore it from a copy")
    items, visitors, events = conn.execute(
        "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM visitors), (SELECT count(*) FROM events)"
    ).fetchone()
    return f"{items:,} items, {visitors:,} visitors, {events:,} events"


def newest_event_at(conn: sqlite3.Connection) -> float | None:
    """When the newest event came, Unix seconds; None before the first."""
    row = conn.execute("SELECT received_at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else float(row[0])


def first_event_after(conn: sqlite3.Connection, watermark: int) -> float | None:
    """When the first event after a watermark came that a model learns from, Unix seconds; None when there is none."""
    row = conn.execute(
        "SELECT received_at FROM events WHERE seq > ? AND kind <> 'view' ORDER BY seq LIMIT 1", [watermark]
    ).fetchone()
    return None if row is None else float(row[0])
