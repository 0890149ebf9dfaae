"""Interactions in the event database: appended by the writer beside the events, and read by everybody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.measures.exclusions import NOT_EXCLUDED
from app.store.several.changes import ACTS, announce
from app.store.slates import is_pinned
from app.values.interaction import Interaction

StandingRow = tuple[str, str, str, float, float, bool]
"""visitor_id, item_id, kind, and of that kind the sums of weight and held, and whether a served slate brought any."""

BY_MODEL, BY_FIRST_MODEL = "als", "first-factors"
"""Sources of an entry that a model chose: a published one, or that of a site's first hour."""

_MOST_AT_ONCE = 200  # rows a statement; SQLite takes 32,766 parameters
_MOST_VISITORS = 500
_WRITTEN = "visitor_id, item_id, kind, weight, held, at, event_seq, holdout, origin, served, age_s, propensity"
_PLACES = f"({', '.join('?' * len(_WRITTEN.split(',')))})"
_SELECT = f"SELECT seq, {_WRITTEN} FROM interactions"


def append_interactions(db: Database, rows: Sequence[Interaction]) -> None:
    """Store rows in their order, for use inside a writer task; their own `seq` is not looked at."""
    for start in range(0, len(rows), _MOST_AT_ONCE):
        part = rows[start : start + _MOST_AT_ONCE]
        values = [value for row in part for value in row[1:]]
        db.conn.execute(
            f"INSERT INTO interactions ({_WRITTEN}) VALUES {', '.join([_PLACES] * len(part))}",
            values,
        )
    announce(db.conn, ACTS, {row.visitor_id for row in rows})


def delete_interactions(db: Database, visitor_ids: Collection[str]) -> int:
    """Delete all rows of some visitors, inside a writer task, before they are made anew; returns how many."""
    announce(db.conn, ACTS, visitor_ids)
    return db.conn.execute(
        f"DELETE FROM interactions WHERE visitor_id IN ({marks(visitor_ids)})", list(visitor_ids)
    ).rowcount


def standing(conn: Connection, visitor_id: str, item_ids: Collection[str]) -> list[StandingRow]:
    """What stands between a visitor and each of some items."""
    return _standing(conn, f"visitor_id = ? AND item_id IN ({marks(item_ids)})", [visitor_id, *item_ids])


def standing_of(conn: Connection, visitor_ids: Collection[str]) -> list[StandingRow]:
    """What stands between some visitors and all items that they ever touched."""
    ids, found = list(visitor_ids), list[StandingRow]()
    for start in range(0, len(ids), _MOST_VISITORS):
        part = ids[start : start + _MOST_VISITORS]
        found += _standing(conn, f"visitor_id IN ({marks(part)})", part)
    return found


def _standing(conn: Connection, where: str, values: Sequence[str]) -> list[StandingRow]:
    rows = dialect_of(conn).rows(
        conn,
        "SELECT visitor_id, item_id, kind, sum(weight), sum(held), max(served) FROM interactions"
        f" WHERE {where} GROUP BY visitor_id, item_id, kind",
        values,
    )
    return list(rows)


def visitor_interactions(conn: Connection, visitor_id: str) -> list[Interaction]:
    """All rows of one visitor, oldest first, whether excluded or not: a visitor's own pages are theirs."""
    return list(_rows(conn, f"{_SELECT} WHERE visitor_id = ? ORDER BY seq", [visitor_id]))


def interactions_of(conn: Connection, visitor_ids: Collection[str]) -> dict[str, list[Interaction]]:
    """All rows of some visitors by visitor, oldest first; nothing of those who are excluded."""
    found: dict[str, list[Interaction]] = {visitor_id: [] for visitor_id in visitor_ids}
    ids = list(found)
    for start in range(0, len(ids), _MOST_VISITORS):
        part = ids[start : start + _MOST_VISITORS]
        query = f"{_SELECT} WHERE visitor_id IN ({marks(part)}) AND {NOT_EXCLUDED} ORDER BY seq"
        for row in _rows(conn, query, part):
            found[row.visitor_id].append(row)
    return found


def interactions_since(conn: Connection, after: int = 0, holdout: bool | None = None) -> Iterator[Interaction]:
    """Rows with a seq above `after`, oldest first, without those of excluded visitors.

    holdout: only rows of visitors who judge (True) or who train (False). The caller reads them to the end before
    it asks this connection for anything else that must be of the same moment.
    """
    whose = "" if holdout is None else f" AND holdout = {int(holdout)}"
    return _rows(conn, f"{_SELECT} WHERE seq > ?{whose} AND {NOT_EXCLUDED} ORDER BY seq", [after])


def newest_interactions(conn: Connection, limit: int, before: int | None = None) -> list[Interaction]:
    """The newest rows, those with a seq below `before` if given, newest first; of excluded visitors as well."""
    where, values = ("", []) if before is None else (" WHERE seq < ?", [before])
    return list(_rows(conn, f"{_SELECT}{where} ORDER BY seq DESC LIMIT ?", [*values, limit]))


def placed_source(conn: Connection, events: str, slates: str) -> tuple[str, str]:
    """In SQL, what had put the entry there that an event answers, and the condition that a model or a business rule
    (``pinned``) had; names of the tables.
    """
    source = dialect_of(conn).json_entry(f"{slates}.sources", f"{events}.position")
    by_model = f"({slates}.model_version IS NOT NULL AND {source} = '{BY_MODEL}') OR {source} = '{BY_FIRST_MODEL}'"
    return source, f"({by_model} OR {is_pinned(conn, events, slates)})"


def placed_entries(conn: Connection, visitor_ids: Collection[str] | None = None) -> dict[int, str]:
    """Numbers of the rows, of some visitors or of all, whose event answered an entry that a model chose or a
    business rule (``pinned``) put there, and which.
    """
    source, placed = placed_source(conn, "e", "s")
    query = (
        f"SELECT i.seq, {source} FROM interactions AS i JOIN events AS e ON e.seq = i.event_seq"
        f" JOIN slates AS s USING (slate_id) WHERE i.weight > 0 AND {placed}"
    )
    if visitor_ids is None:
        return {row[0]: row[1] for row in conn.execute(query)}
    found: dict[int, str] = {}
    ids = list(visitor_ids)
    for start in range(0, len(ids), _MOST_VISITORS):
        part = ids[start : start + _MOST_VISITORS]
        rows = conn.execute(f"{query} AND i.visitor_id IN ({marks(part)})", part)
        found.update((row[0], row[1]) for row in rows)
    return found


def last_interaction(conn: Connection) -> int:
    """The newest seq, 0 when there is no row."""
    seq: int = conn.execute("SELECT coalesce(max(seq), 0) FROM interactions").fetchone()[0]
    return seq


def visitors_since(conn: Connection, after: int) -> list[str]:
    """Visitors who have a row with a seq above `after`, in order of the first such row; excluded ones too."""
    rows = conn.execute(
        "SELECT visitor_id FROM interactions WHERE seq > ? GROUP BY visitor_id ORDER BY min(seq)", [after]
    )
    return [row[0] for row in rows]


def excluded_interactions(conn: Connection) -> int:
    """Rows of visitors who train no model because they are excluded."""
    query = (
        "SELECT count(*) FROM interactions"
        " WHERE visitor_id IN (SELECT visitor_id FROM exclusions WHERE lifted_at IS NULL)"
    )
    count: int = conn.execute(query).fetchone()[0]
    return count


def _rows(conn: Connection, query: str, values: Iterable[object]) -> Iterator[Interaction]:
    for row in dialect_of(conn).rows(conn, query, list(values)):
        yield Interaction._make(row)


def opened_with(conn: Connection, item_id: str, most_visitors: int = 300) -> dict[str, int]:
    """How many of the newest visitors who turned to an item turned to each other item as well; none of the excluded."""
    rows = conn.execute(
        f"""
        SELECT item_id, count(DISTINCT visitor_id) FROM interactions WHERE weight > 0 AND visitor_id IN (
            SELECT visitor_id FROM interactions WHERE item_id = ?1 AND weight > 0 AND {NOT_EXCLUDED}
            GROUP BY visitor_id ORDER BY max(seq) DESC LIMIT ?2
        ) AND kind <> 'dislike' AND item_id <> ?1 GROUP BY item_id
        """,
        (item_id, most_visitors),
    )
    return {row[0]: row[1] for row in rows}
