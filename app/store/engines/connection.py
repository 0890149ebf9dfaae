"""What the store asks of a connection to its database, whatever the engine; `sqlite3.Connection` is one as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.store.writing.group import GroupCommit

Values = Sequence[Any] | Mapping[str, Any]
"""What stands for the marks of a statement: ``?`` and ``?1`` by place, ``:name`` by name."""


class Cursor(Protocol):
    """What a statement gave. A row is read by place and by name, and unpacks."""

    @property
    def rowcount(self) -> int:
        """Rows that were written."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any:
        """The next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""


class Connection(Protocol):
    """A connection of one thread at a time, in no transaction unless one was begun."""

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and has not ended."""

    def execute(self, sql: str, parameters: Values = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Values], /) -> Cursor:
        """Run one statement for each of many values; `rowcount` is of all."""

    def close(self) -> None:
        """Close it; a second call does nothing."""


class Database(Protocol):
    """What a task of the writer is given: its connection, in a transaction that the writer ends."""

    @property
    def conn(self) -> Connection:
        """The connection."""

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = ...) -> Any:
        """Run one statement; a `Cursor`."""

    def rollback(self) -> None:
        """Take the transaction back."""

    def close(self) -> None:
        """Close the connection."""


class RightToWrite(Protocol):
    """What a writer holds as long as it works."""

    def release(self) -> None:
        """Let go of it; a second call does nothing."""


class TrainersRight(RightToWrite, Protocol):
    """What the one trainer of a database holds as long as it works."""

    def check(self) -> None:
        """Take it again where it was lost with its connection. Raises TrainerElsewhereError when another has it now."""


class JobsRight(RightToWrite, Protocol):
    """The right to do what one process must do for all that serve a site."""

    def held(self) -> bool:
        """Whether this process has the right, which it takes where nobody has it."""


class Log(Protocol):
    """What an engine keeps beside the database until somebody tidies it up."""

    def bound(self) -> None:
        """Keep it short, as far as that holds nobody up."""

    def empty(self, patience_ms: int) -> bool:
        """Empty it, waiting at most so long for others; whether it is empty now."""


class Link(Protocol):
    """The one connection that a writer works on, and what works on it."""

    group: GroupCommit

    @property
    def db(self) -> Database:
        """What tasks are given."""

    @property
    def log(self) -> Log:
        """What has to be tidied up beside the database."""

    def close(self) -> None:
        """Close the connection."""


class Engine(Protocol):
    """Opens connections to one event database."""

    @property
    def name(self) -> str:
        """How messages name the database."""

    @property
    def file(self) -> Path | None:
        """The file of the database, None where a server keeps it."""

    @property
    def folder(self) -> Path:
        """Where files that belong to the database lie, such as the key of the tombstones."""

    def check(self) -> None:
        """Raise NotInitialisedError when the database is not there, or is not of this code's schema."""

    def create(self) -> None:
        """Make the database, or bring its schema up to date."""

    def open_reader(self) -> Connection:
        """A connection that can only read, for one thread. It may be closed by another that knows it idle."""

    def end_reading(self, connection: Connection) -> None:
        """Have a reader that its thread may be using end: what it is at work on fails, and nothing else does."""

    def close(self) -> None:
        """Close what readers share; a second call does nothing."""

    @property
    def identity(self) -> int:
        """Of this process in what processes tell each other once a second."""

    @property
    def announces_as(self) -> int:
        """Who changed what the newest writer of this process announces. Another after each time that it lost its
        connection: what was committed just then is a change like those of others, as nobody here was told of it.
        """

    def writers(self) -> int:
        """How many processes have the right to write."""

    def is_alone(self) -> bool:
        """Whether nobody but this process can have written since it last saw who does; costs no question."""

    def see_who_writes(self) -> None:
        """Look who writes."""

    def take_right(self) -> RightToWrite:
        """Take the right to write. Raises WriterBusyError where only one may have it and another has."""

    def take_trainers_right(self) -> TrainersRight:
        """Be the one trainer of the database. Raises TrainerElsewhereError."""

    def jobs_right(self) -> JobsRight:
        """The right to do what one process must do for all; it is not taken yet."""

    def open_link(self, *, beside_others: bool = False) -> Link:
        """Open the connection of a writer.

        beside_others: where the engine lets several processes write, whoever else opens one so may write as well.
        """
