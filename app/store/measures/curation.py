"""Counts about the data itself: what came twice, what came out of quarantine, what nobody was ever shown."""

from __future__ import annotations

from datetime import UTC, datetime

from app.store.engines import Connection, Database


def count_duplicates(db: Database, origin: str, events: int, received_at: float) -> None:
    """Keep count of events that were received once more, by day (UTC) and origin, for use inside a writer task."""
    day = datetime.fromtimestamp(received_at, UTC).date().isoformat()
    db.conn.execute(
        "INSERT INTO duplicates (day, origin, events) VALUES (?, ?, ?)"
        " ON CONFLICT (day, origin) DO UPDATE SET events = duplicates.events + excluded.events",
        [day, origin, events],
    )


def duplicates_received(conn: Connection) -> int:
    """Events that were received once more, since the count began."""
    count: int = conn.execute("SELECT coalesce(sum(events), 0) FROM duplicates").fetchone()[0]
    return count


def released_events(conn: Connection) -> int:
    """Quarantined events that were recorded after all."""
    count: int = conn.execute("SELECT count(*) FROM quarantine WHERE state = 'released'").fetchone()[0]
    return count


def items_never_shown(conn: Connection, most: int) -> tuple[int, list[str]]:
    """How many items had no impression by anybody, and ids of the first `most` in catalog order; reads every event."""
    rows = conn.execute(
        "SELECT item_id, count(*) OVER () FROM items"
        " WHERE item_id NOT IN (SELECT item_id FROM events WHERE kind = 'view') ORDER BY position LIMIT ?",
        [most],
    ).fetchall()
    return (rows[0][1] if rows else 0), [row[0] for row in rows]
