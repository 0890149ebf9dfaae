"""Business rules in the event database: made and ended, never deleted, so that a slate can name what shaped it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.store.engines import Connection, Database, dialect_of, marks
from app.store.errors import StoreError
from app.store.several.changes import RULES, announce
from app.values.rule import Rule

_COLUMNS = "id, action, field, value, number, made_at, made_by, ended_at, ended_by"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as recorded. Times in Unix seconds; ended_at: None while it is in force."""

    rule: Rule
    made_at: float
    made_by: str
    ended_at: float | None
    ended_by: str | None


def add_rule(db: Database, rule: Rule, by: str, at: float) -> int:
    """Let a rule be in force from now on, inside a writer task; returns its number."""
    announce(db.conn, RULES)
    number = dialect_of(db.conn).insert_one(
        db.conn,
        "INSERT INTO rules (action, field, value, number, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?)",
        (rule.action, rule.field, rule.value, rule.number, at, by),
    )
    return number or 0


def end_rule(db: Database, rule_id: int, by: str, at: float) -> RuleRow:
    """End a rule, inside a writer task. Raises StoreError for an unknown one and for one that was ended before."""
    announce(db.conn, RULES)
    done = db.conn.execute(
        "UPDATE rules SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL", (at, by, rule_id)
    )
    rows = read_rules(db.conn, [rule_id])
    if not rows or not done.rowcount:
        what = "was ended before" if rows else "does not exist"
        raise StoreError(f"rule {rule_id} {what}; `flask rules list` shows those in force")
    return rows[0]


def remove_rule(db: Database, rule_id: int, by: str, at: float) -> None:
    """List a rule no more, ended if it was in force, inside a writer task; it stays on record. Raises StoreError."""
    announce(db.conn, RULES)
    done = db.conn.execute(
        "UPDATE rules SET removed = 1, ended_at = coalesce(ended_at, ?), ended_by = coalesce(ended_by, ?)"
        " WHERE id = ? AND removed = 0",
        (at, by, rule_id),
    )
    if not done.rowcount:
        raise StoreError(f"rule {rule_id} is not on the list")


def restore_rule(db: Database, rule_id: int, by: str, at: float) -> int:
    """Let a rule that was ended be in force again under a number of its own, inside a writer task; returns the number.

    The earlier one leaves the list, and stays on record with when it began and ended. Raises StoreError.
    """
    found = db.conn.execute(
        f"SELECT {_COLUMNS} FROM rules WHERE id = ? AND ended_at IS NOT NULL AND removed = 0", [rule_id]
    ).fetchone()
    if found is None:
        raise StoreError(f"rule {rule_id} is not among those that are switched off")
    remove_rule(db, rule_id, by, at)
    return add_rule(db, _row(found).rule, by, at)


def switched_off(conn: Connection, most: int) -> list[RuleRow]:
    """The newest rules that were ended and are still on the list, the last one first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM rules WHERE ended_at IS NOT NULL AND removed = 0"
        " ORDER BY ended_at DESC, id DESC LIMIT ?",
        [most],
    )
    return [_row(row) for row in rows]


def read_rules(conn: Connection, rule_ids: Collection[int] | None = None) -> list[RuleRow]:
    """Rules in force in the order in which they were made, or those of some numbers, ended ones as well."""
    where, values = "ended_at IS NULL", list[int]()
    if rule_ids is not None:
        where, values = f"id IN ({marks(rule_ids)})", list(rule_ids)
    rows = conn.execute(f"SELECT {_COLUMNS} FROM rules WHERE {where} ORDER BY id", values)
    return [_row(row) for row in rows]


def _row(row: Any) -> RuleRow:
    return RuleRow(Rule(row[1], row[2], row[3], row[4], row[0]), *tuple(row)[5:])


def items_done(conn: Connection, visitor_id: str, kinds: Collection[str]) -> set[str]:
    """Items with which a visitor did something of these kinds that they have not taken back."""
    rows = conn.execute(
        f"SELECT item_id FROM interactions WHERE visitor_id = ? AND kind IN ({marks(kinds)})"
        " GROUP BY item_id, kind HAVING sum(weight + held) > 0",
        (visitor_id, *kinds),
    )
    return {row[0] for row in rows}
