"""Counts behind the risk indicators: of the newest rows only, so that the cost of a round stays the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.store.engines import Connection
from app.store.measures.assignments import assigned_since
from app.store.measures.exclusions import NOT_EXCLUDED

_SERVED = "origin IN ('real', 'simulated')"


@dataclass(frozen=True, slots=True)
class Window:
    """The newest events.

    first_seq, last_seq: their ends. first_at: Unix seconds of the first. by_origin: how many of each origin that the
    site served.
    """

    first_seq: int
    last_seq: int
    first_at: float
    by_origin: tuple[tuple[str, int], ...]

    @property
    def events(self) -> int:
        """Events of visitors whom the site served."""
        return sum(count for _, count in self.by_origin)


@dataclass(frozen=True, slots=True)
class HomeSlate:
    """The learned shelf of one home page. seen_before: whether the visitor had opened anything before it was served.

    model_version: of the model that the page had, used or not. policy: what really filled the shelf.
    """

    seq: int
    visitor_id: str
    arm: str
    model_version: int | None
    items: tuple[str, ...]
    seen_before: bool
    policy: str

    @property
    def is_ranked_by_model(self) -> bool:
        """Whether a model chose the items: for visitors without a history it does not, though the page has one."""
        return self.model_version is not None and self.policy.partition("+")[0] == "als"


@dataclass(frozen=True, slots=True)
class VisitorArmRow:
    """A visitor's arm, and whether it was ``assigned`` or ``chosen``."""

    visitor_id: str
    arm: str
    arm_source: str


def newest_window(conn: Connection, events: int) -> Window | None:
    """The window of the newest `events` events of all origins; None when none of them was served by the site."""
    last = conn.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    first = conn.execute(
        "SELECT min(seq) FROM (SELECT seq FROM events ORDER BY seq DESC LIMIT ?) AS newest", [events]
    ).fetchone()[0]
    if first is None:
        return None
    counts = conn.execute(
        f"SELECT origin, count(*) FROM events WHERE seq BETWEEN ? AND ? AND {_SERVED} GROUP BY origin ORDER BY origin",
        [first, last],
    ).fetchall()
    if not counts:
        return None
    first_at = conn.execute("SELECT received_at FROM events WHERE seq = ?", [first]).fetchone()[0]
    return Window(first, last, first_at, tuple((row[0], row[1]) for row in counts))


def item_impressions(conn: Connection, first_seq: int) -> dict[str, int]:
    """Impressions of each item from event `first_seq` on, those of excluded visitors left out."""
    rows = conn.execute(
        f"SELECT item_id, count(*) FROM events WHERE seq >= ? AND kind = 'view' AND {_SERVED} AND {NOT_EXCLUDED}"
        " GROUP BY item_id",
        [first_seq],
    )
    return {row[0]: row[1] for row in rows}


def item_choices(conn: Connection, first_seq: int, before_seq: int = 2**62) -> dict[str, int]:
    """Visitors by item who chose it from event `first_seq` on, and before `before_seq`, and whose choice stood then;
    nobody who is excluded.
    """
    rows = conn.execute(
        f"""
        SELECT item_id, count(*) FROM (
            SELECT item_id FROM interactions
            WHERE seq > coalesce((SELECT seq FROM interactions WHERE event_seq < ? ORDER BY seq DESC LIMIT 1), 0)
              AND event_seq < ? AND kind <> 'dislike'
              AND {_SERVED} AND {NOT_EXCLUDED}
            GROUP BY visitor_id, item_id HAVING sum(weight) > 0
        ) AS chosen GROUP BY item_id
        """,
        [first_seq, before_seq],
    )
    return {row[0]: row[1] for row in rows}


def cold_items(conn: Connection, enough: int) -> tuple[int, int]:
    """Items that were chosen fewer than `enough` times ever, by anybody who is not excluded, and all items.

    A time is an interaction that raised the item; at most so many of each are read.
    """
    row = conn.execute(
        "SELECT sum(CASE WHEN (SELECT 1 FROM interactions WHERE interactions.item_id = items.item_id AND weight > 0"
        f" AND kind <> 'dislike' AND interactions.{NOT_EXCLUDED} LIMIT 1 OFFSET ?) IS NULL THEN 1 ELSE 0 END),"
        " count(*) FROM items",
        [enough - 1],
    ).fetchone()
    return int(row[0] or 0), int(row[1])


def live_choices(conn: Connection, most: int) -> int:
    """Interactions that live visitors raised an item by, at most `most`."""
    query = (
        "SELECT count(*) FROM (SELECT 1 FROM interactions WHERE weight > 0 AND kind <> 'dislike'"
        " AND origin IN ('real', 'simulated') LIMIT ?) AS choices"
    )
    count: int = conn.execute(query, (most,)).fetchone()[0]
    return count


def home_slates(conn: Connection, newest: int) -> list[HomeSlate]:
    """The shelves "For you" among the newest slates of visitors whom the site served, oldest first."""
    rows = conn.execute(
        f"""
        SELECT seq, visitor_id, arm, model_version, items,
               EXISTS (SELECT 1 FROM interactions WHERE interactions.visitor_id = slates.visitor_id
                       AND interactions.at < slates.served_at), policy
        FROM slates WHERE seq > (SELECT coalesce(max(seq), 0) FROM slates) - ? AND shelf = 'for-you' AND {_SERVED}
        ORDER BY seq
        """,
        [newest],
    )
    return [HomeSlate(row[0], row[1], row[2], row[3], tuple(json.loads(row[4])), bool(row[5]), row[6]) for row in rows]


def newest_arms(conn: Connection, block: int) -> list[VisitorArmRow]:
    """Arms of the newest visitors whom the site served, who are not excluded, and whom the rule in force assigned.

    Visitors are counted in blocks of `block`: these are the newest full block and what has begun of the next, or all
    while there is no full one. So the beginning stays where it is while the next `block` visitors come, which a test
    that is read again and again needs.
    """
    counted = f"FROM visitors WHERE {_SERVED} AND {NOT_EXCLUDED} AND created_at >= ?"
    since = assigned_since(conn)
    visitors = conn.execute(f"SELECT count(*) {counted}", [since]).fetchone()[0]
    newest = visitors if visitors < block else block + visitors % block
    rows = conn.execute(
        f"SELECT visitor_id, arm, arm_source {counted} ORDER BY rowid DESC LIMIT ?", [since, newest]
    ).fetchall()
    return [VisitorArmRow(*row) for row in reversed(rows)]


def events_of(conn: Connection, visitor_ids: Sequence[str], window: Window) -> int:
    """Events in the window by some visitors, of those that `Window.events` counts."""
    query = f"SELECT count(*) FROM events WHERE visitor_id = ? AND seq BETWEEN ? AND ? AND {_SERVED}"
    ends = [window.first_seq, window.last_seq]
    return sum(conn.execute(query, [visitor_id, *ends]).fetchone()[0] for visitor_id in visitor_ids)
