"""Tasks of one kind that are written by one statement.

Where several processes write, the statement is a transaction of its own: one of several statements holds the lock of
those who write while this process waits for its interpreter between them, which with eight threads at work was 15 ms on
average, for which every other process waited. In a process that writes alone, each statement is a turn of the
interpreter that requests do not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeGuard

from app.store.engines import Connection, Database


class JoinedTask(Protocol):
    """A task that can be written by itself, as any, or with others of its kind."""

    def __call__(self, db: Database) -> Any:
        """Write it within a transaction."""

    @staticmethod
    def run_joined(db: Database, tasks: Sequence[Any]) -> Sequence[Any]:
        """Write many within a transaction: what each gave.

        Raises one of INTEGRITY_ERRORS where one of them is refused; what was written until then has to be taken back.
        """

    @staticmethod
    def write_joined(conn: Connection, tasks: Sequence[Any]) -> Sequence[Any]:
        """Write many, outside of a transaction: what each gave, None for one that has to be written by itself.

        Raises one of INTEGRITY_ERRORS, having written nothing, where one of them is refused.
        """


def is_joined(task: object) -> TypeGuard[JoinedTask]:
    """Whether a task can be written with others of its kind. A look at the protocol itself takes 30 times as long."""
    return hasattr(task, "run_joined")
