"""Counts behind the experiment and the overview: what visitors of each arm saw and clicked, what was recorded when."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

Connection = sqlite3.Connection


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
    jury: int


@dataclass(frozen=True, slots=True)
class DayEvents:
    """How many events of one kind and origin arrived on one day (UTC, ISO date); undone ones and undos count too."""

    day: str
    origin: str
    kind: str
    events: int


def clicks_by_visitor(conn: Connection, origins: Sequence[str]) -> list[VisitorClicks]:
    """Impressions and clicks of every visitor whose arm was assigned, of the given origins, who saw at least one entry.

    The unit is a slate entry: seen twice it counts once, and a click without a recorded impression (a browser without
    scripts) counts as an impression too, because nobody can click what was not on screen.
    """
    rows = conn.execute(
        f"""
        SELECT visitors.visitor_id, visitors.origin, visitors.arm, COUNT(*), SUM(entries.clicked)
        FROM (
            SELECT visitor_id, MAX(kind = 'click') AS clicked FROM events
            WHERE slate_id IS NOT NULL AND kind IN ('view', 'click') AND undo = 0
            GROUP BY visitor_id, slate_id, item_id
        ) AS entries JOIN visitors USING (visitor_id)
        WHERE visitors.arm_source = 'assigned' AND visitors.origin IN ({_marks(origins)})
        GROUP BY visitors.visitor_id ORDER BY visitors.visitor_id
        """,
        list(origins),
    )
    return [VisitorClicks(*row) for row in rows]


def visitors_by_arm(conn: Connection, origins: Sequence[str]) -> list[ArmVisitors]:
    """Visitors by origin, arm and how they came to it."""
    rows = conn.execute(
        f"SELECT origin, arm, arm_source, COUNT(*), SUM(jury) FROM visitors WHERE origin IN ({_marks(origins)})"
        " GROUP BY origin, arm, arm_source ORDER BY origin, arm, arm_source",
        list(origins),
    )
    return [ArmVisitors(*row) for row in rows]


def events_by_day(conn: Connection, origins: Sequence[str]) -> list[DayEvents]:
    """Events by day, origin and kind, newest day first."""
    rows = conn.execute(
        "SELECT date(received_at, 'unixepoch') AS day, origin, kind, COUNT(*) FROM events"
        f" WHERE origin IN ({_marks(origins)}) GROUP BY day, origin, kind ORDER BY day DESC, origin, kind",
        list(origins),
    )
    return [DayEvents(*row) for row in rows]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
