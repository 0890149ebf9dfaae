"""Making a table of one database the same as that of another, and showing that it is.

Rows are read in the order of their key, some thousand at once, from both sides. What the target lacks is inserted, what
differs is updated, column by column, what the source lacks is deleted before. Then the rows are read from the target
again, and both sides hashed: a SHA-256 over every row as a JSON list with a comma after it, in the order of the key.
Floats are spelled so that they read back exactly; texts, JSON among them, count as they are stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.store.archives.archive_rows import check_row
from app.store.engines import DATABASE_ERRORS, Connection, dialect_of, marks
from app.store.errors import StoreError
from app.store.schema.tables import KEYS, NUMBERS

CHUNK = 2_000
"""Rows of each side that are held at once."""

Row = tuple[Any, ...]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TableSynced:
    """A table that both sides have alike now. rows: how many. sha256: of them all, the same on both sides.

    inserted, updated, deleted: rows that were written for it.
    """

    table: str
    rows: int
    sha256: str
    inserted: int
    updated: int
    deleted: int

    @property
    def written(self) -> int:
        """Rows of the target that were not as they are now."""
        return self.inserted + self.updated + self.deleted


class TableSync:
    """One table on both sides: `run` writes to the target, inside a transaction of it, what the source holds."""

    def __init__(self, table: str, source: Connection, target: Connection, target_name: str) -> None:
        self._table, self._source, self._target, self._target_name = table, source, target, target_name
        self._key = KEYS[table]
        hidden = [column for column in self._key if column == "rowid"]
        self._columns = [*hidden, *dialect_of(source).columns(source, table)]
        if self._columns != [*hidden, *dialect_of(target).columns(target, table)]:
            raise StoreError(f"{table} has other columns in {target_name}; run `flask init-db` on both with this code")
        self._places = [self._columns.index(column) for column in self._key]
        self._names, self._ordered = ", ".join(self._columns), ", ".join(self._key)
        self._marks = marks(self._key)

    def run(self, on_rows: Callable[[int], None]) -> TableSynced:
        """Make the target's rows those of the source. on_rows: told how many more are the same.

        Raises StoreError for a row that the target cannot hold as it is.
        """
        empty = self._target.execute(f"SELECT 1 FROM {self._table} LIMIT 1").fetchone() is None
        deleted = 0 if empty else self._delete_what_is_gone()
        here, there = hashlib.sha256(), hashlib.sha256()
        rows = inserted = updated = 0
        last: Key | None = None
        ordered = f"SELECT {self._names} FROM {self._table} ORDER BY {self._ordered}"
        stream = dialect_of(self._source).rows(self._source, ordered)
        while chunk := list(islice(stream, CHUNK)):
            held = {} if empty else {self._key_of(row): row for row in self._held(last, chunk[-1])}
            new = [row for row in chunk if self._key_of(row) not in held]
            changed = [(held[self._key_of(row)], row) for row in chunk if held.get(self._key_of(row), row) != row]
            self._write(new, changed)
            written = self._held(last, chunk[-1])
            here.update(encoded(chunk))
            there.update(encoded(written))
            if here.digest() != there.digest():
                raise StoreError(self._difference(chunk, written))
            last = self._key_of(chunk[-1])
            rows, inserted, updated = rows + len(chunk), inserted + len(new), updated + len(changed)
            on_rows(len(chunk))
        if self._key[0] in NUMBERS:
            number = dialect_of(self._source).last_number(self._source, self._table, self._key[0])
            dialect_of(self._target).number_after(self._target, self._table, self._key[0], number)
        return TableSynced(self._table, rows, there.hexdigest(), inserted, updated, deleted)

    def _key_of(self, row: Row) -> Key:
        return tuple(row[place] for place in self._places)

    def _held(self, after: Key | None, until: Row) -> list[Row]:
        """Rows of the target behind a key, up to that of a row."""
        beyond = f"({self._ordered}) > ({self._marks}) AND " if after is not None else ""
        return list(
            dialect_of(self._target).rows(
                self._target,
                f"SELECT {self._names} FROM {self._table} WHERE {beyond}({self._ordered}) <= ({self._marks})"
                f" ORDER BY {self._ordered}",
                [*(after or ()), *self._key_of(until)],
            )
        )

    def _delete_what_is_gone(self) -> int:
        """Delete rows of the target whose key the source does not have; returns how many.

        It comes first, so that what is written afterwards meets no row that holds the same unique value.
        """
        keys = f"SELECT {self._ordered} FROM {self._table}"
        known = dialect_of(self._source).rows(self._source, f"{keys} ORDER BY {self._ordered}")
        ahead = next(known, None)
        after: Key | None = None
        deleted = 0
        while True:
            beyond = "" if after is None else f" WHERE ({self._ordered}) > ({self._marks})"
            page = f"{keys}{beyond} ORDER BY {self._ordered} LIMIT {CHUNK}"
            held = list(dialect_of(self._target).rows(self._target, page, after or ()))
            if not held:
                return deleted
            gone = []
            for key in held:
                while ahead is not None and ahead < key:
                    ahead = next(known, None)
                if ahead != key:
                    gone.append(key)
            if gone:
                equal = " AND ".join(f"{column} = ?" for column in self._key)
                self._target.executemany(f"DELETE FROM {self._table} WHERE {equal}", gone)
            after, deleted = held[-1], deleted + len(gone)

    def _write(self, new: Sequence[Row], changed: Sequence[tuple[Row, Row]]) -> None:
        equal = " AND ".join(f"{column} = ?" for column in self._key)
        try:
            for before, row in changed:
                # No others: what may never be changed refuses to be written at all.
                places = [place for place, value in enumerate(row) if value != before[place]]
                assigned = ", ".join(f"{self._columns[place]} = ?" for place in places)
                values = [*(row[place] for place in places), *self._key_of(row)]
                self._target.execute(f"UPDATE {self._table} SET {assigned} WHERE {equal}", values)
            if new:
                marked = marks(self._columns)
                self._target.executemany(f"INSERT INTO {self._table} ({self._names}) VALUES ({marked})", new)
        except DATABASE_ERRORS as error:
            raise StoreError(
                f"{self._target_name} does not take rows of {self._table}: {error}"
                f"{self._unstorable([*new, *(row for _, row in changed)])}; nothing of this round was kept"
            ) from error

    def _unstorable(self, rows: Sequence[Row]) -> str:
        """Which value no server would take, and what to do about it: SQLite keeps anything in any column."""
        kinds = dialect_of(self._source).columns(self._source, self._table)
        checked = {column: kind for column, kind in kinds.items() if kind != "BLOB"}
        places = [self._columns.index(column) for column in checked]
        for row in rows:
            values = [row[place] for place in places]
            try:
                check_row(self._table, checked, values)
            except StoreError as error:
                return f" ({error}, where {self._said(row)}; set it right in the source first)"
            for column, value in zip(checked, values, strict=True):
                if isinstance(value, str) and "\0" in value:
                    return f" ({column} of {self._said(row)} holds a NUL character; take it out in the source first)"
        return ""

    def _said(self, row: Row) -> str:
        return ", ".join(f"{column} = {value!r}" for column, value in zip(self._key, self._key_of(row), strict=True))

    def _difference(self, wanted: Sequence[Row], written: Sequence[Row]) -> str:
        held = {self._key_of(row): row for row in written}
        for row in wanted:
            found = held.get(self._key_of(row))
            if found is None or encoded([found]) != encoded([row]):
                pairs = zip(self._columns, row, found or (None,) * len(row), strict=True)
                column, value, other = next(pair for pair in pairs if encoded([pair[1:2]]) != encoded([pair[2:]]))
                return (
                    f"{self._table}.{column} of {self._said(row)} is {value!r} and became {other!r} in "
                    f"{self._target_name}; nothing of this round was kept: set it right in the source first"
                )
        return f"{self._table} has rows in {self._target_name} that the source does not have; another program writes it"


def encoded(rows: Sequence[Row]) -> bytes:
    """What is hashed of some rows; the same bytes however many are given at once."""
    text = _ENCODE(rows)
    if "-0.0" in text:
        text = _ENCODE([[_unsigned(value) for value in row] for row in rows])
    return f"{text[1:-1]},".encode("utf-8", "surrogatepass")


def _unsigned(value: Any) -> Any:
    """SQLite keeps a negative zero as zero."""
    return 0.0 if isinstance(value, float) and value == 0 else value


def _hex(value: Any) -> str:
    return bytes(value).hex()


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_hex).encode


def total_rows(source: Connection) -> int:
    """Rows of all tables."""
    return sum(int(source.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in KEYS)
