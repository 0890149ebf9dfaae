"""Logged slates of the shelf "For you" with what was clicked on them: the log that off-policy estimates read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.store.engines import Connection, dialect_of, marks
from app.store.measures.exclusions import NOT_EXCLUDED


@dataclass(frozen=True, slots=True)
class LoggedShelf:
    """One learned slate of "For you". Entry p of `items` stood at position p + 1 with chance `propensities[p]`.

    clicked: positions that were clicked, from 1. served_at: Unix seconds.
    """

    visitor_id: str
    served_at: float
    items: tuple[str, ...]
    propensities: tuple[float, ...]
    clicked: frozenset[int]


def newest_shelves(conn: Connection, origins: Sequence[str], limit: int) -> list[LoggedShelf]:
    """The newest `limit` slates of "For you" that a model ranked, for visitors of these origins, newest first.

    Slates of excluded visitors, and those that business rules had a part in, are left out.
    """
    rows = conn.execute(
        f"""
        SELECT visitor_id, served_at, items, propensities,
               (SELECT {dialect_of(conn).json_list("position")} FROM events
                WHERE events.slate_id = slates.slate_id AND kind = 'click' AND undo = 0)
        FROM slates
        WHERE shelf = 'for-you' AND model_version IS NOT NULL AND policy LIKE 'als%' AND rules IS NULL
          AND origin IN ({marks(origins)}) AND {NOT_EXCLUDED}
        ORDER BY seq DESC LIMIT ?
        """,
        [*origins, limit],
    )
    return [
        LoggedShelf(row[0], row[1], tuple(json.loads(row[2])), tuple(json.loads(row[3])), frozenset(json.loads(row[4])))
        for row in rows
    ]


def choices_from_models(conn: Connection, limit: int) -> list[tuple[int, str, str]]:
    """The newest `limit` clicks on entries that a model had put there: event seq, visitor_id, item_id; newest first.

    Clicks of excluded visitors are left out.
    """
    rows = conn.execute(
        f"""
        SELECT events.seq, events.visitor_id, events.item_id FROM events JOIN slates USING (slate_id)
        WHERE events.kind = 'click' AND events.undo = 0 AND slates.model_version IS NOT NULL
          AND {dialect_of(conn).json_entry("slates.sources", "events.position")} = 'als'
          AND events.{NOT_EXCLUDED}
        ORDER BY events.seq DESC LIMIT ?
        """,
        [limit],
    )
    return [(row[0], row[1], row[2]) for row in rows]
