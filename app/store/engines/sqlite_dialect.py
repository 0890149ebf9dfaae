"""How SQLite says what differs, and whose dialect a connection speaks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from app.store.engines.connection import Connection, Values
from app.store.engines.dialect import Dialect, WordMatch
from app.store.engines.kept_accents import kept_forms


class SqliteDialect:
    """SQLite's words for what differs."""

    name = "sqlite"
    fails_freely = True
    several_processes = False
    once_alone = "1"

    def json_entry(self, document: str, position: str) -> str:
        """See `Dialect`."""
        return f"json_extract({document}, '$[' || ({position} - 1) || ']')"

    json_number = json_entry

    def json_length(self, document: str) -> str:
        """See `Dialect`."""
        return f"json_array_length({document})"

    def json_list(self, values: str) -> str:
        """See `Dialect`."""
        return f"json_group_array({values})"

    def whole(self, number: str) -> str:
        """See `Dialect`."""
        return f"CAST({number} AS INTEGER)"

    def day(self, seconds: str) -> str:
        """See `Dialect`."""
        return f"date({seconds}, 'unixepoch')"

    def columns(self, conn: Connection, table: str) -> dict[str, str]:
        """See `Dialect`."""
        return {row[1]: row[2] for row in conn.execute(f"PRAGMA table_info({table})")}

    def references(self, conn: Connection, table: str) -> list[tuple[str, str, str]]:
        """See `Dialect`."""
        rows = conn.execute(
            """
            SELECT tables.name, keys."from", coalesce(keys."to", named.name)
            FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
            LEFT JOIN pragma_table_info(keys."table") AS named ON named.pk = 1
            WHERE tables.type = 'table' AND keys."table" = ?
            """,
            (table,),
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def rows(self, conn: Connection, query: str, values: Values = ()) -> Iterator[Any]:
        """See `Dialect`."""
        cursor = cast(sqlite3.Connection, conn).cursor()
        cursor.row_factory = None
        return cursor.execute(query, values)

    @contextmanager
    def snapshot(self, conn: Connection) -> Iterator[None]:
        """See `Dialect`."""
        conn.execute("SAVEPOINT snapshot")
        try:
            yield
        finally:
            conn.execute("RELEASE snapshot")

    def insert_numbered(self, conn: Connection, statement: str, values: Values, rows: int) -> Sequence[int]:
        """See `Dialect`: one statement of the one writer numbers its rows without a gap."""
        last = cast(sqlite3.Cursor, conn.execute(statement, values)).lastrowid or 0
        return range(last - rows + 1, last + 1)

    def insert_one(self, conn: Connection, statement: str, values: Values) -> int | None:
        """See `Dialect`."""
        cursor = cast(sqlite3.Cursor, conn.execute(statement, values))
        return int(cursor.lastrowid or 0) if cursor.rowcount else None

    def go_on_numbering(self, conn: Connection, table: str, column: str) -> None:
        """See `Dialect`: SQLite remembers the highest number by itself."""

    def last_number(self, conn: Connection, table: str, column: str) -> int:
        """See `Dialect`: it remembers numbers of tables with AUTOINCREMENT; of others it has the rows alone."""
        highest: int = conn.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()[0]
        row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        return highest if row is None else max(highest, row[0])

    def number_after(self, conn: Connection, table: str, column: str, number: int) -> None:
        """See `Dialect`."""
        made = conn.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()[0]
        if "AUTOINCREMENT" not in made:
            return
        if not conn.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (number, table)).rowcount:
            conn.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))

    def defer_references(self, conn: Connection) -> None:
        """See `Dialect`."""
        conn.execute("PRAGMA defer_foreign_keys = ON")

    def places(self, conn: Connection, match: WordMatch) -> str:
        """See `Dialect`."""
        choices = [_quoted(form) for phrase in match.phrases for form in kept_forms(phrase)]
        if match.beginning is not None:
            choices = [*(f"{_quoted(form)}*" for form in kept_forms(match.beginning)), *choices]
        if match.at_start:
            choices = [f"^ {choice}" for choice in choices]
        wanted = choices[0] if len(choices) == 1 and match.beginning is None else f"({' OR '.join(choices)})"
        wanted = f"title : {wanted}" if match.in_title else wanted
        query = "SELECT group_concat(rowid) FROM items_fts WHERE items_fts MATCH ?"
        return conn.execute(query, [wanted]).fetchone()[0] or ""

    def begin(self, conn: Connection) -> None:
        """See `Dialect`."""
        conn.execute("BEGIN IMMEDIATE")

    def try_write(self, conn: Connection) -> None:
        """See `Dialect`."""
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(f"PRAGMA user_version = {version:d}")
        conn.execute("COMMIT")

    def damage(self, conn: Connection) -> str | None:
        """See `Dialect`."""
        damage = [row[0] for row in conn.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
        if damage:
            return f"the database is damaged ({damage[0]})"
        orphan = conn.execute("PRAGMA foreign_key_check").fetchone()
        return None if orphan is None else f"a row of {orphan[0]} refers to a row of {orphan[2]} that is gone"


_SQLITE = SqliteDialect()


def dialect_of(conn: Connection) -> Dialect:
    """The dialect that a connection speaks."""
    return _SQLITE if isinstance(conn, sqlite3.Connection) else conn.dialect  # type: ignore[attr-defined]


def _quoted(phrase: str) -> str:
    """A phrase as a text of the query language, in which nothing is an operator."""
    return '"' + phrase.replace('"', '""') + '"'
