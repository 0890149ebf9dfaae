"""Copying a database while others write it, as of one moment, and erasing in a copy who was erased since."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

from app.store.connections import READER_BUSY_MS, connect_reader, connect_writer, make_private_database
from app.store.erasing.tombstones import Tombstone, carry_over, erasure_key, read_tombstones, visitor_digest
from app.store.errors import StoreError
from app.store.store import Store
from app.store.visitors import erase_visitor

_TIMEOUT_S = 3_600.0


def copy_database(source: Path, target: Path) -> None:
    """Write the SQLite database `source` to the new file `target`, as of one moment, without its free pages.

    `VACUUM INTO` reads one snapshot: a writer is not held up, and the copy never starts again because of one, as a copy
    page by page does. Sequence numbers stay (`sqlite_sequence`), so that none is given out twice after a restore.
    Raises StoreError.
    """
    make_private_database(target)
    try:
        address = f"file:{quote(str(source.absolute()))}?mode=ro"  # it never checkpoints: that is the writer's to do
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as conn:
            conn.execute(f"PRAGMA busy_timeout = {READER_BUSY_MS}")
            conn.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied to {target}: {error}") from error


def empty_log(database: Path) -> None:
    """Move what the write-ahead log of a database that nobody uses still holds into it; leave a damaged one alone."""
    with suppress(sqlite3.Error, StoreError):
        if database.exists():
            with closing(connect_writer(database)) as conn:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def tombstones_of(database: Path) -> list[Tombstone] | None:
    """Who was erased in a database, nobody where there is none; None when it cannot be read."""
    if not database.exists():
        return []
    try:
        with closing(connect_reader(database)) as conn:
            return read_tombstones(conn)
    except sqlite3.Error:
        return None


def erase_again(database: Path, key: bytes, tombstones: Collection[Tombstone]) -> int:
    """Erase in a copy that nobody else uses who was erased elsewhere since; returns how many visitors that were.

    key: of these tombstones. The copy keeps them where its own key is the same one, so that an older copy still knows.
    """
    if not tombstones:
        return 0
    digests = {found.digest: found.erased_at for found in tombstones}
    with Store.create(database) as store, store.open_writer() as writer:
        rows = store.reader().execute("SELECT visitor_id FROM visitors")
        again = [(row[0], digests[digest]) for row in rows if (digest := visitor_digest(key, row[0])) in digests]
        for visitor_id, erased_at in again:
            writer.run(partial(erase_visitor, visitor_id=visitor_id, erased_at=erased_at), _TIMEOUT_S)
        if key == erasure_key(database):
            writer.run(lambda db: carry_over(db, tombstones), _TIMEOUT_S)
        store.close()  # an open snapshot would keep what was erased in the log
        writer.checkpoint()
    return len(again)
