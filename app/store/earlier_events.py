"""Events of a database from before there were interactions: they wait in `events_before` and move in chunks.

What moving them came to is kept beside them in `events_before_notes`, so that a move that was stopped and went on can
tell it of all events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
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


def read_notes(conn: sqlite3.Connection) -> dict[str, int]:
    """What the chunks that have moved came to, by name; empty before the first."""
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'events_before_notes'").fetchone() is None:
        return {}
    return dict(conn.execute("SELECT name, count FROM events_before_notes").fetchall())


def keep_notes(conn: sqlite3.Connection, notes: Mapping[str, int]) -> None:
    """Keep what the chunks up to this one came to; for use inside `moved_chunk`, whose transaction it is part of."""
    conn.execute("CREATE TABLE IF NOT EXISTS events_before_notes (name TEXT PRIMARY KEY, count INTEGER NOT NULL)")
    conn.executemany("INSERT OR REPLACE INTO events_before_notes VALUES (?, ?)", notes.items())


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
            conn.execute("DROP TABLE IF EXISTS events_before_notes")
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
