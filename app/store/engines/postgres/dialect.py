"""How PostgreSQL says what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

from app.store.engines.connection import Connection, Values
from app.store.engines.dialect import WordMatch
from app.store.engines.faults import Cause, EngineError
from app.store.engines.postgres.locks import WRITING
from app.store.engines.postgres.word_query import word_query

if TYPE_CHECKING:
    from app.store.engines.postgres.connection import PostgresConnection, PostgresReader

_KINDS = {"text": "TEXT", "bigint": "INTEGER", "double precision": "REAL", "bytea": "BLOB"}
ROWID = "rowid"
"""The column that orders the rows of a table without a number of its own, as SQLite's hidden one of that name."""


class PostgresDialect:
    """PostgreSQL's words for what differs."""

    name = "postgres"
    fails_freely = False
    several_processes = True
    once_alone = f"(SELECT pg_advisory_xact_lock({WRITING})) IS NOT NULL"

    def json_entry(self, document: str, position: str) -> str:
        """See `Dialect`."""
        return f"(CAST({document} AS json) ->> CAST({position} - 1 AS integer))"

    def json_number(self, document: str, position: str) -> str:
        """See `Dialect`."""
        return f"CAST({self.json_entry(document, position)} AS double precision)"

    def json_length(self, document: str) -> str:
        """See `Dialect`."""
        return f"json_array_length(CAST({document} AS json))"

    def json_list(self, values: str) -> str:
        """See `Dialect`."""
        return f"coalesce(CAST(json_agg({values}) AS text), '[]')"

    def whole(self, number: str) -> str:
        """See `Dialect`: a cast rounds here."""
        return f"CAST(floor({number}) AS bigint)"

    def day(self, seconds: str) -> str:
        """See `Dialect`."""
        return f"to_char(to_timestamp({seconds}) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"

    def columns(self, conn: Connection, table: str) -> dict[str, str]:
        """See `Dialect`; without what SQLite hides."""
        rows = conn.execute(
            """
            SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
            WHERE attrelid = CAST(CAST(? AS text) AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
            """,
            [table],
        )
        return {row[0]: _KINDS[row[1]] for row in rows if row[0] != ROWID}

    def references(self, conn: Connection, table: str) -> list[tuple[str, str, str]]:
        """See `Dialect`."""
        rows = conn.execute(
            """
            SELECT CAST(CAST(keys.conrelid AS regclass) AS text), own.attname, named.attname
            FROM pg_constraint AS keys
            JOIN pg_attribute AS own ON own.attrelid = keys.conrelid AND own.attnum = keys.conkey[1]
            JOIN pg_attribute AS named ON named.attrelid = keys.confrelid AND named.attnum = keys.confkey[1]
            WHERE keys.contype = 'f' AND keys.confrelid = CAST(CAST(? AS text) AS regclass)
            """,
            [table],
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def rows(self, conn: Connection, query: str, values: Values = ()) -> Iterator[Any]:
        """See `Dialect`."""
        return _own(conn).stream(query, values)

    def snapshot(self, conn: Connection) -> AbstractContextManager[None]:
        """See `Dialect`."""
        return _own(conn).snapshot()

    def insert_numbered(self, conn: Connection, statement: str, values: Values, rows: int) -> Sequence[int]:
        """See `Dialect`."""
        return [row[0] for row in conn.execute(f"{statement} RETURNING seq", values)]

    def insert_one(self, conn: Connection, statement: str, values: Values) -> int | None:
        """See `Dialect`."""
        row = conn.execute(f"{statement} RETURNING id", values).fetchone()
        return None if row is None else int(row[0])

    def go_on_numbering(self, conn: Connection, table: str, column: str) -> None:
        """See `Dialect`."""
        conn.execute(
            f"SELECT setval(pg_get_serial_sequence(?, ?), greatest(max({column}), 1), max({column}) IS NOT NULL)"
            f" FROM {table}",
            [table, column],
        )

    def last_number(self, conn: Connection, table: str, column: str) -> int:
        """See `Dialect`: a number of a transaction that was taken back counts as given out."""
        last = "pg_sequence_last_value(CAST(pg_get_serial_sequence(?, ?) AS regclass))"
        number: int = conn.execute(f"SELECT coalesce({last}, 0)", [table, column]).fetchone()[0]
        return number

    def number_after(self, conn: Connection, table: str, column: str, number: int) -> None:
        """See `Dialect`."""
        if number:
            conn.execute("SELECT setval(pg_get_serial_sequence(?, ?), ?)", [table, column, number])

    def defer_references(self, conn: Connection) -> None:
        """See `Dialect`."""
        conn.execute("SET CONSTRAINTS ALL DEFERRED")

    def places(self, conn: Connection, match: WordMatch) -> str:
        """See `Dialect`."""
        wanted = word_query(conn, match)
        if not wanted:
            return ""
        places = "string_agg(CAST(rowid AS text), ',' ORDER BY rowid)"
        found = conn.execute(f"SELECT {places} FROM items_fts WHERE words @@ CAST(? AS tsquery)", [wanted])
        return found.fetchone()[0] or ""

    def begin(self, conn: Connection) -> None:
        """See `Dialect`: numbers are given out before a commit, so the lock makes their order that of commits."""
        cast("PostgresConnection", conn).script(f"BEGIN; SELECT pg_advisory_xact_lock({WRITING})")

    def try_write(self, conn: Connection) -> None:
        """See `Dialect`: a commit with a number of its own is written to the server's log."""
        conn.execute("BEGIN")
        if conn.execute("SHOW transaction_read_only").fetchone()[0] == "on":
            raise EngineError("the server takes no writes: it is a standby, or set to be read", Cause.MACHINE)
        conn.execute("SELECT pg_current_xact_id()")
        conn.execute("COMMIT")

    def damage(self, conn: Connection) -> str | None:
        """See `Dialect`: the server checks references at every write, and pages where they have checksums."""


POSTGRES = PostgresDialect()


def _own(conn: Connection) -> PostgresConnection | PostgresReader:
    return cast("PostgresConnection | PostgresReader", conn)
