"""How visitors behave: how fast they act, and how much of what they saw they clicked; what rules for bots look at."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engines import Connection, dialect_of

VIEW, CLICK = (f"CASE WHEN events.kind = '{kind}' THEN 1 ELSE 0 END" for kind in ("view", "click"))
"""Whether an event is of a kind, as a number that can be summed."""
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


def busiest_minutes(conn: Connection, first_seq: int) -> list[BusyMinute]:
    """The busiest minute of every visitor whom the site served, from event `first_seq` on."""
    rows = conn.execute(
        f"""
        SELECT visitor_id, max(actions) FROM (
            SELECT visitor_id, count(*) AS actions FROM events WHERE seq >= ? AND kind <> 'view' AND {_SERVED}
            GROUP BY visitor_id, {dialect_of(conn).whole("received_at / 60")}
        ) AS minutes GROUP BY visitor_id ORDER BY visitor_id
        """,
        [first_seq],
    )
    return [BusyMinute(*row) for row in rows]


def seen_and_clicked(conn: Connection, first_seq: int) -> list[SeenEntries]:
    """Entries with a recorded impression, by visitor whom the site served, from event `first_seq` on.

    A browser without scripts reports no impression, so that its clicks say nothing about a share.
    """
    rows = conn.execute(
        f"""
        SELECT visitor_id, count(*), sum(clicked) FROM (
            SELECT visitor_id, max({VIEW}) AS seen, max({CLICK}) AS clicked FROM events
            WHERE seq >= ? AND slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0 AND {_SERVED}
            GROUP BY visitor_id, slate_id, item_id
        ) AS entries WHERE seen = 1 GROUP BY visitor_id ORDER BY visitor_id
        """,
        [first_seq],
    )
    return [SeenEntries(*row) for row in rows]


def shelf_entries(conn: Connection, first_seq: int) -> list[ShelfEntries]:
    """Entries with a recorded impression, by shelf, of visitors whom the site served, from event `first_seq` on."""
    rows = conn.execute(
        f"""
        SELECT shelf, count(*), sum(clicked) FROM (
            SELECT slate_id, max({VIEW}) AS seen, max({CLICK}) AS clicked FROM events
            WHERE seq >= ? AND slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0
              AND origin IN ('real', 'simulated')
            GROUP BY slate_id, item_id
        ) AS entries JOIN slates USING (slate_id) WHERE seen = 1 GROUP BY shelf ORDER BY shelf
        """,
        [first_seq],
    )
    return [ShelfEntries(*row) for row in rows]
