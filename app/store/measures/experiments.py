"""Counts behind the experiment and the overview: what visitors of each arm saw and clicked, what was recorded when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.store.engines import Connection, dialect_of, marks
from app.store.measures.behaviour import CLICK
from app.store.measures.exclusions import NOT_EXCLUDED


@dataclass(frozen=True, slots=True)
class VisitorClicks:
    """Distinct slate entries that one visitor had on screen, and how many of them they clicked."""

    visitor_id: str
    origin: str
    arm: str
    impressions: int
    clicks: int


@dataclass(frozen=True, slots=True)
class ArmVisitors:
    """How many visitors of one origin are in an arm. arm_source: ``assigned`` by hash, or ``chosen`` by the visitor."""

    origin: str
    arm: str
    arm_source: str
    visitors: int
    holdout: int


@dataclass(frozen=True, slots=True)
class DayEvents:
    """How many events of one kind and origin arrived on one day (UTC, ISO date); undone ones and undos count too."""

    day: str
    origin: str
    kind: str
    events: int


@dataclass(frozen=True, slots=True)
class VisitorArm:
    """A visitor's part in the experiment; see `ArmVisitors`. created_at: when they were assigned, Unix seconds.

    holdout: their pages are drawn by lot, whatever the arm. hashed_id: the id whose hash assigned them, which a merge
    may have brought along.
    """

    origin: str
    arm: str
    arm_source: str
    created_at: float
    holdout: int
    hashed_id: str


@dataclass(frozen=True, slots=True)
class PolicyClicks:
    """Distinct entries of slates of one policy that one visitor saw, and how many of them they opened."""

    origin: str
    policy: str
    impressions: int
    clicks: int


LedgerEvent = tuple[int, str, str, str, int, str | None, float, float | None]
"""seq, visitor_id, item_id, kind, undo (0 or 1), slate_id, received_at (Unix seconds), value."""

StandingChange = tuple[int, str, str, str, float, float, int]
"""seq of an interaction, visitor_id, item_id, kind, signed change, at (Unix seconds), whether the visitor had opened
the item before (0 or 1)."""

Exposure = tuple[int, str, float]
"""seq of a slate, visitor_id, served_at (Unix seconds)."""


_EVENTS = "SELECT seq, visitor_id, item_id, kind, undo, slate_id, received_at, value FROM events"
_STANDING = (
    "SELECT seq, visitor_id, item_id, kind, weight + held, at, EXISTS (SELECT 1 FROM interactions AS earlier"
    " WHERE earlier.visitor_id = interactions.visitor_id AND earlier.item_id = interactions.item_id"
    " AND earlier.kind = 'click' AND earlier.seq < interactions.seq) FROM interactions"
    " WHERE kind IN ('use', 'dislike') AND weight + held <> 0"
)
_EXPOSING = "SELECT seq, visitor_id, served_at FROM slates WHERE NOT (shelf = 'search' AND policy = 'search')"


def ledger_events(conn: Connection, after: int, limit: int) -> list[LedgerEvent]:
    """At most `limit` events with seq > `after`, in order, as plain tuples: there may be a million of them."""
    return _plain(conn, f"{_EVENTS} WHERE seq > ? ORDER BY seq LIMIT ?", [after, limit])


def ledger_events_of(conn: Connection, visitor_id: str, last: int) -> list[LedgerEvent]:
    """The events of one visitor with seq up to `last`, in order."""
    return _plain(conn, f"{_EVENTS} WHERE visitor_id = ? AND +seq <= ? ORDER BY seq", [visitor_id, last])


def standing_changes(conn: Connection, after: int, limit: int) -> list[StandingChange]:
    """At most `limit` changes of uses and dislikes with seq > `after`, in order; a use outlasts its item's dislike."""
    return _plain(conn, f"{_STANDING} AND seq > ? ORDER BY seq LIMIT ?", [after, limit])


def standing_changes_of(conn: Connection, visitor_id: str, last: int) -> list[StandingChange]:
    """The same of one visitor, with seq up to `last`."""
    return _plain(conn, f"{_STANDING} AND visitor_id = ? AND +seq <= ? ORDER BY seq", [visitor_id, last])


def exposing_slates(conn: Connection, after: int, limit: int) -> list[Exposure]:
    """At most `limit` slates with seq > `after`, in order, whose ranking depends on the arm.

    All but results of a search by somebody without a history, which are the same in both arms.
    """
    return _plain(conn, f"{_EXPOSING} AND seq > ? ORDER BY seq LIMIT ?", [after, limit])


def exposing_slates_of(conn: Connection, visitor_id: str, last: int) -> list[Exposure]:
    """The same of one visitor, with seq up to `last`."""
    return _plain(conn, f"{_EXPOSING} AND visitor_id = ? AND +seq <= ? ORDER BY seq", [visitor_id, last])


def _plain(conn: Connection, query: str, values: Sequence[object]) -> list[Any]:
    return list(dialect_of(conn).rows(conn, query, values))


def visitor_arm(conn: Connection, visitor_id: str) -> VisitorArm | None:
    """The visitor's part in the experiment, or None for somebody unknown."""
    query = (
        "SELECT origin, arm, arm_source, coalesce(assigned_at, created_at), holdout, coalesce(assigned_id, visitor_id)"
        " FROM visitors WHERE visitor_id = ?"
    )
    row = conn.execute(query, [visitor_id]).fetchone()
    return None if row is None else VisitorArm(*row)


def visitors_who_chose(conn: Connection) -> set[str]:
    """Ids of visitors who chose their arm."""
    return {row[0] for row in conn.execute("SELECT visitor_id FROM visitors WHERE arm_source = 'chosen'")}


def slate_entries(conn: Connection, slate_id: str, before: int) -> list[tuple[str, float, bool]]:
    """Entries of one slate on record before event seq `before`: item, when first seen or clicked, whether clicked."""
    rows = conn.execute(
        f"SELECT item_id, MIN(received_at), MAX({CLICK}) FROM events"
        " WHERE slate_id = ? AND seq < ? AND kind IN ('view', 'click') AND undo = 0 GROUP BY item_id",
        [slate_id, before],
    )
    return [(row[0], row[1], bool(row[2])) for row in rows]


def clicks_by_policy(conn: Connection, served_after: float) -> list[PolicyClicks]:
    """A row for every visitor and policy of slates served after that time (Unix seconds), whatever the arm."""
    rows = conn.execute(
        f"""
        SELECT origin, policy, COUNT(*), SUM(clicked) FROM (
            SELECT slates.origin, slates.policy, slates.visitor_id, MAX({CLICK}) AS clicked
            FROM slates JOIN events USING (slate_id)
            WHERE slates.served_at > ? AND events.kind IN ('view', 'click') AND events.undo = 0
              AND slates.{NOT_EXCLUDED}
            GROUP BY slate_id, events.item_id, slates.origin, slates.policy, slates.visitor_id
        ) AS entries GROUP BY origin, policy, visitor_id ORDER BY origin, policy, visitor_id
        """,
        [served_after],
    )
    return [PolicyClicks(*row) for row in rows]


def last_served_at(conn: Connection) -> float:
    """When the newest slate was served (Unix seconds), 0 without one."""
    row = conn.execute("SELECT served_at FROM slates ORDER BY seq DESC LIMIT 1").fetchone()
    return 0.0 if row is None else float(row[0])


def clicks_by_visitor(conn: Connection, origins: Sequence[str]) -> list[VisitorClicks]:
    """Impressions and clicks of every visitor of the given origins who saw an entry, was assigned, and is neither
    excluded nor held out.

    The unit is a slate entry: seen twice it counts once, and a click without a recorded impression (a browser without
    scripts) counts as an impression too, because nobody can click what was not on screen.
    """
    rows = conn.execute(
        f"""
        SELECT visitors.visitor_id, visitors.origin, visitors.arm, COUNT(*), SUM(entries.clicked)
        FROM (
            SELECT visitor_id, MAX({CLICK}) AS clicked FROM events
            WHERE slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0
            GROUP BY visitor_id, slate_id, item_id
        ) AS entries JOIN visitors USING (visitor_id)
        WHERE visitors.arm_source = 'assigned' AND visitors.holdout = 0 AND visitors.{NOT_EXCLUDED}
          AND visitors.origin IN ({marks(origins)})
        GROUP BY visitors.visitor_id ORDER BY visitors.visitor_id
        """,
        list(origins),
    )
    return [VisitorClicks(*row) for row in rows]


def visitors_by_arm(conn: Connection, origins: Sequence[str]) -> list[ArmVisitors]:
    """Visitors by origin, arm and how they came to it."""
    rows = conn.execute(
        f"SELECT origin, arm, arm_source, COUNT(*), SUM(holdout) FROM visitors WHERE origin IN ({marks(origins)})"
        " GROUP BY origin, arm, arm_source ORDER BY origin, arm, arm_source",
        list(origins),
    )
    return [ArmVisitors(*row) for row in rows]


def events_by_day(conn: Connection, origins: Sequence[str]) -> list[DayEvents]:
    """Events by day, origin and kind, newest day first."""
    rows = conn.execute(
        f"SELECT {dialect_of(conn).day('received_at')} AS day, origin, kind, COUNT(*) FROM events"
        f" WHERE origin IN ({marks(origins)}) GROUP BY day, origin, kind ORDER BY day DESC, origin, kind",
        list(origins),
    )
    return [DayEvents(*row) for row in rows]


def past_sums(conn: Connection, kind: str) -> list[tuple[float, float]]:
    """Events of a kind, and what they carry in all, of each imported or seeded visitor, those without one as well."""
    rows = conn.execute(
        f"""
        SELECT coalesce(count(events.seq), 0), coalesce(sum(events.value), 0.0)
        FROM visitors LEFT JOIN events
            ON events.visitor_id = visitors.visitor_id AND events.kind = ? AND events.undo = 0
        WHERE visitors.origin IN ('imported', 'seed') AND visitors.{NOT_EXCLUDED}
        GROUP BY visitors.visitor_id
        """,
        [kind],
    )
    return [(float(row[0]), float(row[1])) for row in rows]


def exposures_per_day(conn: Connection) -> float | None:
    """New visitors a day among those who were shown something in the newest 28 days; None where nobody was."""
    row = conn.execute(
        """
        SELECT count(*), max(first) - min(first) FROM (
            SELECT min(served_at) AS first FROM slates WHERE shelf <> 'search' AND origin IN ('real', 'simulated')
            GROUP BY visitor_id
        ) AS visits WHERE first > (SELECT max(served_at) FROM slates) - 2419200
        """
    ).fetchone()
    return row[0] / max(1.0, row[1] / 86_400.0) if row[0] else None
