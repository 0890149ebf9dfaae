"""Events of a database from before there were interactions: they wait in `events_before` and move in chunks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

_COLUMNS = (
    "seq, event_id, visitor_id, item_id, kind, undo, slate_id, position, received_at, client_at, client_clamped, "
    "origin, weight, released"
)


def has_earlier_events(conn: sqlite3.Connection) -> bool:
    """Whether some wait: then nobody but who moves them may open the database."""
    return conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'events_before'").fetchone() is not None


def count_earlier_events(conn: sqlite3.Connection) -> int:
    """How many wait; 0 when there is no table of them any more."""
    if not has_earlier_events(conn):
        return 0
    count: int = conn.execute("SELECT count(*) FROM events_before").fetchone()[0]
    return count


@contextmanager
def moved_chunk(db: Database, most: int) -> Iterator[tuple[int, int] | None]:
    """Move the oldest `most` events in one transaction with what the block does; gives the first and last seq.

    None when there was none left: then their table is gone at the end of the block.
    """
    conn = db.conn
    conn.execute("BEGIN IMMEDIATE")
    try:
        first, last = conn.execute(
            "SELECT min(seq), max(seq) FROM (SELECT seq FROM events_before ORDER BY seq LIMIT ?)", [most]
        ).fetchone()
        if first is None:
            conn.execute("DROP TABLE events_before")
            yield None
        else:
            conn.execute(
                f"INSERT INTO events ({_COLUMNS}) SELECT {_COLUMNS} FROM events_before WHERE seq BETWEEN ? AND ?"
                " ORDER BY seq",
                [first, last],
            )
            conn.execute("DELETE FROM events_before WHERE seq BETWEEN ? AND ?", [first, last])
            yield first, last
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
