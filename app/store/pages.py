"""Logging a whole page: the visitor, if this is their first, and every slate that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.store.engines import INTEGRITY_ERRORS, Connection, Database, dialect_of
from app.store.merges import merged_into
from app.store.slates import LoggedSlate, log_slates, log_slates_of_known
from app.store.visitors import ensure_visitor, is_known
from app.values.visitor import Visitor


@dataclass(frozen=True, slots=True)
class PageLog:
    """The task that logs a page; all that wait together are one statement."""

    visitor: Visitor
    slates: Sequence[LoggedSlate]

    def __call__(self, db: Database) -> int:
        """Log it within a transaction."""
        return log_page(db, self.visitor, self.slates)

    @staticmethod
    def run_joined(db: Database, tasks: Sequence[PageLog]) -> list[int]:
        """See `JoinedTask`: the number of slates of each page; raises for a visitor who is not known."""
        log_slates(db, [slate for task in tasks for slate in task.slates])
        return [len(task.slates) for task in tasks]

    @staticmethod
    def write_joined(conn: Connection, tasks: Sequence[PageLog]) -> list[int | None]:
        """See `JoinedTask`: the number of slates of each page whose visitor is known."""
        known = log_slates_of_known(conn, [slate for task in tasks for slate in task.slates])
        return [len(task.slates) if task.visitor.visitor_id in known else None for task in tasks]


def log_page(db: Database, visitor: Visitor, slates: Sequence[LoggedSlate]) -> int:
    """Write the slates of one page, the visitor's row first if it is new. Returns the number of slates."""
    if dialect_of(db.conn).fails_freely or is_known(db.conn, visitor.visitor_id):
        try:
            return log_slates(db, slates)
        except INTEGRITY_ERRORS:  # rarely: most visitors have been here before, and asking first costs a statement
            pass
    known_as = merged_into(db.conn, visitor.visitor_id)
    if known_as is None:
        ensure_visitor(db, visitor)
    else:  # merged while the page was made: it was shown to the same person
        slates = [replace(slate, visitor_id=known_as) for slate in slates]
    return log_slates(db, slates)
