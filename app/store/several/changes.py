"""Changes of what processes hold in memory: each commit says what it changed, and every other process reads that.

Numbers are given out under the lock of those who write, so that whoever has read up to a number has missed nothing
below it. A process that looks before it answers knows all that was acknowledged before it was asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol, cast

from app.store.engines import Connection, dialect_of

ACTS = "acts"
"""The visitor of this id did something, or asked for more or less of something: their history is another."""
VIEWS = "views"
"""The visitor of this id had something on screen."""
VISITOR = "visitor"
"""The row of the visitor of this id is another, such as the arm."""
MERGE = "merge"
"""The visitor of this id is known by another one now."""
WAITS = "waits"
"""A page waits for a sign that the visitor of this id is there."""
ITEMS, RULES = "items", "rules"
"""Items or business rules were written; no name."""
ERASURE = "erasure"
"""Rows of somebody, or old ones, were deleted: nothing that is held of any visitor may be believed. No name."""

KEPT_S = 600.0
"""Older changes are deleted: a process that has not looked for so long forgets all that it holds."""


class Change(NamedTuple):
    """One change: its number, one of the words above, and whom it is about. own: made by the process that reads it."""

    number: int
    what: str
    name: str
    own: bool


class _Announces(Protocol):
    """A connection that keeps what its transaction changed until the commit."""

    announced: dict[tuple[str, str], None]
    announces_as: int


def announce(conn: Connection, what: str, names: Iterable[str] = ("",)) -> None:
    """Tell other processes, with the commit of this transaction, of a change; for use inside a writer task."""
    if dialect_of(conn).several_processes:
        cast(_Announces, conn).announced.update(dict.fromkeys((what, name) for name in names))


def begin_announcing(conn: Connection) -> None:
    """At the begin of a transaction: what one before was about to tell is not so."""
    cast(_Announces, conn).announced.clear()


def write_announced(conn: Connection) -> None:
    """Before the commit: write what the transaction changed."""
    own = cast(_Announces, conn)
    if own.announced:
        whats, names = zip(*own.announced, strict=True)
        conn.execute(
            "INSERT INTO cache_changes (what, name, by) SELECT what, name, ?"
            " FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS changes (what, name)",
            [own.announces_as, list(whats), list(names)],
        )
        own.announced.clear()


def forget_announced(conn: Connection, visitor_ids: Collection[str]) -> None:
    """Take visitors who are erased out of what was told, and tell that somebody was; for use inside a writer task."""
    if dialect_of(conn).several_processes:
        announced = cast(_Announces, conn).announced
        for told in [told for told in announced if told[1] in visitor_ids]:
            del announced[told]
        conn.execute("DELETE FROM cache_changes WHERE name = ANY(CAST(? AS text[]))", [list(visitor_ids)])
        announce(conn, ERASURE)


def last_change(conn: Connection) -> int:
    """The number of the newest change that is kept, 0 for none."""
    number: int = conn.execute("SELECT coalesce(max(number), 0) FROM cache_changes").fetchone()[0]
    return number


def changes_since(conn: Connection, number: int, announces_as: int, most: int) -> list[Change]:
    """At most so many changes above a number, the oldest first. announces_as: of the process that asks."""
    rows = conn.execute(
        "SELECT number, what, name, by = ? FROM cache_changes WHERE number > ? ORDER BY number LIMIT ?",
        [announces_as, number, most],
    )
    return [Change(row[0], row[1], row[2], bool(row[3])) for row in rows]


def delete_old_changes(conn: Connection) -> int:
    """Delete changes that are kept no longer, by the clock of the server, inside a writer task; returns how many."""
    return conn.execute(
        "DELETE FROM cache_changes WHERE at < extract(epoch FROM clock_timestamp()) - CAST(? AS double precision)",
        [KEPT_S],
    ).rowcount
