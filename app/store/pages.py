"""Logging a whole page: the visitor, if this is their first, and every slate that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.store.engines import INTEGRITY_ERRORS, Database, dialect_of
from app.store.merges import merged_into
from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import ensure_visitor, is_known
from app.values.visitor import Visitor


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
