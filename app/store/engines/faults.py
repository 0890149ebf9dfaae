"""What an engine raises: SQLite its own errors, every other one those of this file."""

from __future__ import annotations

import sqlite3
from enum import Enum


class Cause(Enum):
    """What a fault comes from."""

    TASK = "the statement or its values"
    MACHINE = "the server, its disk or the way to it"
    FULL = "no room on the disk"


class EngineError(Exception):
    """A statement failed. cause: whether the same statement may work later."""

    def __init__(self, said: str, cause: Cause = Cause.TASK, *, connection_lost: bool = False) -> None:
        self.cause = cause
        self.connection_lost = connection_lost
        self.to_strangers = "the database server cannot be reached; try again later" if connection_lost else ""
        super().__init__(said)


class RowRefusedError(EngineError):
    """A row that the schema refuses: known already, without what it refers to, or out of bounds."""


class UnstorableTextError(EngineError):
    """A text holds a character that the engine has no place for; nothing was stored, and never will be."""

    def __init__(self) -> None:
        super().__init__("a text holds the character U+0000, which PostgreSQL cannot store; leave it out")


DATABASE_ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, EngineError)
"""Whatever a statement may raise."""

INTEGRITY_ERRORS: tuple[type[Exception], ...] = (sqlite3.IntegrityError, RowRefusedError)
"""What a row raises that the schema refuses."""

_NOT_THE_TASKS_FAULT = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PROTOCOL,
}


def cause_of(error: BaseException | None) -> Cause:
    """What an error, or whatever it came from, is due to; TASK for what no database raised."""
    while error is not None:
        if isinstance(error, EngineError):
            return error.cause
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None:
            primary = int(code) & 0xFF
            if primary == sqlite3.SQLITE_FULL:
                return Cause.FULL
            return Cause.MACHINE if primary in _NOT_THE_TASKS_FAULT else Cause.TASK
        error = error.__cause__
    return Cause.TASK
