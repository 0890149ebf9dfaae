"""Exposures: what visitors had before them on slates, and what they clicked there, for models that learn from both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.store.engines import Connection, dialect_of
from app.store.measures.exclusions import NOT_EXCLUDED
from app.store.slates import is_pinned


class ExposureRow(NamedTuple):
    """One entry of a slate that was on screen, or was clicked. seq: of its event. at: Unix seconds.

    age_s: seconds since the visitor was first seen. shelf: which list the entry stood in.
    """

    seq: int
    visitor_id: str
    item_id: str
    clicked: bool
    at: float
    position: int
    shelf: str
    origin: str
    age_s: float


def exposures_since(conn: Connection, after: int, newest: int) -> Iterator[ExposureRow]:
    """The last `newest` events and those after them with a seq above `after`, as far as they are impressions or clicks
    on slates; oldest first. Holdout visitors, excluded ones and what business rules had pinned are left out.
    """
    last = conn.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    rows = dialect_of(conn).rows(
        conn,
        f"""
        SELECT events.seq, events.visitor_id, item_id, kind = 'click', received_at, events.position, slates.shelf,
               events.origin, received_at - visitors.created_at
        FROM events JOIN slates USING (slate_id) JOIN visitors ON visitors.visitor_id = events.visitor_id
        WHERE events.seq > ? AND kind IN ('view', 'click') AND undo = 0 AND events.position IS NOT NULL
          AND NOT {is_pinned(conn, "events", "slates")}
          AND visitors.holdout = 0 AND events.{NOT_EXCLUDED}
        ORDER BY events.seq
        """,
        [max(after, last - newest)],
    )
    for row in rows:
        yield ExposureRow._make(row)
