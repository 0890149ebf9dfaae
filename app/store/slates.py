"""Slates: every ranked list as it was served, with the chance that each entry had of being there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from app.store.engines import Connection, Database, dialect_of, marks
from app.values.rule import PINNED

_COLUMNS = (
    "slate_id, page_id, visitor_id, shelf, policy, arm, model_version, served_at, origin, "
    "items, sources, propensities, scores, teams, challenger_version, rules"
)
SEARCH_SHELF, GRID_SHELF, SIMILAR_SHELF, PAIRS_SHELF = "search", "grid", "similar", "pairs"
PICKS_SHELF = "picks"
"""Tiles of which a newcomer is asked to pick some; they stand above the rows and are no row."""
ASKED_SHELVES = frozenset({SEARCH_SHELF, GRID_SHELF, SIMILAR_SHELF, PAIRS_SHELF})
"""Shelves that show what the visitor asked for, by words, type or item; of all others the site chose the items."""
OWN_SHELVES = frozenset({"for-you", "api"})
"""Shelves that hold what a model chooses of all items: the first row, and what programs ask for."""

NEUTRAL_POLICIES = frozenset({"neutral", "random"})
"""Policies that put entries where they stand by lot, so that no ranking chose them: that of pages of holdout visitors,
and the one of the seed."""

_MOST_AT_ONCE = 100
_NAMES = _COLUMNS.split(", ")
_PLACES = f"({', '.join('?' * len(_NAMES))})"
_NO_TEXTS = {"model_version": "bigint", "served_at": "double precision", "challenger_version": "bigint"}
_ROWS_OF_A_PLAN = 8


@dataclass(frozen=True, slots=True)
class LoggedSlate:
    """One served list. Entry p of `items`, `sources`, `propensities` and `scores` stood at position p + 1.

    served_at: Unix seconds. propensities: chance of the entry at its position, in (0, 1]; see `SlatePolicy.draw`.
    scores: what the ranker said, None where it said nothing. model_version: None when no model took part.
    teams: on a slate of a trial, who put the entry there: ``champion``, ``challenger``, ``both``, or
    ``explore`` for what was drawn by chance; None on every other slate. challenger_version: the version on trial.
    rules: numbers of the business rules that were in force, 0 for what the question brought along; None without any.
    Raises ValueError when the lists differ in length, or when only one of the last two is given.
    """

    slate_id: str
    page_id: str
    visitor_id: str
    shelf: str
    policy: str
    arm: str
    model_version: int | None
    served_at: float
    origin: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    propensities: tuple[float, ...]
    scores: tuple[float | None, ...]
    teams: tuple[str, ...] | None = None
    challenger_version: int | None = None
    rules: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.items), len(self.sources), len(self.propensities), len(self.scores)}
        if len(lengths) != 1:
            raise ValueError(
                f"slate {self.slate_id!r} has {len(self.items)} items, {len(self.sources)} sources, "
                f"{len(self.propensities)} propensities and {len(self.scores)} scores; give one of each an entry"
            )
        if (self.teams is None) != (self.challenger_version is None):
            raise ValueError(f"slate {self.slate_id!r} must name the challenger and the teams of a trial, or neither")
        if self.teams is not None and len(self.teams) != len(self.items):
            raise ValueError(f"slate {self.slate_id!r} has {len(self.items)} items and {len(self.teams)} teams")


def log_slates(db: Database, slates: Iterable[LoggedSlate]) -> int:
    """Write slates; their visitors must be known. Returns how many were written.

    Raises one of INTEGRITY_ERRORS for a slate id that is known already or a visitor that is not.
    """
    rows = [_parameters(slate) for slate in slates]
    for start in range(0, len(rows), _MOST_AT_ONCE):
        part = rows[start : start + _MOST_AT_ONCE]
        # One statement for all: between two, another thread may hold the interpreter for milliseconds.
        places = ", ".join([_PLACES] * len(part))
        db.conn.execute(f"INSERT INTO slates ({_COLUMNS}) VALUES {places}", [value for row in part for value in row])
    return len(rows)


def log_slates_of_known(conn: Connection, slates: Sequence[LoggedSlate]) -> set[str]:
    """Write the slates whose visitors are known, outside of a transaction; returns these visitors.

    Where several processes write. One statement, which takes the lock of those who write before it numbers a row.
    Raises one of INTEGRITY_ERRORS, having written nothing, where one of the slates is refused: for a slate id that is
    known already, or a visitor who was erased or merged while the lock was waited for.
    """
    # Rows of nothing round the number up, so that the server plans a few statements and not one for each number.
    rows = len(slates) + -len(slates) % _ROWS_OF_A_PLAN
    values = [value for slate in slates for value in _parameters(slate)]
    values += [None] * (len(_NAMES) * (rows - len(slates)))
    return {row[0] for row in conn.execute(_insert_of_known(rows, dialect_of(conn).once_alone), values)}


@lru_cache
def _insert_of_known(rows: int, once_alone: str) -> str:
    """The statement for so many rows. A condition is asked before a row gets its number."""
    casts = ", ".join(f"CAST(? AS {_NO_TEXTS.get(name, 'text')})" for name in _NAMES)
    places = ", ".join([f"({casts})", *[_PLACES] * (rows - 1)])
    known = "(SELECT 1 FROM visitors WHERE visitors.visitor_id = served.visitor_id) = 1"
    return (
        f"INSERT INTO slates ({_COLUMNS}) SELECT {_COLUMNS} FROM (VALUES {places}) AS served ({_COLUMNS})"
        f" WHERE {once_alone} AND {known} RETURNING visitor_id"
    )


def _parameters(slate: LoggedSlate) -> tuple[object, ...]:
    return (
        slate.slate_id,
        slate.page_id,
        slate.visitor_id,
        slate.shelf,
        slate.policy,
        slate.arm,
        slate.model_version,
        slate.served_at,
        slate.origin,
        _as_json(slate.items),
        _as_json(slate.sources),
        _as_json(slate.propensities),
        _as_json(slate.scores),
        None if slate.teams is None else _as_json(slate.teams),
        slate.challenger_version,
        None if slate.rules is None else _as_json(slate.rules),
    )


def _as_json(values: tuple[object, ...]) -> str:
    try:
        return orjson.dumps(values).decode()
    except TypeError:  # `JSONEncodeError`, such as of half a surrogate in an id
        return json.dumps(values)


def get_slate(conn: Connection, slate_id: str) -> LoggedSlate | None:
    """The slate with that id, or None."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM slates WHERE slate_id = ?", (slate_id,)).fetchone()
    return None if row is None else _slate(row)


def page_items(conn: Connection, visitor_id: str, page_id: str) -> set[str]:
    """All items that a page showed to a visitor; none for a page of somebody else, or that was not logged."""
    query = "SELECT items FROM slates WHERE visitor_id = ? AND page_id = ?"
    return {item_id for row in conn.execute(query, (visitor_id, page_id)) for item_id in json.loads(row[0])}


@dataclass(frozen=True, slots=True)
class ServedItems:
    """The part of a slate that an event is checked against: whose it is, its items in order of position, its shelf.

    propensities: the chance of each entry at its position, on a slate that a neutral policy filled; else None.
    pinned: positions, from 1, at which a business rule had put the entry.
    """

    visitor_id: str
    items: tuple[str, ...]
    shelf: str
    propensities: tuple[float, ...] | None = None
    pinned: frozenset[int] = frozenset()


def get_served(conn: Connection, slate_ids: Collection[str]) -> dict[str, ServedItems]:
    """Visitor, items and shelf of the slates with these ids, by id; those that are not there are left out."""
    if not slate_ids:
        return {}
    query = (
        "SELECT slate_id, visitor_id, items, shelf, policy, propensities, sources FROM slates"
        f" WHERE slate_id IN ({marks(slate_ids)})"
    )
    found: dict[str, ServedItems] = {}
    for slate_id, visitor_id, items, shelf, policy, propensities, sources in conn.execute(query, [*slate_ids]):
        neutral = tuple(json.loads(propensities)) if is_neutral(policy, shelf) else None
        pinned = enumerate(json.loads(sources), start=1) if PINNED in sources else ()
        places_pinned = frozenset(position for position, source in pinned if source == PINNED)
        found[slate_id] = ServedItems(visitor_id, tuple(json.loads(items)), shelf, neutral, places_pinned)
    return found


def is_neutral(policy: str, shelf: str) -> bool:
    """Whether a slate was filled by lot, among everything: what the visitor asked for narrows the lot to it."""
    return policy in NEUTRAL_POLICIES and shelf not in ASKED_SHELVES


def is_pinned(conn: Connection, events: str, slates: str) -> str:
    """The condition in SQL that an event answers an entry which a business rule had put there; names of the tables."""
    source = dialect_of(conn).json_entry(f"{slates}.sources", f"{events}.position")
    # Most slates have no such entry, and a look at the text costs less than to parse it.
    return f"({slates}.sources LIKE '%{PINNED}%' AND coalesce({source}, '') = '{PINNED}')"


def _slate(row: Any) -> LoggedSlate:
    values = dict(row)
    for name in ("items", "sources", "propensities", "scores", "teams", "rules"):
        values[name] = None if values[name] is None else tuple(json.loads(values[name]))
    return LoggedSlate(**values)


@dataclass(frozen=True, slots=True)
class SlateLine:
    """One served list in a list of them. entries: its length. clicked: how many of them were clicked."""

    slate_id: str
    shelf: str
    policy: str
    arm: str
    model_version: int | None
    served_at: float
    entries: int
    clicked: int


def recent_slates(conn: Connection, origin: str, limit: int, visitor_id: str | None = None) -> list[SlateLine]:
    """The newest slates of an origin, or of one visitor of it; newest first."""
    whose, values = "slates.origin = ?1", [origin, limit]
    if visitor_id:
        whose, values = f"{whose} AND slates.visitor_id = ?3", [origin, limit, visitor_id]
    length = dialect_of(conn).json_length("items")
    rows = conn.execute(
        f"SELECT slate_id, shelf, policy, arm, model_version, served_at, {length},"
        " (SELECT COUNT(DISTINCT position) FROM events WHERE events.slate_id = slates.slate_id AND kind = 'click')"
        f" FROM slates WHERE {whose} ORDER BY seq DESC LIMIT ?2",
        values,
    )
    return [SlateLine(*row) for row in rows]


def slate_answers(conn: Connection, slate_id: str) -> dict[int, list[str]]:
    """What was done with the entries of a slate: kinds of event by position, in the order in which they first came."""
    rows = conn.execute(
        "SELECT position, kind FROM events WHERE slate_id = ? AND undo = 0 AND position IS NOT NULL"
        " GROUP BY position, kind ORDER BY MIN(seq)",
        (slate_id,),
    )
    answers: dict[int, list[str]] = {}
    for position, kind in rows:
        answers.setdefault(position, []).append(kind)
    return answers
