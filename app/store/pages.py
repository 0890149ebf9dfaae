"""Logging a whole page: the visitor, if this is their first, and every slate that it shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlite_utils import Database

from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor


def log_page(db: Database, visitor: Visitor, slates: Sequence[LoggedSlate]) -> int:
    """Write the slates of one page, the visitor's row first if it is new. Returns the number of slates."""
    try:
        return log_slates(db, slates)
    except sqlite3.IntegrityError:  # rarely: most visitors have been here before, and asking first costs a statement
        ensure_visitor(db, visitor)
        return log_slates(db, slates)
