"""Counts behind the six arrows: what one origin's visitors did in a stretch of events, and who of them came back."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engines import Connection
from app.store.measures.exclusions import NOT_EXCLUDED


@dataclass(frozen=True, slots=True)
class Stretch:
    """One origin's events with `first_seq` <= seq <= `last_seq`, without those of excluded visitors.

    started_at, ended_at: Unix seconds of the first and last. used: visitors who used an item and left it so.
    visitors: who did anything. returned: those of them who had come `gap_s` seconds or more before. control,
    treatment: (visitors, returned) of those whose arm was assigned, the holdout left out. quarantined: events refused
    in that time, of these visitors' origin.
    """

    events: int
    first_seq: int
    last_seq: int
    started_at: float
    ended_at: float
    visitors: int
    used: int
    returned: int
    control: tuple[int, int]
    treatment: tuple[int, int]
    quarantined: int


def stretch_bounds(conn: Connection, origin: str, events: int) -> tuple[int, int, int] | None:
    """Bounds (a, b, c) of the origin's newest two stretches of `events`: seq in [a, b) and then [b, c].

    With fewer than twice as many, both are half of what there is; None with fewer than two events.
    """
    found = [
        row[0]
        for row in conn.execute(
            f"SELECT seq FROM events WHERE origin = ? AND {NOT_EXCLUDED} ORDER BY seq DESC LIMIT ?",
            (origin, 2 * events),
        )
    ]
    half = len(found) // 2
    return None if not half else (found[2 * half - 1], found[half - 1], found[0])


def read_stretch(conn: Connection, origin: str, first_seq: int, last_seq: int, gap_s: float) -> Stretch:
    """Count one stretch."""
    events, started_at, ended_at = conn.execute(
        "SELECT count(*), coalesce(min(received_at), 0), coalesce(max(received_at), 0) FROM events"
        f" WHERE seq BETWEEN ? AND ? AND origin = ? AND {NOT_EXCLUDED}",
        (first_seq, last_seq, origin),
    ).fetchone()
    arms = {
        (row["arm"], row["part"]): row
        for row in conn.execute(
            f"""
            SELECT visitors.arm, CASE WHEN visitors.holdout = 1 THEN 'holdout' ELSE visitors.arm_source END AS part,
                   count(*) AS visitors,
                   sum(CASE WHEN visitor_id IN (
                       SELECT visitor_id FROM interactions
                       WHERE seq > coalesce((
                           SELECT seq FROM interactions WHERE event_seq < ?1 ORDER BY seq DESC LIMIT 1
                       ), 0) AND event_seq <= ?2 AND kind = 'use'
                       GROUP BY visitor_id, item_id HAVING sum(weight + held) > 0
                   ) THEN 1 ELSE 0 END) AS used,
                   sum(CASE WHEN active.last_at - visitors.created_at >= ?4 THEN 1 ELSE 0 END) AS returned
            FROM (
                SELECT visitor_id, max(received_at) AS last_at FROM events
                WHERE seq BETWEEN ?1 AND ?2 AND origin = ?3 AND {NOT_EXCLUDED} GROUP BY visitor_id
            ) AS active JOIN visitors USING (visitor_id) GROUP BY visitors.arm, part
            """,
            (first_seq, last_seq, origin, gap_s),
        )
    }
    refused = conn.execute(
        "SELECT count(*) FROM quarantine JOIN visitors USING (visitor_id)"
        f" WHERE received_at BETWEEN ? AND ? AND visitors.origin = ? AND visitors.{NOT_EXCLUDED}",
        (started_at, ended_at, origin),
    ).fetchone()[0]

    def arm(name: str) -> tuple[int, int]:
        row = arms.get((name, "assigned"))
        return (0, 0) if row is None else (row["visitors"], row["returned"])

    return Stretch(
        events=events,
        first_seq=first_seq,
        last_seq=last_seq,
        started_at=started_at,
        ended_at=ended_at,
        visitors=sum(row["visitors"] for row in arms.values()),
        used=sum(row["used"] for row in arms.values()),
        returned=sum(row["returned"] for row in arms.values()),
        control=arm("control"),
        treatment=arm("treatment"),
        quarantined=refused,
    )
