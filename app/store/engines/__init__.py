"""The engines that the event database may lie on, and all that differs between them.

Functions of the store write SQL that every engine understands; where that cannot be, they ask `dialect_of(conn)`.
"""

from app.store.engines.connection import Connection, Cursor, Database, Engine, Link, RightToWrite
from app.store.engines.dialect import Dialect, WordMatch, marks
from app.store.engines.faults import (
    DATABASE_ERRORS,
    INTEGRITY_ERRORS,
    EngineError,
    RowRefusedError,
    UnstorableTextError,
)
from app.store.engines.sqlite_dialect import dialect_of

__all__ = [
    "DATABASE_ERRORS",
    "INTEGRITY_ERRORS",
    "Connection",
    "Cursor",
    "Database",
    "Dialect",
    "Engine",
    "EngineError",
    "Link",
    "RightToWrite",
    "RowRefusedError",
    "UnstorableTextError",
    "WordMatch",
    "dialect_of",
    "marks",
]
