"""The database that a move fills: what may be one, how it is opened for it, and the mark that it is not whole yet.

The mark is kept among the schema changes that the database has, where every site looks before it reads anything; it
names what is copied. It is there before the first row, and leaves in the transaction that makes the copy whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.files import make_private_folder
from app.store.connections import connect_reader
from app.store.engines import Connection, Engine, dialect_of
from app.store.engines.choosing import engine_at
from app.store.engines.schema_check import UNFINISHED, source_of
from app.store.engines.sqlite import SqliteEngine
from app.store.errors import StoreError
from app.store.moving.writers import StillWrittenError, refuse_other_writers
from app.store.schema import migrations
from app.store.schema.tables import KEYS
from app.values.database_address import Address

_SQLITE_CHANGES, _POSTGRES_CHANGES = "_sqlite_migrations", "schema_changes"


@dataclass(frozen=True, slots=True)
class Target:
    """A database with the mark. conn: writes it; nobody else does meanwhile."""

    name: str
    conn: Connection
    _changes: str
    _mark: str

    def begin(self) -> None:
        """Begin the transaction of a round. What a row refers to may come after it, but in the first, where rows come
        in order and a server would have to remember each of them.
        """
        dialect_of(self.conn).begin(self.conn)
        if _has_rows(self.conn):
            dialect_of(self.conn).defer_references(self.conn)

    def unmark(self) -> None:
        """Within the transaction: it is whole, and may be opened by a site once this is committed."""
        self.conn.execute(f"DELETE FROM {self._changes} WHERE name = ?", [self._mark])
        if self._changes == _POSTGRES_CHANGES:
            self.conn.execute("ANALYZE")  # else the server plans for empty tables until it looks by itself


@contextmanager
def open_target(address: Address, source_name: str) -> Iterator[Target]:
    """The database at an address as the target of a move from a source.

    Raises StoreError, and touches nothing, where something else is: another program's tables, a site's rows, an
    unfinished move of another source; WriterBusyError where a site or another move writes it.
    """
    engine = engine_at(address)
    if engine.file is None:
        yield from _postgres_target(engine, source_name)
    else:
        yield from _sqlite_target(engine.file, source_name)


def _sqlite_target(path: Path, source_name: str) -> Iterator[Target]:
    fix = f"move it away with `mv {path} {path}.before`"
    if path.exists() and path.stat().st_size:
        try:
            with closing(connect_reader(path)) as conn:
                tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                _refuse_other_content(conn, str(path), source_name, tables, _SQLITE_CHANGES, fix)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} is no SQLite database ({error}); {fix}") from error
    make_private_folder(path.parent)
    with SqliteEngine(path).exclusive() as db:
        migrations.apply(db)
        mark = UNFINISHED + source_name
        values = f"SELECT '{migrations.name}', ?1, CURRENT_TIMESTAMP"
        unless = f"WHERE NOT EXISTS (SELECT 1 FROM {_SQLITE_CHANGES} WHERE name = ?1)"
        with db.atomic():
            columns = "migration_set, name, applied_at"
            db.conn.execute(f"INSERT INTO {_SQLITE_CHANGES} ({columns}) {values} {unless}", [mark])
        yield Target(str(path), db.conn, _SQLITE_CHANGES, mark)


def _postgres_target(engine: Engine, source_name: str) -> Iterator[Target]:
    make_private_folder(engine.folder)
    with _inspected(engine, source_name):
        pass  # making the schema takes the right to write for itself
    engine.create()
    with _inspected(engine, source_name) as conn:
        mark = UNFINISHED + source_name
        conn.execute(f"INSERT INTO {_POSTGRES_CHANGES} (name) VALUES (?) ON CONFLICT (name) DO NOTHING", [mark])
        conn.execute("SET idle_in_transaction_session_timeout = 0")  # a round waits for the source as long as it takes
        yield Target(engine.name, conn, _POSTGRES_CHANGES, mark)


@contextmanager
def _inspected(engine: Engine, source_name: str) -> Iterator[Connection]:
    """The one connection that writes a database which may be a target, and was not changed by finding that out."""
    link = engine.open_link()
    try:
        conn = link.db.conn
        there = "SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = current_schema()"
        tables = [row[0] for row in conn.execute(there)]
        fix = "make another database with CREATE DATABASE, and name that one"
        _refuse_other_content(conn, engine.name, source_name, tables, _POSTGRES_CHANGES, fix)
        try:
            refuse_other_writers(conn, engine.name)
        except StillWrittenError as error:
            raise StoreError(f"{error}; stop what writes it, or {fix}") from error
        yield conn
    finally:
        link.close()


def _refuse_other_content(
    conn: Connection, name: str, source_name: str, tables: Collection[str], changes: str, fix: str
) -> None:
    """Raise StoreError where a database has anything but an empty schema of ours or the unfinished copy of the source.

    fix: what to do where it has.
    """
    if not tables:
        return
    if changes not in tables:
        raise StoreError(f"{name} holds tables of something else ({', '.join(sorted(tables)[:3])}, …); {fix}")
    copied = source_of([row[0] for row in conn.execute(f"SELECT name FROM {changes}")])
    if copied == source_name:
        return
    if copied is not None:
        raise StoreError(f"{name} is the unfinished copy of {copied}, and not of {source_name}; {fix}")
    for table in KEYS:
        if table in tables and conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
            count = conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            raise StoreError(f"{name} holds {count:,} rows of {table} already, and would lose them; {fix}")


def _has_rows(conn: Connection) -> bool:
    return any(conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in KEYS)
