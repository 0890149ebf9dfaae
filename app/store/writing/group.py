"""A group of writes that share one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar, cast

import structlog

from app.store.engines import DATABASE_ERRORS, Connection, Database, EngineError, dialect_of
from app.store.engines.faults import Cause, cause_of
from app.store.errors import WriteFailedError, as_store_error
from app.store.several.changes import begin_announcing, write_announced
from app.store.writing.joined import JoinedTask, is_joined

T = TypeVar("T")
Task = Callable[[Database], T]

_log = structlog.get_logger(__name__)


class _GroupLostError(Exception):
    """The transaction ended under the group."""


MOST_JOINED = 16
"""Tasks of one kind that are one statement."""

_LOST: tuple[type[Exception], ...] = (*DATABASE_ERRORS, _GroupLostError)
"""What costs the whole group."""


@dataclass(slots=True)
class Write:
    """One waiting write; `task` None asks for a checkpoint. `outcome` is kept until the group is committed.

    future: what somebody may wait for; None where nobody does, who is told by `failed` if it comes to nothing.
    """

    task: Task[Any] | None
    after_commit: Callable[[Any], None] | None = None
    future: Future[Any] | None = None
    failed: Callable[[BaseException], None] | None = None
    outcome: Any = None
    error: BaseException | None = None

    def begin(self) -> bool:
        """Whether it is still wanted; from now on it cannot be taken back."""
        return self.future is None or self.future.set_running_or_notify_cancel()

    def settle(self) -> None:
        """Resolve the future, once."""
        if self.future is None:
            self._tell_failure()
            return
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
            return
        if self.after_commit is not None:
            try:
                self.after_commit(self.outcome)
            except Exception:
                # The write is on disk; a cache that could not be told must not turn it into a failure.
                _log.exception("after_commit_failed")
        self.future.set_result(self.outcome)

    def _tell_failure(self) -> None:
        if self.error is None or self.failed is None:
            return
        try:
            self.failed(self.error)
        except Exception:
            _log.exception("failure_not_told")


def _kind(entry: Write) -> object:
    """What tasks that are written by one statement have in common, and no others."""
    return type(entry.task) if is_joined(entry.task) else entry


def _are_joined(group: Sequence[Write]) -> bool:
    kind = _kind(group[0])
    return kind is not group[0] and all(_kind(entry) is kind for entry in group)


class GroupCommit:
    """Commits groups on one connection. Each task has its own savepoint, so that one that fails spares the others."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._connection: Connection = db.conn
        self._dialect = dialect_of(self._connection)

    def commit(self, group: Sequence[Write]) -> bool:
        """Run and commit what is in `group`: all but the tasks that failed, or nothing; whether it was committed."""
        if self._dialect.several_processes and _are_joined(group):
            group, written = self._write_joined(group)
            if not group or not written:
                return written
        committing = False
        try:
            self._dialect.begin(self._connection)
            if self._dialect.several_processes:
                begin_announcing(self._connection)
            self._run(group)
            if self._connection.in_transaction:
                if self._dialect.several_processes:
                    write_announced(self._connection)
                committing = True
                self._connection.execute("COMMIT")
        except _LOST as error:
            with suppress(*DATABASE_ERRORS):
                self._db.rollback()
            self._lose(group, error, committing)
            return False
        return True

    @staticmethod
    def _lose(group: Sequence[Write], error: Exception, committing: bool) -> None:
        uncertain = committing and isinstance(error, EngineError) and error.connection_lost
        for entry in group:
            if entry.error is None:
                entry.error = WriteFailedError.at_commit(error) if uncertain else WriteFailedError.of(error)

    def _write_joined(self, group: Sequence[Write]) -> tuple[list[Write], bool]:
        """Write tasks of one kind by few statements; what is left to be written one by one, and whether none is lost.

        A statement that a task is to blame for has written nothing: each by itself says which.
        """
        left: list[Write] = []
        for start in range(0, len(group), MOST_JOINED):
            part = group[start : start + MOST_JOINED]
            tasks = [cast(JoinedTask, entry.task) for entry in part]
            try:
                outcomes = tasks[0].write_joined(self._connection, tasks)
            except DATABASE_ERRORS as error:
                if cause_of(error) is not Cause.TASK:
                    self._lose([*left, *group[start:]], error, committing=True)
                    return [], False
                outcomes = [None] * len(part)
            for entry, outcome in zip(part, outcomes, strict=True):
                entry.outcome = outcome
            left += [entry for entry in part if entry.outcome is None]
        return left, True

    def _run(self, group: Sequence[Write]) -> None:
        """Run a group in the transaction that was begun, neighbours of one kind by few statements."""
        for _, neighbours in groupby(group, _kind):
            self._run_neighbours(list(neighbours), len(group))

    def _run_neighbours(self, part: Sequence[Write], of_all: int) -> None:
        """Run tasks of one kind, of a group of so many. Where one is refused, each half by itself, so that in the end
        only those run alone that cannot run with others.
        """
        if len(part) == 1:
            self._run_task(part[0], alone=of_all == 1)
        elif self._dialect.several_processes or not self._run_joined(part, len(part) == of_all):
            middle = len(part) // 2
            self._run_neighbours(part[:middle], of_all)
            self._run_neighbours(part[middle:], of_all)

    def _run_joined(self, part: Sequence[Write], is_all: bool) -> bool:
        """Run tasks of one kind by few statements; False, with what they wrote taken back, when one of them is refused.
        is_all: whether they are the whole group.
        """
        tasks = [cast(JoinedTask, entry.task) for entry in part]
        if not is_all:
            self._connection.execute("SAVEPOINT part")
        try:
            outcomes = tasks[0].run_joined(self._db, tasks)
        except Exception as error:
            if not self._connection.in_transaction:
                raise _GroupLostError(f"the database took back every write of the group ({error})") from error
            if is_all:
                self._connection.execute("ROLLBACK")
                self._dialect.begin(self._connection)
            else:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            return False
        if not is_all:
            self._connection.execute("RELEASE part")
        for entry, outcome in zip(part, outcomes, strict=True):
            entry.outcome = outcome
        return True

    def probe(self) -> Exception | None:
        """Write and commit without changing anything; returns why that is not possible."""
        try:
            self._dialect.try_write(self._connection)
        except DATABASE_ERRORS as error:
            with suppress(*DATABASE_ERRORS):
                self._db.rollback()
            return error
        return None

    def _run_task(self, entry: Write, alone: bool) -> None:
        """Run one task in its savepoint, or in the transaction when it is `alone` in it: every statement costs a turn
        of the interpreter's lock. Raises only what takes the whole group with it.
        """
        assert entry.task is not None
        if not alone:
            self._connection.execute("SAVEPOINT task")
        try:
            entry.outcome = entry.task(self._db)
        except Exception as error:
            entry.error = as_store_error(error)
            # A full disk or an I/O error makes SQLite roll back the whole transaction, and the neighbours with it.
            if not self._connection.in_transaction:
                raise _GroupLostError(f"the database took back every write of the group ({error})") from error
            self._connection.execute("ROLLBACK" if alone else "ROLLBACK TO task")
            if alone:
                return
        if not self._connection.in_transaction:
            raise _GroupLostError("a write ended the transaction that it shares with others")
        if not alone:
            self._connection.execute("RELEASE task")
