"""The one writer of the event database: a thread that commits waiting writes in groups."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import structlog
from sqlite_utils import Database

from app.store.errors import QueueFullError, WriteFailedError, WriterClosedError, WriteTimeoutError
from app.store.lock import WriterLock
from app.store.wal import ASKED_PATIENCE_MS, WriteAheadLog

T = TypeVar("T")
Task = Callable[[Database], T]

MAX_GROUP = 256
IDLE_CHECKPOINT_S = 1.0
COMMITS_A_LOOK = 16
"""Commits after which the length of the log is looked at."""

_log = structlog.get_logger(__name__)


class _GroupLostError(Exception):
    """The transaction ended under the group."""


@dataclass(slots=True)
class _Entry:
    """One waiting write; `task` None asks for a checkpoint. `outcome` is kept until the group is committed."""

    task: Task[Any] | None
    after_commit: Callable[[Any], None] | None
    future: Future[Any]
    outcome: Any = None
    error: BaseException | None = None


class Writer:
    """Takes tasks from any thread and runs them, in the order they came, on one thread and one connection.

    A group of tasks shares one ``BEGIN IMMEDIATE … COMMIT``; each runs in its own savepoint, so that one that fails
    does not undo its neighbours. A future is resolved only after the commit: a result that was handed out is on disk.
    Made by `Store.open_writer`.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, lock: WriterLock, *, queue_size: int, group_commit_ms: float
    ) -> None:
        if queue_size < 1 or group_commit_ms < 0:
            raise ValueError(f"queue_size = {queue_size} must be >= 1 and group_commit_ms = {group_commit_ms} >= 0")
        self.database = path
        self._wal = WriteAheadLog(path, connection)
        self._connection = connection
        self._db = Database(connection, execute_plugins=False)
        self._lock = lock
        self._queue_size = queue_size
        self._gather_s = group_commit_ms / 1000
        self._queue: deque[_Entry] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._commits = 0
        self._dirty = True
        self._idle = False
        self._thread = threading.Thread(target=self._run, name="event-writer", daemon=True)
        self._thread.start()

    @property
    def depth(self) -> int:
        """Tasks that wait and are not yet part of a group."""
        return len(self._queue)

    @property
    def commits(self) -> int:
        """Groups committed so far."""
        return self._commits

    @property
    def alive(self) -> bool:
        """Whether the thread runs and takes tasks."""
        return self._thread.is_alive() and not self._closing

    def submit(self, task: Task[T], after_commit: Callable[[T], None] | None = None) -> Future[T]:
        """Queue `task(db)`; the future gets its result after the commit, or what went wrong.

        The task may run SQL and sqlite-utils calls, and must not begin, commit or roll back. `after_commit(result)`
        runs on the writer's thread, in the order of the commits and before the future is resolved: it must be quick and
        must not write.
        Raises QueueFullError when the queue is full, WriterClosedError after close.
        """
        return self._enqueue(_Entry(task, after_commit, Future()))

    def run(self, task: Task[T], timeout_s: float = 10.0, after_commit: Callable[[T], None] | None = None) -> T:
        """Queue `task(db)` and wait for its commit. Raises what `submit` and the task raise, and WriteTimeoutError."""
        return self._wait(self.submit(task, after_commit), timeout_s)

    def checkpoint(self, timeout_s: float = 10.0) -> bool:
        """Move all that is written into the database file and empty the WAL; False if a long read prevented it."""
        return bool(self._wait(self._enqueue(_Entry(None, None, Future())), timeout_s))

    def close(self, within_s: float | None = None) -> None:
        """Commit what waits, checkpoint, give up the right to write; a second call does nothing.

        within_s: return after so many seconds although the writer is not done; None to wait for it.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(within_s)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enqueue(self, entry: _Entry) -> Future[Any]:
        with self._changed:
            if not self.alive:
                raise WriterClosedError("the writer is closed; nothing was written")
            if len(self._queue) >= self._queue_size:
                raise QueueFullError(self._queue_size)
            self._queue.append(entry)
            # Waking the writer costs more than queueing: while it gathers, only a full group is worth it.
            if self._idle or len(self._queue) >= MAX_GROUP:
                self._changed.notify_all()
        return entry.future

    @staticmethod
    def _wait(future: Future[T], timeout_s: float) -> T:
        try:
            return future.result(timeout_s)
        except TimeoutError as error:
            if future.done():
                return future.result()
            fate = "was not written" if future.cancel() else "may still be written"
            raise WriteTimeoutError(f"a write was not committed within {timeout_s:g} s and {fate}") from error

    def _run(self) -> None:
        group: list[_Entry] = []
        try:
            while self._await_work():
                group = self._next_group()
                tasks = [entry for entry in group if entry.task is not None]
                self._commit_group(tasks)
                for entry in tasks:
                    _settle(entry)
                for entry in group:
                    if entry.task is None:
                        entry.outcome = self._wal.empty(ASKED_PATIENCE_MS)
                        _settle(entry)
                if self._commits % COMMITS_A_LOOK == 0:
                    self._wal.bound()
            self._wal.empty(ASKED_PATIENCE_MS)
        except BaseException as error:
            _log.exception("writer_died")
            self._abandon(group, error)
        finally:
            self._connection.close()
            self._lock.release()

    def _await_work(self) -> bool:
        """Block until a task waits; empty the WAL meanwhile. False when closed and drained."""
        while True:
            with self._changed:
                if self._queue:
                    return True
                if self._closing:
                    return False
                self._idle = True
                notified = self._changed.wait(IDLE_CHECKPOINT_S if self._dirty else None)
                self._idle = False
            if not notified:
                self._dirty = not self._wal.empty(0)

    def _next_group(self) -> list[_Entry]:
        """The tasks to commit together: what waits, and what comes within the moment that tasks are gathered for."""
        deadline = time.monotonic() + self._gather_s
        with self._changed:
            while len(self._queue) < MAX_GROUP and not self._closing:
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    break
            taken = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_GROUP))]
        return [entry for entry in taken if entry.future.set_running_or_notify_cancel()]

    def _commit_group(self, group: list[_Entry]) -> None:
        if not group:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for entry in group:
                self._run_task(entry, alone=len(group) == 1)
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except (sqlite3.Error, _GroupLostError) as error:
            self._db.rollback()
            _log.error("commit_failed", writes=len(group), problem=str(error))
            for entry in group:
                if entry.error is None:
                    entry.error = WriteFailedError(f"nothing was stored: {error}; send it again")
                    entry.error.__cause__ = error
            return
        self._commits += 1
        self._dirty = True

    def _run_task(self, entry: _Entry, alone: bool) -> None:
        """Run one task in its savepoint, or in the transaction when it is `alone` in it: every statement costs a turn
        of the interpreter's lock. Raises only what takes the whole group with it.
        """
        assert entry.task is not None
        if not alone:
            self._connection.execute("SAVEPOINT task")
        try:
            entry.outcome = entry.task(self._db)
        except Exception as error:
            entry.error = error
            # A full disk or an I/O error makes SQLite roll back the whole transaction, and the neighbours with it.
            if not self._connection.in_transaction:
                raise _GroupLostError(f"SQLite rolled back every write of the group ({error})") from error
            self._connection.execute("ROLLBACK" if alone else "ROLLBACK TO task")
            if alone:
                return
        if not self._connection.in_transaction:
            raise _GroupLostError("a write ended the transaction that it shares with others")
        if not alone:
            self._connection.execute("RELEASE task")

    def _abandon(self, group: list[_Entry], error: BaseException) -> None:
        with self._changed:
            self._closing = True
            waiting = [entry for entry in self._queue if entry.future.set_running_or_notify_cancel()]
            self._queue.clear()
        for entry in [*(entry for entry in group if not entry.future.done()), *waiting]:
            entry.error = WriterClosedError(f"the writer stopped before this write was committed: {error}")
            _settle(entry)


def _settle(entry: _Entry) -> None:
    if entry.error is None and entry.after_commit is not None:
        try:
            entry.after_commit(entry.outcome)
        except Exception:
            # The write is on disk; a cache that could not be told must not turn it into a failure.
            _log.exception("after_commit_failed")
    if entry.error is None:
        entry.future.set_result(entry.outcome)
    else:
        entry.future.set_exception(entry.error)
