"""Which newcomers came from one address: rows of the last day, with a digest in place of the address."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engines import Connection, Database
from app.store.measures.exclusions import NOT_EXCLUDED

KEPT_S = 86_400.0
"""Older rows are deleted: their digests are by a key that is gone."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new visitor. address: digest of where they came from. arrived_at: Unix seconds."""

    visitor_id: str
    address: str
    arrived_at: float


def note_arrival(db: Database, visitor_id: str, address: str, at: float) -> None:
    """Keep where a new visitor came from, for use inside a writer task; nothing for one who is not known, or known to
    have come before. at: Unix seconds of their arrival.
    """
    db.conn.execute("DELETE FROM arrivals WHERE arrived_at < ?", [at - KEPT_S])
    db.conn.execute(
        "INSERT INTO arrivals (visitor_id, address, arrived_at) SELECT visitor_id, ?, ? FROM visitors"
        " WHERE visitor_id = ? ON CONFLICT (visitor_id) DO NOTHING",
        [address, at, visitor_id],
    )


def arrivals_since(conn: Connection, since: float) -> list[Arrival]:
    """Arrivals from `since` (Unix seconds) on of visitors who are not excluded, by address and time."""
    rows = conn.execute(
        "SELECT visitor_id, address, arrived_at FROM arrivals"
        f" WHERE arrived_at >= ? AND {NOT_EXCLUDED} ORDER BY address, arrived_at, visitor_id",
        [since],
    )
    return [Arrival(*row) for row in rows]
