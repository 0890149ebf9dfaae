"""How often each item was met with something good: the order that every model must beat."""

from __future__ import annotations

import sqlite3


def popular_counts(conn: sqlite3.Connection, since_seq: int | None = None) -> dict[str, float]:
    """Positive events (click, like, save, use) of each item that has any, those that were taken back left out.

    since_seq: count only events with a greater seq. Items with the most come first, ties by id.
    """
    rows = conn.execute(
        """
        SELECT item_id, count(*) FROM events e
        WHERE undo = 0 AND kind IN ('click', 'like', 'save', 'use') AND seq > ?
          AND seq NOT IN (
            SELECT taken.seq FROM events u CROSS JOIN events taken
            ON taken.visitor_id = u.visitor_id AND taken.item_id = u.item_id AND taken.kind = u.kind
               AND taken.undo = 0 AND taken.seq < u.seq AND taken.kind <> 'view'
            WHERE u.undo = 1
          )
        GROUP BY item_id ORDER BY 2 DESC, 1
        """,
        (since_seq or 0,),
    )
    return {item_id: float(count) for item_id, count in rows}
