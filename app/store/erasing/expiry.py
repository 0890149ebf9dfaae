"""Rows that are older than the site keeps them: found by a reader, deleted by the writer in small chunks.

What stands of a visitor and an item goes when nothing about the pair is newer. A slate stays while an event refers to
it, and a visitor's row while anything does. What is deleted is overwritten (`secure_delete`).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.several.changes import ERASURE, announce

EXPIRING = ("events", "quarantine", "wishes", "slates", "visitors")
"""Tables in the order in which their rows can go."""

_KEYS = {"events": "seq", "quarantine": "id", "wishes": "rowid", "slates": "seq", "visitors": "rowid"}
_TIMES = {
    "events": "received_at",
    "quarantine": "received_at",
    "wishes": "set_at",
    "slates": "served_at",
    "visitors": "created_at",
}


def expired_rows(conn: Connection, table: str, before: float, limit: int) -> list[int]:
    """Keys of at most `limit` rows of one of EXPIRING from before a time in Unix seconds, that nothing refers to."""
    query = f"SELECT {_KEYS[table]} FROM {table} WHERE {_TIMES[table]} < ?{_unreferred(conn, table)} LIMIT ?"
    return [row[0] for row in conn.execute(query, (before, limit))]


def delete_rows(db: Database, table: str, before: float, keys: Sequence[int]) -> int:
    """Delete those of these rows that are still expired and unreferred, inside a writer task; returns how many."""
    unreferred = _unreferred(db.conn, table)
    query = f"DELETE FROM {table} WHERE {_KEYS[table]} IN ({marks(keys)}) AND {_TIMES[table]} < ?{unreferred}"
    return db.conn.execute(query, [*keys, before]).rowcount


def expired_pairs(conn: Connection, before: float, limit: int) -> list[tuple[str, str]]:
    """At most `limit` pairs of visitor and item whose interactions are all from before a time in Unix seconds."""
    query = "SELECT visitor_id, item_id FROM interactions GROUP BY visitor_id, item_id HAVING max(at) < ? LIMIT ?"
    return [(row[0], row[1]) for row in conn.execute(query, (before, limit))]


def delete_pairs(db: Database, before: float, pairs: Sequence[tuple[str, str]]) -> int:
    """Delete all interactions of pairs that are still expired, inside a writer task; returns how many rows.

    A pair goes whole: its rows add up to what stands, and a part of them would add up to something else.
    """
    return db.conn.executemany(
        """
        DELETE FROM interactions WHERE visitor_id = ?1 AND item_id = ?2 AND NOT EXISTS (
            SELECT 1 FROM interactions AS other WHERE other.visitor_id = ?1 AND other.item_id = ?2 AND other.at >= ?3
        )
        """,
        [(visitor_id, item_id, before) for visitor_id, item_id in pairs],
    ).rowcount


def note_expiry(db: Database, at: float, rows: int) -> None:
    """Let models and sums be made anew without what was deleted, as after an erasure (at: Unix seconds)."""
    db.conn.execute("INSERT INTO erasures (erased_at, rows) VALUES (?, ?)", (at, rows))
    announce(db.conn, ERASURE)


def _unreferred(conn: Connection, table: str) -> str:
    """Conditions that no row of any table refers to the row, whatever tables there are."""
    return "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {name} AS other WHERE other.{column} = {table}.{key})"
        for name, column, key in dialect_of(conn).references(conn, table)
    )
