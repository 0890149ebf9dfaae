"""What an export reads: interactions by ranges of their numbers, and visitors; nothing of those who are excluded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from app.store.engines import Connection, dialect_of
from app.store.interactions import placed_source
from app.store.measures.exclusions import NOT_EXCLUDED

_ROW = "seq, visitor_id, item_id, kind, weight, held, at, event_seq, holdout, origin, served, age_s, propensity"
_PRIME = 1_000_003  # keeps products of two remainders within 64 bits

INTERACTION_COLUMNS = (*_ROW.split(", "), "placed")
"""Columns of a row of `exported_interactions`: those of `Interaction`, and what had put the entry there it answered."""

VISITOR_COLUMNS = ("visitor_id", "created_at", "arm", "arm_source", "origin", "holdout")


class Fingerprint(NamedTuple):
    """What tells whether the rows of a range are still those that were exported: rows are only ever deleted, hidden by
    an exclusion, or back after it. rows: how many. numbers, times: sums over their numbers, and over these and times.
    """

    rows: int
    numbers: int
    times: int


@contextmanager
def one_moment(conn: Connection) -> Iterator[None]:
    """All that is read inside is of one moment, whatever is committed meanwhile."""
    with dialect_of(conn).snapshot(conn):
        yield


def fingerprints(conn: Connection, span: int, first: int = 0, last: int = 2**62) -> dict[int, Fingerprint]:
    """By number of its range, a fingerprint of the interactions with a seq from n * span + 1 to (n + 1) * span, as far
    as they are between `first` and `last`; ranges without rows are left out. A pass over the rows.
    """
    times = f"(seq % {_PRIME}) * ({dialect_of(conn).whole('at')} % {_PRIME})"
    rows = conn.execute(
        f"SELECT (seq - 1) / ? AS part, count(*), sum(seq), sum({times}) FROM interactions"
        f" WHERE seq BETWEEN ? AND ? AND {NOT_EXCLUDED} GROUP BY part",
        (span, first, last),
    )
    return {row[0]: Fingerprint(*map(int, row[1:4])) for row in rows}


def exported_interactions(conn: Connection, first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """Rows of `INTERACTION_COLUMNS` with a seq from `first` to `last`, oldest first; see `placed_entries`."""
    source, placed = placed_source(conn, "e", "s")
    columns = ", ".join(f"i.{name}" for name in _ROW.split(", "))
    return dialect_of(conn).rows(
        conn,
        f"SELECT {columns}, CASE WHEN i.weight > 0 AND {placed} THEN {source} END"
        " FROM interactions AS i LEFT JOIN events AS e ON e.seq = i.event_seq"
        " LEFT JOIN slates AS s ON s.slate_id = e.slate_id"
        f" WHERE i.seq BETWEEN ? AND ? AND i.{NOT_EXCLUDED} ORDER BY i.seq",
        (first, last),
    )


def exported_visitors(conn: Connection) -> Iterator[tuple[Any, ...]]:
    """Rows of `VISITOR_COLUMNS` in order of their ids."""
    query = f"SELECT {', '.join(VISITOR_COLUMNS)} FROM visitors WHERE {NOT_EXCLUDED} ORDER BY visitor_id"
    return dialect_of(conn).rows(conn, query)


def visitor_count(conn: Connection) -> int:
    """Visitors that an export holds."""
    count: int = conn.execute(f"SELECT count(*) FROM visitors WHERE {NOT_EXCLUDED}").fetchone()[0]
    return count
