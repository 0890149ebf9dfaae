"""Wishes: what a visitor asked to see more or less of. Their own pages follow; nothing is trained by it."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engines import Connection, Database
from app.store.several.changes import ACTS, announce

MAX_LEVEL = 2
"""Levels go from minus this, which leaves a trait out, to this; 0 is as if nothing had been said."""
MAX_WISHES = 50
"""Wishes of one visitor that are kept; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How much of a trait is wanted, -2 to 2, what was wanted of it before, and when it was said, in Unix seconds."""

    trait: str
    level: int
    level_before: int
    set_at: float


def set_wish(db: Database, visitor_id: str, trait: str, level: int, at: float) -> None:
    """Store a wish of a known visitor, inside a writer task; what is said already, by a second press, stays as it is.

    Raises one of INTEGRITY_ERRORS for another level.
    """
    db.conn.execute(
        "INSERT INTO wishes (visitor_id, trait, level, level_before, set_at) VALUES (?1, ?2, ?3, 0, ?4)"
        " ON CONFLICT (visitor_id, trait) DO UPDATE SET level_before = wishes.level, level = ?3, set_at = ?4"
        " WHERE wishes.level <> ?3",
        (visitor_id, trait, level, at),
    )
    db.conn.execute(
        "DELETE FROM wishes WHERE visitor_id = ?1 AND trait NOT IN"
        " (SELECT trait FROM wishes WHERE visitor_id = ?1 ORDER BY set_at DESC LIMIT ?2)",
        (visitor_id, MAX_WISHES),
    )
    announce(db.conn, ACTS, [visitor_id])


def wishes_of(conn: Connection, visitor_id: str) -> tuple[Wish, ...]:
    """All wishes of a visitor, the oldest first."""
    rows = conn.execute(
        "SELECT trait, level, level_before, set_at FROM wishes WHERE visitor_id = ? ORDER BY set_at, trait",
        (visitor_id,),
    )
    return tuple(Wish(*row) for row in rows)
