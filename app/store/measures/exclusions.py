"""Exclusions: visitors whose rows stay, but count in no model, no judgement and no figure of the experiment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.store.engines import Connection, Database, dialect_of
from app.store.erasing.tombstones import is_erased
from app.store.errors import StoreError

_COLUMNS = "id, made_at, rule, visitor_id, reason, evidence, by, lifted_at, lifted_by, lifted_reason"
NOT_EXCLUDED = "visitor_id NOT IN (SELECT visitor_id FROM exclusions WHERE lifted_at IS NULL)"


@dataclass(frozen=True, slots=True)
class NewExclusion:
    """A visitor to exclude. rule: what found them, or ``by hand``. evidence: the figures behind `reason`."""

    visitor_id: str
    rule: str
    reason: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One exclusion as recorded. Times in Unix seconds; lifted_at: None while it is in force."""

    id: int
    made_at: float
    rule: str
    visitor_id: str
    reason: str
    evidence: Mapping[str, Any]
    by: str
    lifted_at: float | None
    lifted_by: str | None
    lifted_reason: str | None


def exclude(db: Database, found: Sequence[NewExclusion], by: str, at: float) -> list[int]:
    """Record exclusions, for use inside a writer task; returns the ids of the new ones.

    Whoever is excluded already stays so, with the reason that was given first. Whoever was erased since they were found
    is left out, without a trace. Raises StoreError for a visitor who is
    not known.
    """
    made = []
    for row in found:
        if is_erased(db, row.visitor_id):
            continue
        if not db.conn.execute("SELECT 1 FROM visitors WHERE visitor_id = ?", [row.visitor_id]).fetchone():
            raise StoreError(f"visitor {row.visitor_id!r} is not known, so there is nobody to exclude")
        number = dialect_of(db.conn).insert_one(
            db.conn,
            "INSERT INTO exclusions (made_at, rule, visitor_id, reason, evidence, by) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (visitor_id) WHERE lifted_at IS NULL DO NOTHING",
            [at, row.rule, row.visitor_id, row.reason, json.dumps(row.evidence, sort_keys=True), by],
        )
        if number is not None:
            made.append(number)
    _note(db, at, "excluded", len(made))
    return made


def lift(db: Database, exclusion_id: int, reason: str, by: str, at: float) -> Exclusion:
    """End one exclusion, for use inside a writer task; its row stays, with who lifted it and why.

    Raises StoreError for an unknown id and for one that was lifted before.
    """
    row = db.conn.execute(f"SELECT {_COLUMNS} FROM exclusions WHERE id = ?", [exclusion_id]).fetchone()
    if row is None:
        raise StoreError(f"there is no exclusion {exclusion_id}; `flask exclusions list` shows those there are")
    if row[7] is not None:
        raise StoreError(f"exclusion {exclusion_id} was lifted before")
    db.conn.execute(
        "UPDATE exclusions SET lifted_at = ?, lifted_by = ?, lifted_reason = ? WHERE id = ?",
        [at, by, reason, exclusion_id],
    )
    _note(db, at, "lifted", 1)
    return _exclusion(db.conn.execute(f"SELECT {_COLUMNS} FROM exclusions WHERE id = ?", [exclusion_id]).fetchone())


def read_exclusions(conn: Connection, limit: int = 2**62, in_force: bool = False) -> list[Exclusion]:
    """Exclusions, newest first; in_force: only those that are not lifted."""
    where = "WHERE lifted_at IS NULL" if in_force else ""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM exclusions {where} ORDER BY id DESC LIMIT ?", [limit])
    return [_exclusion(row) for row in rows]


def excluded_visitors(conn: Connection) -> frozenset[str]:
    """Ids of the visitors who are excluded now."""
    return frozenset(row[0] for row in conn.execute("SELECT visitor_id FROM exclusions WHERE lifted_at IS NULL"))


def newest_exclusion(conn: Connection) -> int:
    """The number of the newest exclusion in force, 0 without any.

    Lifting is final: whoever is excluded now by a number up to this one was excluded when it was read.
    """
    number: int = conn.execute("SELECT coalesce(max(id), 0) FROM exclusions WHERE lifted_at IS NULL").fetchone()[0]
    return number


def last_curation(conn: Connection) -> int:
    """The number of the newest change of the exclusions, 0 before any; when it moves, models must be made anew."""
    number: int = conn.execute("SELECT coalesce(max(id), 0) FROM curations").fetchone()[0]
    return number


def _note(db: Database, at: float, change: str, visitors: int) -> None:
    if visitors:
        db.conn.execute("INSERT INTO curations (at, change, visitors) VALUES (?, ?, ?)", [at, change, visitors])


def _exclusion(row: Sequence[Any]) -> Exclusion:
    values = list(row)
    values[5] = json.loads(values[5])
    return Exclusion(*values)
