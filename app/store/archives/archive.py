"""Events as a file: JSON lines in gzip, a header first, then every row, a checksum last.

    {"format": "recommender-flywheel-events", "version": 1, "schema": …, "columns": {table: […]}, "counts": {table: n}}
    ["items", value, …]
    …
    {"sha256": of every line before this one, with its newline}

Rows keep their keys and sequence numbers, and nothing in the file tells when it was made: what is imported is exported
to the same bytes again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.files import replacing_file
from app.store.archives.archive_rows import check_row
from app.store.engines import DATABASE_ERRORS, Connection, Database, dialect_of, marks
from app.store.erasing.tombstones import erased_among_visitors
from app.store.errors import StoreError
from app.store.schema import schema_changes
from app.store.schema.tables import KEYS
from app.store.store import Store
from app.store.visitors import erase_visitor

FORMAT = "recommender-flywheel-events"
VERSION = 1
TABLES = {
    table: ", ".join(KEYS[table])
    for table in (
        "items",
        "visitors",
        "merges",
        "slates",
        "events",
        "interactions",
        "quarantine",
        "exclusions",
        "curations",
        "duplicates",
        "assignments",
    )
}
"""What of `KEYS` a file holds, and what orders the rows of each: what happened, not what was measured of it."""
_NUMBERED = {table: order for table, order in TABLES.items() if order in {"seq", "id"}}
_NO_ROW: tuple[type[Exception], ...] = (*DATABASE_ERRORS, ValueError, RecursionError)
_TIMEOUT_S = 3_600.0
_CHUNK = 1_000
_LONGEST_LINE = 4 * 1024 * 1024


def export_events(store: Store, path: Path) -> dict[str, int]:
    """Write everything that happened to `path`, as of one moment, a row at a time; returns rows by table.

    A file that was there is replaced when the new one is whole and durable, and stays when anything fails before.
    Raises StoreError when the file cannot be written or the database cannot be read.
    """
    conn = store.reader()
    try:
        with dialect_of(conn).snapshot(conn):  # however long it takes
            return _export(conn, path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}; what was there before is untouched") from error
    except DATABASE_ERRORS as error:
        raise StoreError(f"{store.name} cannot be read: {error}; {path} was not written") from error


def _export(conn: Connection, path: Path) -> dict[str, int]:
    columns = {table: list(dialect_of(conn).columns(conn, table)) for table in TABLES}
    counts = {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    header = {"format": FORMAT, "version": VERSION, "schema": schema_changes()[-1]}
    digest = hashlib.sha256()
    with replacing_file(path) as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in _lines(conn, {**header, "columns": columns, "counts": counts}, columns):
            digest.update(line)
            file.write(line)
        file.write(_line({"sha256": digest.hexdigest()}))
    return counts


def import_events(store: Store, path: Path) -> dict[str, int]:
    """Read a file that `export_events` wrote into an empty database, all of it or nothing; returns rows by table.

    Rows of visitors who were erased here since the file was written stay out. Raises StoreError, naming what is wrong,
    for a database that has something, a file that is not one of these, is of another schema, is damaged or cut short,
    and WriterBusyError when another process writes.
    """

    def write(db: Database) -> dict[str, int]:
        for table in TABLES:
            if db.conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
                raise StoreError(f"{store.name} has {table} already; choose another folder with FLYWHEEL_VAR")
        try:
            with gzip.open(path, "rb") as file:
                return insert_archive(db, path, cast(BinaryIO, file))
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error}") from error

    with store.open_writer() as writer:
        counts = writer.run(write, _TIMEOUT_S)
        writer.checkpoint()
    return counts


def insert_archive(db: Database, path: Path, file: BinaryIO) -> dict[str, int]:
    """Insert the rows of `file`, unpacked, into empty tables; returns rows by table, see `import_events`.

    Runs in the transaction of the caller, who takes it back where StoreError is raised. path: what an error names.
    """
    try:
        return _insert(db, path, file)
    except (OSError, EOFError, zlib.error) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    except _NO_ROW as error:
        raise StoreError(f"{path} holds a row that cannot be stored: {_said(error)}") from error


def _insert(db: Database, path: Path, file: BinaryIO) -> dict[str, int]:
    digest = hashlib.sha256()
    first = _read_line(path, file)
    digest.update(first)
    kinds = {table: dialect_of(db.conn).columns(db.conn, table) for table in TABLES}
    columns, expected = _read_header({table: list(of_table) for table, of_table in kinds.items()}, path, first)
    counts = dict.fromkeys(TABLES, 0)
    table, rows = "", list[list[Any]]()
    while line := _read_line(path, file):
        parsed = json.loads(line)
        if isinstance(parsed, dict):
            _write(db, table, columns, rows)
            if parsed.get("sha256") != digest.hexdigest() or file.read(1):
                raise StoreError(f"{path} is damaged: its checksum does not fit its rows; export it again")
            if counts != expected:
                raise StoreError(f"{path} promises {expected} rows and holds {counts}; export it again")
            for numbered, column in _NUMBERED.items():
                dialect_of(db.conn).go_on_numbering(db.conn, numbered, column)
            return _without_erased(db, counts)
        digest.update(line)
        if not isinstance(parsed, list) or not parsed or not isinstance(parsed[0], str) or parsed[0] not in kinds:
            raise StoreError(f"{path} has a line that is no row of a known table; export it again")
        check_row(parsed[0], kinds[parsed[0]], parsed[1:])
        if parsed[0] != table or len(rows) == _CHUNK:
            _write(db, table, columns, rows)
            table, rows = parsed[0], []
        counts[table] += 1
        rows.append(parsed[1:])
    raise StoreError(f"{path} is cut short: its checksum is missing; export it again")


def _read_header(columns: dict[str, list[str]], path: Path, line: bytes) -> tuple[dict[str, list[str]], object]:
    try:
        header = json.loads(line) if line.startswith(b"{") else {}
    except (ValueError, RecursionError):
        header = {}
    if header.get("format") != FORMAT:
        raise StoreError(f"{path} is not an export of events; make one with `flask export-events`")
    here = schema_changes()[-1]
    if header.get("version") != VERSION or header.get("schema") != here:
        raise StoreError(
            f"{path} is of schema {header.get('schema')}, this code has {here}; bring the site that it came from up "
            "to date with `flask init-db` and export it again"
        )
    if header.get("columns") != columns:
        raise StoreError(f"{path} has other columns than this database; export it with this code")
    return columns, header.get("counts")


def _read_line(path: Path, file: BinaryIO) -> bytes:
    line = file.readline(_LONGEST_LINE + 1)
    if len(line) > _LONGEST_LINE:
        raise StoreError(f"{path} has a line of more than {_LONGEST_LINE:,} bytes, which no row needs; export it again")
    return line


def _without_erased(db: Database, counts: dict[str, int]) -> dict[str, int]:
    """Take out again who was erased here and stood in the file; returns what is left of `counts`."""
    for visitor_id in erased_among_visitors(db):
        for table, rows in erase_visitor(db, visitor_id).items():
            if table in counts:
                counts[table] -= rows
    return counts


def _said(error: Exception) -> str:
    return "its JSON is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _write(db: Database, table: str, columns: dict[str, list[str]], rows: list[list[Any]]) -> None:
    if rows:
        names = columns[table]
        db.conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks(names)})", rows)


def _lines(conn: Connection, header: dict[str, Any], columns: dict[str, list[str]]) -> Iterator[bytes]:
    yield _line(header)
    for table, order in TABLES.items():
        query = f"SELECT {', '.join(columns[table])} FROM {table} ORDER BY {order}"
        for row in dialect_of(conn).rows(conn, query):
            yield _line([table, *row])


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
