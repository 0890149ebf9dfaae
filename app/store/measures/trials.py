"""What the visitors of a trial saw and clicked, and whether the site has visitors that a trial could ask at all."""

from __future__ import annotations

from dataclasses import dataclass

from app.store.engines import Connection, dialect_of
from app.store.measures.exclusions import NOT_EXCLUDED


@dataclass(frozen=True, slots=True)
class TrialVisitor:
    """Slates of a trial that one visitor was shown, and their clicks on entries of each side."""

    visitor_id: str
    origin: str
    slates: int
    champion_clicks: int
    challenger_clicks: int


def trial_visitors(conn: Connection, challenger_version: int) -> list[TrialVisitor]:
    """Every visitor of a version's trial who is not excluded, in the order of their first slate.

    An entry counts as clicked once, however often it was; what both sides wanted or chance drew counts for neither.
    """
    rows = conn.execute(
        f"""
        SELECT visitor_id, origin, count(DISTINCT seq),
               count(DISTINCT CASE WHEN team = 'champion' THEN seq || ' ' || position END),
               count(DISTINCT CASE WHEN team = 'challenger' THEN seq || ' ' || position END)
        FROM (
            SELECT slates.visitor_id, slates.origin, slates.seq, events.position,
                   {dialect_of(conn).json_entry("slates.teams", "events.position")} AS team
            FROM slates LEFT JOIN events
              ON events.slate_id = slates.slate_id AND events.kind = 'click' AND events.undo = 0
            WHERE slates.challenger_version = ? AND slates.{NOT_EXCLUDED}
        ) AS shown
        GROUP BY visitor_id, origin ORDER BY min(seq)
        """,
        [challenger_version],
    )
    return [TrialVisitor(*row) for row in rows]


def has_visitors_since(conn: Connection, since: float) -> bool:
    """Whether the learned shelf "For you" was shown to anybody on the site since a time in Unix seconds."""
    found = conn.execute(
        """
        SELECT 1 FROM slates
        WHERE shelf = 'for-you' AND model_version IS NOT NULL AND origin IN ('real', 'simulated') AND served_at >= ?
        ORDER BY seq DESC LIMIT 1
        """,
        [since],
    ).fetchone()
    return found is not None
