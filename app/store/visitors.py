"""Visitors in the event database: who they are, all that is known of them, and how it is forgotten."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from typing import Any

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.erasing.tombstones import add_tombstone, refuse_erased
from app.store.errors import StoreError
from app.store.merges import ids_of, merged_into, refuse_merged
from app.store.several.changes import VISITOR, announce, forget_announced
from app.store.several.waiting import forget_waiting
from app.values.visitor import Visitor

_COLUMNS = "visitor_id, created_at, arm, arm_source, origin, holdout"
_MOST_AT_ONCE = 500
_TABLES_OF_ONE = ("interactions", "events", "slates", "quarantine", "exclusions", "arrivals", "wishes", "merges")
"""Tables with rows of one visitor, in the order in which they can go."""


def ensure_visitor(db: Database, visitor: Visitor) -> bool:
    """Write `visitor` unless the id is known, in which case the stored row stays as it is. True when it was new.

    Raises VisitorErasedError when the visitor was erased before, VisitorMergedError when the id was merged.
    """
    refuse_erased(db, [visitor.visitor_id])
    refuse_merged(db, visitor.visitor_id)
    cursor = db.conn.execute(
        f"INSERT INTO visitors ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (visitor_id) DO NOTHING",
        (visitor.visitor_id, visitor.created_at, visitor.arm, visitor.arm_source, visitor.origin, visitor.holdout),
    )
    return cursor.rowcount == 1


def is_known(conn: Connection, visitor_id: str) -> bool:
    """Whether there is a row of this very id."""
    return conn.execute("SELECT 1 FROM visitors WHERE visitor_id = ?", (visitor_id,)).fetchone() is not None


def get_visitor(conn: Connection, visitor_id: str) -> Visitor | None:
    """The visitor with that id, or whom it was merged into, or None."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM visitors WHERE visitor_id = ?", (visitor_id,)).fetchone()
    if row is None:
        known_as = merged_into(conn, visitor_id)
        return None if known_as is None else get_visitor(conn, known_as)
    return Visitor(
        visitor_id=row["visitor_id"],
        created_at=row["created_at"],
        arm=row["arm"],
        arm_source=row["arm_source"],
        origin=row["origin"],
        holdout=bool(row["holdout"]),
    )


def created_at_of(conn: Connection, visitor_ids: Collection[str]) -> dict[str, float]:
    """When each of these visitors was first seen, Unix seconds; unknown ones are left out."""
    ids, found = list(visitor_ids), dict[str, float]()
    for start in range(0, len(ids), _MOST_AT_ONCE):
        part = ids[start : start + _MOST_AT_ONCE]
        query = f"SELECT visitor_id, created_at FROM visitors WHERE visitor_id IN ({marks(part)})"
        found.update((row[0], row[1]) for row in conn.execute(query, part))
    return found


def assign_returning(db: Database, visitor: Visitor, at: float) -> None:
    """Let an imported visitor who came be one of the site's own from `at` (Unix seconds) on, with the arm and origin
    given.

    For use inside a writer task; what they did before keeps its origin. Nothing for somebody who came before.
    """
    db.conn.execute(
        "UPDATE visitors SET arm = ?, origin = ?, assigned_at = ? WHERE visitor_id = ? AND origin = 'imported'",
        (visitor.arm, visitor.origin, at, visitor.visitor_id),
    )
    announce(db.conn, VISITOR, [visitor.visitor_id])


def set_arm(db: Database, visitor_id: str, arm: str, arm_source: str = "chosen") -> None:
    """Put a visitor into `arm` (control or treatment). Raises StoreError when the visitor is not known."""
    cursor = db.conn.execute(
        "UPDATE visitors SET arm = ?, arm_source = ? WHERE visitor_id = ?", (arm, arm_source, visitor_id)
    )
    if cursor.rowcount == 0:
        raise StoreError(f"visitor {visitor_id!r} is not known; write the visitor first")
    announce(db.conn, VISITOR, [visitor_id])


def export_visitor(conn: Connection, visitor_id: str) -> dict[str, Any] | None:
    """Everything that is stored about a visitor, as plain JSON values; None when nothing is.

    An id that was merged stands for the visitor whom it was merged into.
    """
    with dialect_of(conn).snapshot(conn):  # nothing is missing because it came between two reads
        visitor_id = merged_into(conn, visitor_id) or visitor_id
        found = {
            table: [
                dict(row)
                for row in conn.execute(
                    f"SELECT {', '.join(dialect_of(conn).columns(conn, table))} FROM {table}"
                    " WHERE visitor_id = ? ORDER BY 1",
                    (visitor_id,),
                )
            ]
            for table in ("visitors", *_TABLES_OF_ONE)
        }
    for slate in found["slates"]:
        slate |= {name: json.loads(slate[name]) for name in ("items", "sources", "propensities", "scores")}
        slate["teams"] = None if slate["teams"] is None else json.loads(slate["teams"])
    if not any(found.values()):
        return None
    visitors = found.pop("visitors")
    return {"visitor": visitors[0] if visitors else None, **found}


def erase_visitor(db: Database, visitor_id: str, erased_at: float | None = None) -> dict[str, int]:
    """Remove a visitor and all that refers to them; returns rows removed by table, all 0 for an unknown visitor.

    Of somebody who was merged every id they ever had goes, whichever is named.
    A tombstone comes first, for an unknown visitor too: what a request in flight writes later finds it. A row of
    `erasures` keeps the time and the number of rows, without the id, so that the trainer forgets as well.
    The bytes are overwritten in the file; the WAL still has them until the writer's next checkpoint.
    """
    at = time.time() if erased_at is None else erased_at
    visitor_id, *earlier = ids_of(db.conn, visitor_id)
    for known_as in (visitor_id, *earlier):
        add_tombstone(db, known_as, at)
    forget_waiting(db.conn, [visitor_id, *earlier])
    forget_announced(db.conn, [visitor_id, *earlier])
    counts = {
        table: db.conn.execute(f"DELETE FROM {table} WHERE visitor_id = ?", (visitor_id,)).rowcount
        for table in (*_TABLES_OF_ONE, "visitors")
    }
    if any(counts.values()):
        db.conn.execute("INSERT INTO erasures (erased_at, rows) VALUES (?, ?)", (at, sum(counts.values())))
    return counts


def last_erasure(conn: Connection) -> int:
    """The number of the newest erasure, 0 when there was none; when it moves, models must forget someone."""
    number: int = conn.execute("SELECT coalesce(max(id), 0) FROM erasures").fetchone()[0]
    return number
