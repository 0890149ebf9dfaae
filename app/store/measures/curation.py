"""Counts about the data itself: what came twice, what came out of quarantine, what nobody was ever shown."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database


def count_duplicates(db: Database, origin: str, events: int, received_at: float) -> None:
    """Keep count of events that were received once more, by day (UTC) and origin, for use inside a writer task."""
    db.conn.execute(
        "INSERT INTO duplicates (day, origin, events) VALUES (date(?, 'unixepoch'), ?, ?)"
        " ON CONFLICT (day, origin) DO UPDATE SET events = events + excluded.events",
        [received_at, origin, events],
    )


def duplicates_received(conn: sqlite3.Connection) -> int:
    """Events that were received once more, since the count began."""
    count: int = conn.execute("SELECT coalesce(sum(events), 0) FROM duplicates").fetchone()[0]
    return count


def released_events(conn: sqlite3.Connection) -> int:
    """Quarantined events that were recorded after all."""
    count: int = conn.execute("SELECT count(*) FROM quarantine WHERE state = 'released'").fetchone()[0]
    return count


def items_never_shown(conn: sqlite3.Connection, most: int) -> tuple[int, list[str]]:
    """How many items had no impression by anybody, and ids of the first `most` in catalog order; reads every event."""
    rows = conn.execute(
        "SELECT item_id, count(*) OVER () FROM items"
        " WHERE item_id NOT IN (SELECT item_id FROM events WHERE kind = 'view') ORDER BY position LIMIT ?",
        [most],
    ).fetchall()
    return (rows[0][1] if rows else 0), [row[0] for row in rows]
