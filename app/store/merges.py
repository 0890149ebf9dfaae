"""Merges: two ids that turned out to be one visitor, and the rows that moved from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.store.engines import Connection, Database, dialect_of
from app.store.errors import VisitorMergedError
from app.store.several.changes import MERGE, announce
from app.store.several.waiting import hand_waiting_over
from app.values.visitor import Visitor

_NOW_OF = "SELECT visitor_id FROM merges WHERE merged_id = ?"


@dataclass(frozen=True, slots=True)
class Assignment:
    """How a visitor came to their arm. at: Unix seconds. hashed_id: the id whose hash assigned them."""

    visitor: Visitor
    at: float
    hashed_id: str


@dataclass(frozen=True, slots=True)
class MovedRows:
    """What a merge moved. repeated: events that both ids had sent, which count once."""

    events: int
    slates: int
    repeated: int


def merged_into(conn: Connection, visitor_id: str) -> str | None:
    """The id that a visitor has now who was merged; None for an id that never was."""
    row = conn.execute(_NOW_OF, (visitor_id,)).fetchone()
    return None if row is None else str(row[0])


def refuse_merged(db: Database, visitor_id: str) -> None:
    """Raise VisitorMergedError for an id that was merged into another; the writer then undoes the whole task."""
    if db.conn.execute(_NOW_OF, (visitor_id,)).fetchone() is not None:
        raise VisitorMergedError


def present_ids(conn: Connection, visitor_ids: Iterable[str]) -> dict[str, str]:
    """By id that was merged, the id that its visitor has now, among these ids."""
    merged = {row[0]: row[1] for row in conn.execute("SELECT merged_id, visitor_id FROM merges")}
    return {visitor_id: merged[visitor_id] for visitor_id in visitor_ids if visitor_id in merged}


def earlier_ids(conn: Connection, visitor_id: str) -> list[str]:
    """Ids that were merged into this one, the first merge first."""
    query = "SELECT merged_id FROM merges WHERE visitor_id = ? ORDER BY id"
    return [row[0] for row in conn.execute(query, (visitor_id,))]


def ids_of(conn: Connection, visitor_id: str) -> list[str]:
    """Every id of a visitor, whichever of them is given, today's first; an unknown id is its visitor's only one."""
    known_as = merged_into(conn, visitor_id) or visitor_id
    return [known_as, *earlier_ids(conn, known_as)]


def last_merge(conn: Connection) -> int:
    """The number of the newest merge, 0 when there is none."""
    number: int = conn.execute("SELECT coalesce(max(id), 0) FROM merges").fetchone()[0]
    return number


def merges_since(conn: Connection, after: int) -> list[tuple[str, str]]:
    """Merges numbered above `after`, in order: the id that went, and the one that its visitor has now."""
    rows = conn.execute("SELECT merged_id, visitor_id FROM merges WHERE id > ? ORDER BY id", (after,))
    return [(row[0], row[1]) for row in rows]


def assignment_of(conn: Connection, visitor: Visitor) -> Assignment:
    """How a stored visitor was assigned."""
    row = conn.execute(
        "SELECT coalesce(assigned_at, created_at), coalesce(assigned_id, visitor_id) FROM visitors"
        " WHERE visitor_id = ?",
        (visitor.visitor_id,),
    ).fetchone()
    return Assignment(visitor, row[0], row[1])


def move_rows(db: Database, merged_id: str, after: Assignment, at: float) -> MovedRows:
    """Give all rows of `merged_id` but its interactions to the visitor of `after`, who is as it says from now on.

    For use inside a writer task; both are in `visitors`, and neither has interactions. An event that both had sent, by
    its id and all that it says, stays once; one that shares only the id gets another. at: Unix seconds.
    """
    conn, kept_id = db.conn, after.visitor.visitor_id
    conn.execute("UPDATE merges SET visitor_id = ? WHERE visitor_id = ?", (kept_id, merged_id))
    number = dialect_of(conn).insert_one(
        conn, "INSERT INTO merges (merged_id, visitor_id, merged_at) VALUES (?, ?, ?)", (merged_id, kept_id, at)
    )
    both = {"merged": merged_id, "kept": kept_id, "number": number, "at": at}
    repeated = conn.execute(
        """
        DELETE FROM events WHERE visitor_id = :merged AND EXISTS (
            SELECT 1 FROM events AS kept WHERE kept.visitor_id = :kept AND kept.event_id = events.event_id
            AND kept.item_id = events.item_id AND kept.kind = events.kind AND kept.undo = events.undo
            AND (kept.value = events.value OR (kept.value IS NULL AND events.value IS NULL))
        )
        """,
        both,
    ).rowcount
    for table in ("events", "quarantine"):
        conn.execute(
            f"UPDATE {table} SET event_id = event_id || '~' || :number WHERE visitor_id = :merged"
            f" AND event_id IN (SELECT event_id FROM {table} WHERE visitor_id = :kept)",
            both,
        )
    moved = {
        table: conn.execute(f"UPDATE {table} SET visitor_id = :kept WHERE visitor_id = :merged", both).rowcount
        for table in ("events", "slates", "quarantine")
    }
    _merge_exclusions(conn, both)
    conn.execute(
        """
        INSERT INTO wishes (visitor_id, trait, level, level_before, set_at)
        SELECT :kept, trait, level, level_before, set_at FROM wishes WHERE visitor_id = :merged
        ON CONFLICT (visitor_id, trait) DO UPDATE SET level = excluded.level, level_before = excluded.level_before,
            set_at = excluded.set_at WHERE excluded.set_at > wishes.set_at
        """,
        both,
    )
    conn.execute(
        "UPDATE arrivals SET visitor_id = :kept WHERE visitor_id = :merged"
        " AND NOT EXISTS (SELECT 1 FROM arrivals WHERE visitor_id = :kept)",
        both,
    )
    for table in ("wishes", "arrivals", "visitors"):
        conn.execute(f"DELETE FROM {table} WHERE visitor_id = :merged", both)
    visitor = after.visitor
    conn.execute(
        "UPDATE visitors SET created_at = ?, arm = ?, arm_source = ?, origin = ?, holdout = ?, assigned_at = ?,"
        " assigned_id = ? WHERE visitor_id = ?",
        (
            visitor.created_at,
            visitor.arm,
            visitor.arm_source,
            visitor.origin,
            visitor.holdout,
            after.at,
            None if after.hashed_id == kept_id else after.hashed_id,
            kept_id,
        ),
    )
    hand_waiting_over(conn, merged_id, kept_id)
    announce(conn, MERGE, [merged_id])
    return MovedRows(moved["events"], moved["slates"], repeated)


def _merge_exclusions(conn: Connection, both: Mapping[str, object]) -> None:
    """Who was excluded under either id stays so, once."""
    conn.execute(
        """
        UPDATE exclusions SET lifted_at = :at, lifted_by = 'merge', lifted_reason = 'the visitor is excluded already'
        WHERE visitor_id = :merged AND lifted_at IS NULL
          AND EXISTS (SELECT 1 FROM exclusions AS kept WHERE kept.visitor_id = :kept AND kept.lifted_at IS NULL)
        """,
        both,
    )
    conn.execute("UPDATE exclusions SET visitor_id = :kept WHERE visitor_id = :merged", both)
    excluded = conn.execute(
        "SELECT count(*) FROM exclusions WHERE visitor_id = :kept AND lifted_at IS NULL", both
    ).fetchone()[0]
    if excluded:
        conn.execute("INSERT INTO curations (at, change, visitors) VALUES (:at, 'excluded', 1)", both)
