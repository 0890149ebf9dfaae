"""Events: what visitors did, in the order in which the server committed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.store.engines import INTEGRITY_ERRORS, Connection, Database, dialect_of, marks
from app.store.erasing.tombstones import refuse_erased
from app.store.several.changes import VIEWS, announce
from app.store.slates import ASKED_SHELVES, NEUTRAL_POLICIES, is_pinned
from app.store.visitors import is_known


class NewEvent(NamedTuple):
    """An event that is about to be stored, as the columns of the same names in the order of `_INSERT_INTO`. Times are
    Unix seconds.

    value: what an event of a kind that carries one was worth, such as a price.
    """

    event_id: str
    visitor_id: str
    item_id: str
    kind: str
    received_at: float
    origin: str
    undo: bool = False
    slate_id: str | None = None
    position: int | None = None
    client_at: float | None = None
    client_clamped: bool = False
    weight: float | None = None
    value: float | None = None


class EventRow(NamedTuple):
    """A stored event. `seq` is its place in the order of time; `holdout` says whether its visitor only judges models.

    undo: this event takes back the visitor's earlier events of that kind on that item.
    position: place in the slate `slate_id`, from 1.
    weight: how many events of its kind its source says that it counts as (imported ratings), else None for one.
    """

    seq: int
    event_id: str
    visitor_id: str
    item_id: str
    kind: str
    undo: bool
    slate_id: str | None
    position: int | None
    received_at: float
    origin: str
    holdout: bool
    weight: float | None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """An event that was refused: which `field` cannot be believed and why. `payload` is the event as JSON."""

    received_at: float
    reason: str
    field: str
    payload: str
    visitor_id: str | None = None
    event_id: str | None = None


_INSERT_INTO = """
    INSERT INTO events (event_id, visitor_id, item_id, kind, received_at, origin, undo, slate_id, position,
                        client_at, client_clamped, weight, value)
"""
_MOST_AT_ONCE = 200  # SQLite takes 32,766 parameters a statement
_PLACES = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NUMBERED = ", ".join(f"?{place}" for place in range(1, 14))
_SELECT = """
    SELECT e.seq, e.event_id, e.visitor_id, e.item_id, e.kind, e.undo, e.slate_id, e.position, e.received_at, e.origin,
           v.holdout, e.weight
    FROM events e JOIN visitors v ON v.visitor_id = e.visitor_id
"""


def insert_events(db: Database, events: Iterable[NewEvent]) -> int:
    """Store `events` in their order; those that their visitor sent before are ignored. Returns how many were stored.

    They change nothing of what stands: `app.record.filling.store_events` folds them as well.
    """
    # Not ON CONFLICT DO NOTHING: a row that is ignored so has used up a number, on every engine.
    known = "SELECT 1 FROM events WHERE event_id = ?1 AND visitor_id = ?2"
    statement = f"{_INSERT_INTO} SELECT {_NUMBERED} WHERE NOT EXISTS ({known})"
    if dialect_of(db.conn).several_processes:
        events = list(events)
        announce(db.conn, VIEWS, {event.visitor_id for event in events})
    return db.conn.executemany(statement, events).rowcount


def append_events(db: Database, events: Sequence[NewEvent], holdout: bool) -> list[EventRow]:
    """Store events of one visitor, whose holdout flag is `holdout`, in their order, and return them as stored.

    Many in one statement: between two statements another thread may hold the interpreter for milliseconds. Raises
    one of INTEGRITY_ERRORS when the visitor sent one before; what the transaction had before is then to be rolled back.
    """
    stored: list[EventRow] = []
    for start in range(0, len(events), _MOST_AT_ONCE):
        part = events[start : start + _MOST_AT_ONCE]
        values = [value for event in part for value in event]
        statement = f"{_INSERT_INTO} VALUES {', '.join([_PLACES] * len(part))}"
        numbers = dialect_of(db.conn).insert_numbered(db.conn, statement, values, len(part))
        stored += _as_stored(part, numbers, holdout)
    if any(event.kind == "view" for event in events):
        announce(db.conn, VIEWS, [events[0].visitor_id])
    return stored


def append_if_new(db: Database, events: Sequence[NewEvent], holdout: bool) -> list[EventRow] | None:
    """`append_events`, or None, and nothing is stored, when one of them is known or their visitor is not (or when they
    are too many for one statement): where an attempt is free, it costs less than to ask first.
    """
    if len(events) > _MOST_AT_ONCE or not (dialect_of(db.conn).fails_freely or _are_new(db.conn, events)):
        return None
    try:
        return append_events(db, events, holdout)
    except INTEGRITY_ERRORS:
        return None


def _are_new(conn: Connection, events: Sequence[NewEvent]) -> bool:
    """Whether events of one visitor, who is known, can be stored as they are."""
    ids, visitor_id = {event.event_id for event in events}, events[0].visitor_id
    return len(ids) == len(events) and is_known(conn, visitor_id) and not known_event_ids(conn, visitor_id, list(ids))


def _as_stored(events: Sequence[NewEvent], numbers: Sequence[int], holdout: bool) -> list[EventRow]:
    return [
        EventRow(
            seq,
            event.event_id,
            event.visitor_id,
            event.item_id,
            event.kind,
            event.undo,
            event.slate_id,
            event.position,
            event.received_at,
            event.origin,
            holdout,
            event.weight,
        )
        for seq, event in zip(numbers, events, strict=True)
    ]


def known_event_ids(conn: Connection, visitor_id: str, event_ids: Sequence[str]) -> set[str]:
    """Those of `event_ids` that are stored already for this visitor: ids are made by clients, who know no others."""
    query = f"SELECT event_id FROM events WHERE visitor_id = ? AND event_id IN ({marks(event_ids)})"
    return {row[0] for row in conn.execute(query, [visitor_id, *event_ids])}


def events_since(conn: Connection, watermark: int, limit: int) -> list[EventRow]:
    """At most `limit` events with seq > `watermark`, oldest first, all kinds and undos included."""
    return _rows(conn.execute(f"{_SELECT} WHERE e.seq > ? ORDER BY e.seq LIMIT ?", (watermark, limit)))


def last_seq(conn: Connection) -> int:
    """The newest seq, 0 when there is no event."""
    seq: int = conn.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    return seq


def newest_imported(conn: Connection, after: int, last_seq: int) -> int:
    """The seq of the newest imported event after one seq and up to another; 0 when there is none."""
    row = conn.execute(
        "SELECT max(seq) FROM events WHERE seq > ? AND seq <= ? AND origin = 'imported'", [after, last_seq]
    ).fetchone()
    return int(row[0] or 0)


def acts(conn: Connection, span: EventSpan) -> list[EventRow]:
    """Events other than views, oldest first."""
    return _rows(conn.execute(f"{_SELECT} WHERE {span.where} AND e.kind <> 'view' ORDER BY e.seq", span.values))


@dataclass(frozen=True, slots=True)
class EventSpan:
    """The events with `first` <= seq <= `last`, or all those of one visitor."""

    first: int = 0
    last: int = 0
    visitor_id: str | None = None

    @property
    def where(self) -> str:
        """The condition on rows of events that are named e."""
        return "e.seq BETWEEN ? AND ?" if self.visitor_id is None else "e.visitor_id = ?"

    @property
    def values(self) -> tuple[object, ...]:
        """What stands for the marks of the condition."""
        return (self.first, self.last) if self.visitor_id is None else (self.visitor_id,)


def asked_events(conn: Connection, span: EventSpan) -> set[int]:
    """Those of the events that answer what a visitor had asked to see, or what a business rule had pinned."""
    rows = conn.execute(
        "SELECT e.seq FROM events e JOIN slates s USING (slate_id)"
        f" WHERE {span.where} AND (s.shelf IN ({marks(ASKED_SHELVES)}) OR {is_pinned(conn, 'e', 's')})",
        (*span.values, *sorted(ASKED_SHELVES)),
    )
    return {row[0] for row in rows}


def neutral_propensities(conn: Connection, span: EventSpan) -> dict[int, float]:
    """The chance that a neutral policy had given the entry which an event answers, by seq of the event.

    Of the events that answer a slate of such a policy, views left out.
    """
    chance = dialect_of(conn).json_number("s.propensities", "e.position")
    rows = conn.execute(
        f"SELECT e.seq, {chance} FROM events e"
        f" JOIN slates s USING (slate_id) WHERE {span.where} AND e.kind <> 'view' AND e.position IS NOT NULL"
        f" AND s.policy IN ({marks(NEUTRAL_POLICIES)})"
        f" AND s.shelf NOT IN ({marks(ASKED_SHELVES)}) AND NOT {is_pinned(conn, 'e', 's')}",
        (*span.values, *sorted(NEUTRAL_POLICIES), *sorted(ASKED_SHELVES)),
    )
    return {row[0]: row[1] for row in rows if row[1]}


def count_events(conn: Connection) -> dict[tuple[str, str], int]:
    """How many events there are of each (kind, origin), undos left out."""
    rows = conn.execute("SELECT kind, origin, count(*) FROM events WHERE undo = 0 GROUP BY kind, origin ORDER BY 1, 2")
    return {(kind, origin): count for kind, origin, count in rows}


def mark_released(db: Database, seq: int) -> None:
    """Mark a stored event as one that came out of quarantine."""
    db.conn.execute("UPDATE events SET released = 1 WHERE seq = ?", [seq])


def quarantine(db: Database, rows: Iterable[QuarantineRow]) -> int:
    """Keep refused events with their reasons; the same event of a visitor is kept once. Returns how many were new.

    Raises VisitorErasedError when one of the visitors was erased: unlike other rows, these do not need the visitor's.
    """
    rows = list(rows)
    refuse_erased(db, {row.visitor_id for row in rows if row.visitor_id is not None})
    return db.conn.executemany(
        """
        INSERT INTO quarantine (received_at, reason, field, payload, visitor_id, event_id) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (visitor_id, event_id) DO NOTHING
        """,
        [(row.received_at, row.reason, row.field, row.payload, row.visitor_id, row.event_id) for row in rows],
    ).rowcount


def _rows(rows: Iterable[Sequence[Any]]) -> list[EventRow]:
    return [
        EventRow(
            seq=row[0],
            event_id=row[1],
            visitor_id=row[2],
            item_id=row[3],
            kind=row[4],
            undo=bool(row[5]),
            slate_id=row[6],
            position=row[7],
            received_at=row[8],
            origin=row[9],
            holdout=bool(row[10]),
            weight=row[11],
        )
        for row in rows
    ]


def recent_actions(conn: Connection, limit: int) -> list[EventRow]:
    """The newest events of live visitors that are no impressions, newest first."""
    rows = conn.execute(
        f"{_SELECT} WHERE e.kind <> 'view' AND e.origin IN ('real', 'simulated') ORDER BY e.seq DESC LIMIT ?", (limit,)
    )
    return _rows(rows)
