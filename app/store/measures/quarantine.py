"""Quarantine: events that could not be believed, and what was decided about each of them; no row is ever deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.store.engines import Connection, Database
from app.store.errors import StoreError

_COLUMNS = (
    "id, received_at, reason, field, payload, visitor_id, event_id, state, settled_at, settled_by, settled_reason"
)
STATES = ("held", "released", "dropped")


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One quarantined event. field: what is not believed, and `reason` why. payload: the event as JSON.

    state: ``held`` until it is settled, then ``released`` or ``dropped``, with when, by whom and why.
    """

    id: int
    received_at: float
    reason: str
    field: str
    payload: str
    visitor_id: str | None
    event_id: str | None
    state: str
    settled_at: float | None
    settled_by: str | None
    settled_reason: str | None


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many quarantined events of one state have one doubtful field. example: the reason of the newest."""

    field: str
    state: str
    events: int
    example: str


def read_quarantine(conn: Connection, state: str | None = "held", limit: int = 2**62) -> list[HeldEvent]:
    """Quarantined events of one state, or of all (None), newest first."""
    where, values = ("", []) if state is None else ("WHERE state = ?", [state])
    rows = conn.execute(f"SELECT {_COLUMNS} FROM quarantine {where} ORDER BY id DESC LIMIT ?", [*values, limit])
    return [HeldEvent(*row) for row in rows]


def quarantine_reasons(conn: Connection) -> list[ReasonCount]:
    """Quarantined events counted by doubtful field and state, the most first."""
    rows = conn.execute(
        """
        SELECT newest.field, newest.state, counts.events, newest.reason
        FROM (SELECT count(*) AS events, max(id) AS id FROM quarantine GROUP BY field, state) AS counts
        JOIN quarantine AS newest ON newest.id = counts.id
        ORDER BY counts.events DESC, newest.field, newest.state
        """
    )
    return [ReasonCount(*row) for row in rows]


def quarantined_since(conn: Connection, since: float) -> int:
    """How many events that came at `since` or later are held or dropped: not believed, and not released."""
    query = "SELECT count(*) FROM quarantine WHERE received_at >= ? AND state <> 'released'"
    count: int = conn.execute(query, [since]).fetchone()[0]
    return count


def drop(db: Database, quarantine_id: int, reason: str, by: str, at: float) -> HeldEvent:
    """Decide that a held event stays out, for use inside a writer task; its row stays with the reason.

    Raises StoreError when it is not held (any more).
    """
    held = find_held(db, quarantine_id)
    settle(db, quarantine_id, "dropped", reason, by, at)
    return replace(held, state="dropped", settled_at=at, settled_by=by, settled_reason=reason)


def find_held(db: Database, quarantine_id: int) -> HeldEvent:
    """The held event of that number. Raises StoreError when there is none, or it was settled before."""
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM quarantine WHERE id = ?", [quarantine_id]).fetchone()
    if row is None:
        raise StoreError(
            f"there is no quarantined event {quarantine_id}; `flask quarantine list` shows those there are"
        )
    held = HeldEvent(*row)
    if held.state != "held":
        raise StoreError(f"quarantined event {quarantine_id} was {held.state} before, by {held.settled_by}")
    return held


def settle(db: Database, quarantine_id: int, state: str, reason: str, by: str, at: float) -> None:
    """Write what was decided about a held event, for use inside a writer task."""
    db.conn.execute(
        "UPDATE quarantine SET state = ?, settled_at = ?, settled_by = ?, settled_reason = ? WHERE id = ?",
        [state, at, by, reason, quarantine_id],
    )
