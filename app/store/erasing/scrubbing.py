"""Removing what SQLite leaves of an erased visitor in pages that are still in use.

`secure_delete` overwrites a row where it stands when it is deleted. But when a full page is split or filled up anew,
rows move to its neighbours, and copies of them stay in the part of the page that is free: in an index whose entries
come in no order, as those by visitor do, that happens all the time. Such a copy goes when its index is built anew, or
its table, where rows grew after they were written.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from app.store.engines import Connection, Database
from app.store.errors import StoreError
from app.store.writing.writer import Writer

_CHUNK = 4 * 1024 * 1024
_FOUND, _NOT_FOUND = 10, 11
_LOOK = f"""
import os, sys
wanted, path, size, kept = sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]), b""
if not os.path.exists(path):
    sys.exit({_NOT_FOUND})
with open(path, "rb") as file:
    while chunk := file.read(size):
        if wanted in kept + chunk:
            sys.exit({_FOUND})
        kept = chunk[-len(wanted):]
sys.exit({_NOT_FOUND})
"""
_TIMEOUT_S = 600.0
_TABLES_THAT_GROW = ("quarantine", "exclusions")
"""Tables whose rows get longer after they were written, with the ids of visitors in them."""


def is_in_file(path: Path, text: str) -> bool:
    """Whether the bytes of `text` are anywhere in a file; False when there is none. Raises StoreError.

    Another process looks: to open and close a database takes away every lock that SQLite has on it in this one.
    """
    command = [sys.executable, "-I", "-S", "-c", _LOOK, os.fspath(path), str(_CHUNK)]
    wanted = text.encode("utf-8", "surrogatepass")
    looked = subprocess.run(command, input=wanted, capture_output=True, check=False)  # noqa: S603 - our own words
    if looked.returncode not in (_FOUND, _NOT_FOUND):
        raise StoreError(f"{path} cannot be searched: {looked.stderr.decode(errors='replace').strip()}")
    return looked.returncode == _FOUND


def scrub(writer: Writer, visitor_id: str) -> bool:
    """Build anew what still has copies of an erased id; whether the database is free of it now.

    False when a long read keeps the log from being moved into the file: the writer's next checkpoint finishes it.
    """
    database = writer.engine.file
    if database is None:
        return True  # a server's files are for nobody but the server: its vacuum frees what was deleted
    writer.checkpoint()
    if not is_in_file(database, visitor_id):
        return True
    for index in writer.run(lambda db: _visitor_indexes(db.conn)):
        writer.run(partial(_build_index_anew, index=index), _TIMEOUT_S)
    for table in _TABLES_THAT_GROW:
        writer.run(partial(_write_rows_anew, table=table), _TIMEOUT_S)
    return writer.checkpoint() and not is_in_file(database, visitor_id)


def _visitor_indexes(conn: Connection) -> list[str]:
    rows = conn.execute(
        """
        SELECT DISTINCT lists.name FROM sqlite_master AS tables, pragma_index_list(tables.name) AS lists,
               pragma_index_info(lists.name) AS columns
        WHERE tables.type = 'table' AND columns.name IN ('visitor_id', 'merged_id', 'assigned_id')
        """
    )
    return [row[0] for row in rows]


def _build_index_anew(db: Database, index: str) -> None:
    db.conn.execute(f'REINDEX "{index}"')  # its old pages are freed, and so overwritten


def _write_rows_anew(db: Database, table: str) -> None:
    rows = [tuple(row) for row in db.conn.execute(f"SELECT * FROM {table} ORDER BY id")]
    if rows:
        db.conn.execute(f"DELETE FROM {table}")
        db.conn.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
