"""What visitors had on screen: which items, on which slates, and what they asked to have forgotten of it."""

from __future__ import annotations

from typing import NamedTuple

from app.store.engines import Connection

NEWEST_VIEWS = 5_000
"""Newest impressions of a visitor that are looked at."""


class ViewRow(NamedTuple):
    """One impression, or an undo that takes back those of its item so far. received_at: Unix seconds."""

    item_id: str
    slate_id: str | None
    undo: bool
    received_at: float


def views_of(conn: Connection, visitor_id: str, after: float, before: float) -> list[ViewRow]:
    """The newest impressions of a visitor between two times (Unix seconds), oldest first."""
    rows = conn.execute(
        "SELECT item_id, slate_id, undo, received_at FROM events"
        " WHERE visitor_id = ? AND kind = 'view' AND received_at > ? AND received_at < ? ORDER BY seq DESC LIMIT ?",
        [visitor_id, after, before, NEWEST_VIEWS],
    )
    return [ViewRow(row[0], row[1], bool(row[2]), row[3]) for row in rows][::-1]
