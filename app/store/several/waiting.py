"""Pages that wait in the database for a sign that somebody is there, whichever process gets the sign."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.several.changes import WAITS, announce


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A page that waits. on_return: for the visitor's cookie, else for an event that answers it. served_at: Unix
    seconds. page: JSON of who serves pages.
    """

    page_id: str
    visitor_id: str
    on_return: bool
    served_at: float
    page: str


def add_waiting(db: Database, row: WaitingRow, dropped: Collection[str] = ()) -> None:
    """Keep a page, and no longer those of some other ids, for use inside a writer task."""
    db.conn.execute(
        "INSERT INTO waiting_pages (page_id, visitor_id, on_return, served_at, page) VALUES (?, ?, ?, ?, ?)",
        (row.page_id, row.visitor_id, int(row.on_return), row.served_at, row.page),
    )
    if dropped:
        db.conn.execute(f"DELETE FROM waiting_pages WHERE page_id IN ({marks(dropped)})", list(dropped))
    announce(db.conn, WAITS, [row.visitor_id])


def change_waiting(db: Database, page_id: str, change: Callable[[str], str]) -> bool:
    """Change what is kept of a page that still waits, inside a writer task; whether it does."""
    row = db.conn.execute("SELECT page FROM waiting_pages WHERE page_id = ?", (page_id,)).fetchone()
    if row is None:
        return False
    db.conn.execute("UPDATE waiting_pages SET page = ? WHERE page_id = ?", (change(row[0]), page_id))
    return True


def who_waits(conn: Connection) -> list[str]:
    """Visitors for whom a page waits."""
    return [row[0] for row in conn.execute("SELECT DISTINCT visitor_id FROM waiting_pages")]


def waiting_of(conn: Connection, visitor_id: str, since: float) -> list[WaitingRow]:
    """Pages of a visitor that were served after a time in Unix seconds and wait, in the order in which they were."""
    rows = conn.execute(
        "SELECT page_id, visitor_id, on_return, served_at, page FROM waiting_pages"
        " WHERE visitor_id = ? AND served_at > ? ORDER BY served_at, page_id",
        (visitor_id, since),
    )
    return [WaitingRow(row[0], row[1], bool(row[2]), row[3], row[4]) for row in rows]


def take_waiting(db: Database, page_ids: Collection[str]) -> None:
    """Let pages wait no more, inside a writer task."""
    db.conn.execute(f"DELETE FROM waiting_pages WHERE page_id IN ({marks(page_ids)})", list(page_ids))


def hand_waiting_over(conn: Connection, merged_id: str, visitor_id: str) -> None:
    """Let the pages of an id that was merged be those of the visitor it is now, inside a writer task."""
    if dialect_of(conn).several_processes:
        moved = conn.execute(
            "UPDATE waiting_pages SET visitor_id = ? WHERE visitor_id = ?", (visitor_id, merged_id)
        ).rowcount
        if moved:
            announce(conn, WAITS, [visitor_id])


def forget_waiting(conn: Connection, visitor_ids: Collection[str]) -> None:
    """Delete the pages of visitors who are erased, inside a writer task."""
    if dialect_of(conn).several_processes:
        conn.execute(f"DELETE FROM waiting_pages WHERE visitor_id IN ({marks(visitor_ids)})", list(visitor_ids))


def drop_old_waiting(conn: Connection, before: float) -> int:
    """Delete pages that were served before a time in Unix seconds, inside a writer task; returns how many."""
    return conn.execute("DELETE FROM waiting_pages WHERE served_at < ?", (before,)).rowcount
