"""How visitors behave: how fast they act, and how much of what they saw they clicked; what rules for bots look at."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_SERVED = "origin IN ('real', 'simulated')"


@dataclass(frozen=True, slots=True)
class BusyMinute:
    """The busiest minute of one visitor: actions (all but impressions) within one minute of the clock."""

    visitor_id: str
    actions: int


@dataclass(frozen=True, slots=True)
class SeenEntries:
    """Slate entries that were on screen for one visitor, and how many of these they clicked."""

    visitor_id: str
    seen: int
    clicked: int


@dataclass(frozen=True, slots=True)
class ShelfEntries:
    """Slate entries of one shelf that were on screen, and how many of these were clicked."""

    shelf: str
    seen: int
    clicked: int


def busiest_minutes(conn: sqlite3.Connection, first_seq: int) -> list[BusyMinute]:
    """The busiest minute of every visitor whom the site served, from event `first_seq` on."""
    rows = conn.execute(
        f"""
        SELECT visitor_id, max(actions) FROM (
            SELECT visitor_id, count(*) AS actions FROM events WHERE seq >= ? AND kind <> 'view' AND {_SERVED}
            GROUP BY visitor_id, CAST(received_at / 60 AS INTEGER)
        ) GROUP BY visitor_id ORDER BY visitor_id
        """,
        [first_seq],
    )
    return [BusyMinute(*row) for row in rows]


def seen_and_clicked(conn: sqlite3.Connection, first_seq: int) -> list[SeenEntries]:
    """Entries with a recorded impression, by visitor whom the site served, from event `first_seq` on.

    A browser without scripts reports no impression, so that its clicks say nothing about a share.
    """
    rows = conn.execute(
        f"""
        SELECT visitor_id, count(*), sum(clicked) FROM (
            SELECT visitor_id, max(kind = 'view') AS seen, max(kind = 'click') AS clicked FROM events
            WHERE seq >= ? AND slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0 AND {_SERVED}
            GROUP BY visitor_id, slate_id, item_id
        ) WHERE seen GROUP BY visitor_id ORDER BY visitor_id
        """,
        [first_seq],
    )
    return [SeenEntries(*row) for row in rows]


def shelf_entries(conn: sqlite3.Connection, first_seq: int) -> list[ShelfEntries]:
    """Entries with a recorded impression, by shelf, of visitors whom the site served, from event `first_seq` on."""
    rows = conn.execute(
        """
        SELECT shelf, count(*), sum(clicked) FROM (
            SELECT slate_id, max(kind = 'view') AS seen, max(kind = 'click') AS clicked FROM events
            WHERE seq >= ? AND slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0
              AND origin IN ('real', 'simulated')
            GROUP BY slate_id, item_id
        ) JOIN slates USING (slate_id) WHERE seen GROUP BY shelf ORDER BY shelf
        """,
        [first_seq],
    )
    return [ShelfEntries(*row) for row in rows]
