"""What SQL cannot say in the same words on every engine: one method a difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from app.store.engines.connection import Connection, Values


@dataclass(frozen=True, slots=True)
class WordMatch:
    """What is looked for in the full-text index: any of some phrases.

    phrases: each some words one after the other, stemmed. beginning: or a phrase whose last word begins so.
    in_title: in the title alone. at_start: where a column begins.
    """

    phrases: tuple[str, ...]
    beginning: str | None = None
    in_title: bool = False
    at_start: bool = False


class Dialect(Protocol):
    """How one engine says what differs. What ends in SQL text takes names of columns, never what somebody typed."""

    name: str

    fails_freely: bool
    """Whether an INSERT that the schema refuses costs nothing: it takes itself back, and no row used up a number."""

    several_processes: bool
    """Whether several processes may write beside each other: each tells the others what it changed."""

    once_alone: str
    """The condition of a statement that is a transaction of its own: true, once no other process writes, to its end."""

    def json_entry(self, document: str, position: str) -> str:
        """The text at a position, from 1, of a JSON list that a column holds."""

    def json_number(self, document: str, position: str) -> str:
        """The number at a position, from 1, of a JSON list that a column holds."""

    def json_length(self, document: str) -> str:
        """The length of a JSON list that a column holds."""

    def json_list(self, values: str) -> str:
        """All values of a group as the text of a JSON list; ``[]`` of none."""

    def whole(self, number: str) -> str:
        """A number that is not negative without its fraction."""

    def day(self, seconds: str) -> str:
        """The day (UTC) of a time in Unix seconds, such as 2026-01-31."""

    def columns(self, conn: Connection, table: str) -> dict[str, str]:
        """The columns of a table in order, each with its kind: TEXT, INTEGER, REAL or BLOB."""

    def references(self, conn: Connection, table: str) -> list[tuple[str, str, str]]:
        """What refers to a table: the other table, its column, and the column of this one that it names."""

    def rows(self, conn: Connection, query: str, values: Values = ()) -> Iterator[Any]:
        """Rows as plain tuples, read as they are asked for: there may be millions."""

    def snapshot(self, conn: Connection) -> AbstractContextManager[None]:
        """All that a reader reads within the block is of one moment."""

    def insert_numbered(self, conn: Connection, statement: str, values: Values, rows: int) -> Sequence[int]:
        """Run an INSERT of so many rows into a table with a column `seq`; the numbers that they got, in order."""

    def insert_one(self, conn: Connection, statement: str, values: Values) -> int | None:
        """Run an INSERT into a table with a column `id`; the number of the row, None where there was a conflict."""

    def go_on_numbering(self, conn: Connection, table: str, column: str) -> None:
        """After rows came with numbers of their own: the next one is given a higher number than any that there was."""

    def last_number(self, conn: Connection, table: str, column: str) -> int:
        """The highest number that a table ever gave out, as far as the engine remembers it; 0 for none."""

    def number_after(self, conn: Connection, table: str, column: str, number: int) -> None:
        """The next row is given a higher number than this one, which `last_number` found in another database."""

    def defer_references(self, conn: Connection) -> None:
        """Within this transaction, what a row refers to may be missing until the commit."""

    def places(self, conn: Connection, match: WordMatch) -> str:
        """Positions of the items that match, in order, separated by commas; empty for none."""

    def begin(self, conn: Connection) -> None:
        """Begin a transaction that writes: after this, nobody else writes before it ends."""

    def try_write(self, conn: Connection) -> None:
        """Write and commit without changing anything. Raises what a write would raise."""

    def damage(self, conn: Connection) -> str | None:
        """What is wrong with the database itself, None for nothing."""


def marks(values: Collection[object]) -> str:
    """As many marks as values, for the list of an ``IN``; of no values one that nothing is equal to."""
    return ", ".join("?" * len(values)) if values else "NULL"
