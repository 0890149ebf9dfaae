"""What visitors chose lately, as pairs: what tastes are learned from."""

from __future__ import annotations

from app.store.engines import Connection, dialect_of
from app.store.measures.exclusions import NOT_EXCLUDED

NEWEST_CHOICES = 50_000
"""Rows of interactions that are looked at, newest first."""


def recent_choices(conn: Connection, newest: int = NEWEST_CHOICES) -> list[tuple[str, str]]:
    """Visitor and item of every pair of which something stands, among the newest rows of all who train models."""
    rows = dialect_of(conn).rows(
        conn,
        "SELECT visitor_id, item_id FROM interactions"
        " WHERE seq > (SELECT coalesce(max(seq), 0) FROM interactions) - ? AND holdout = 0"
        f" AND kind <> 'dislike' AND {NOT_EXCLUDED} GROUP BY visitor_id, item_id HAVING sum(weight) > 0",
        [newest],
    )
    return [(row[0], row[1]) for row in rows]
