"""How connections to the event database are opened: one kind reads, one kind writes."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from app.files import OWNER_FILE, make_private
from app.store.erasing.tombstones import erasure_key

CACHED_STATEMENTS = 256
AUTOCHECKPOINT_PAGES = 1000
READER_BUSY_MS = 5000
WRITER_BUSY_MS = 1000


def connect_reader(database: Path) -> sqlite3.Connection:
    """Open `database` for reading only; it never checkpoints and never creates the file.

    It may be closed by another thread than the one that uses it. Raises sqlite3.OperationalError when there is no file.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(database.absolute()))}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=CACHED_STATEMENTS,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA busy_timeout = {READER_BUSY_MS}")
    return connection


class WritingConnection(sqlite3.Connection):
    """A connection that knows by which key ids of erased visitors are hashed."""

    erasure_key: bytes


def connect_writer(database: Path) -> WritingConnection:
    """Open `database` for the one connection that writes and checkpoints; creates the file when there is none.

    WAL lets readers work while it writes; synchronous=FULL makes a commit durable before it returns; secure_delete
    overwrites what an erasure removes. It is opened by
    one thread and used by another, never by both at once.
    """
    key = erasure_key(database)
    make_private_database(database)
    connection = sqlite3.connect(
        database,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=CACHED_STATEMENTS,
        factory=WritingConnection,
    )
    connection.row_factory = sqlite3.Row
    for pragma in (
        f"busy_timeout = {WRITER_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        f"wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.erasure_key = key
    return connection


def make_private_database(database: Path) -> None:
    """Let only its owner read a database, made empty when there is none, and the files that SQLite keeps beside it.

    SQLite gives those beside it the rights of the database. A database that is there is not opened: to close a file
    takes away every lock that this process has on it through SQLite.
    """
    if not database.exists():
        with suppress(FileExistsError):
            os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_FILE))
    for suffix in ("", "-wal", "-shm", "-journal"):
        make_private(database.with_name(database.name + suffix))
