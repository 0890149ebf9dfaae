"""The one writer of the event database: a thread that commits waiting writes in groups."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import Any

import structlog

from app.store.engines import DATABASE_ERRORS, Engine, Link, RightToWrite
from app.store.errors import (
    READ_ERRORS,
    NotWritableError,
    WriteFailedError,
    WriterClosedError,
    WriteTimeoutError,
    said_to_strangers,
)
from app.store.writing.group import T, Task, Write
from app.store.writing.waiting import WaitingWrites
from app.store.writing.wal import ASKED_PATIENCE_MS

IDLE_CHECKPOINT_S = 1.0
COMMITS_A_LOOK = 16
"""Commits after which the length of the log is looked at."""

RETRY_S = 0.1
MAX_RETRY_S = 5.0
"""Rest before the database is opened for writing again: at first, and at most."""

_AT_OPENING: tuple[type[Exception], ...] = (*READ_ERRORS, OSError)
"""What the opening of a connection may raise."""

_log = structlog.get_logger(__name__)


class Writer:
    """Takes tasks from any thread and runs them, in the order they came, on one thread and one connection.

    A group of tasks shares one transaction; each runs in its own savepoint, so that one that fails
    does not undo its neighbours. A future is resolved only after the commit: a result that was handed out is on disk.
    Made by `Store.open_writer`.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        queue_size: int,
        group_commit_ms: float,
        patient: bool = False,
        beside_others: bool = False,
    ) -> None:
        """patient: begin although the database cannot be written yet, and go on trying. beside_others: see `Engine`."""
        if queue_size < 1 or group_commit_ms < 0:
            raise ValueError(f"queue_size = {queue_size} must be >= 1 and group_commit_ms = {group_commit_ms} >= 0")
        self.engine = engine
        self._beside_others = beside_others
        self._waiting = WaitingWrites(queue_size, group_commit_ms / 1000)
        self._group: list[Write] = []
        self._commits = 0
        self._dirty = True
        self._right: RightToWrite | None = None
        self._link: Link | None = None
        self._problem: str | None = None
        self._failures = 0
        try:
            self._connect()
        except _AT_OPENING as error:
            self._disconnect()
            if not patient:
                raise
            self._note_failure(error)
        self._thread = threading.Thread(target=self._run, name="event-writer", daemon=True)
        self._thread.start()

    @property
    def depth(self) -> int:
        """Tasks that wait and are not yet part of a group."""
        return len(self._waiting)

    @property
    def commits(self) -> int:
        """Groups committed so far."""
        return self._commits

    @property
    def alive(self) -> bool:
        """Whether the thread runs and takes tasks."""
        return self._thread.is_alive() and not self._waiting.closed

    @property
    def problem(self) -> str | None:
        """Why the newest write failed, or why none can be tried; None when writing works. The writer tries again."""
        return self._problem

    @property
    def failures(self) -> int:
        """Failures since writing last worked."""
        return self._failures

    def submit(self, task: Task[T], after_commit: Callable[[T], None] | None = None) -> Future[T]:
        """Queue `task(db)`; the future gets its result after the commit, or what went wrong.

        The task may run SQL and sqlite-utils calls, and must not begin, commit or roll back. `after_commit(result)`
        runs on the writer's thread, in the order of the commits and before the future is resolved: it must be quick and
        must not write.
        Raises QueueFullError when the queue is full, NotWritableError while the database cannot be opened for
        writing, WriterClosedError after close.
        """
        future: Future[T] = Future()
        self._enqueue(Write(task, after_commit, future))
        return future

    def post(self, task: Task[Any], failed: Callable[[BaseException], None]) -> None:
        """Queue `task(db)`, in order with all others, when nobody waits for its commit, which may come a little later.

        failed: told on the writer's thread when the task was not written. Raises what `submit` raises.
        """
        self._enqueue(Write(task, failed=failed))

    def run(self, task: Task[T], timeout_s: float = 10.0, after_commit: Callable[[T], None] | None = None) -> T:
        """Queue `task(db)` and wait for its commit. Raises what `submit` and the task raise, and WriteTimeoutError."""
        return self._wait(self.submit(task, after_commit), timeout_s)

    def checkpoint(self, timeout_s: float = 10.0) -> bool:
        """Move all that is written into the database file and empty its log; False if a long read prevented it."""
        future: Future[Any] = Future()
        self._enqueue(Write(None, future=future))
        return bool(self._wait(future, timeout_s))

    def close(self, within_s: float | None = None) -> None:
        """Commit what waits, checkpoint, give up the right to write; a second call does nothing.

        within_s: return after so many seconds although the writer is not done; None to wait for it.
        """
        self._waiting.close()
        self._thread.join(within_s)

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enqueue(self, entry: Write) -> None:
        if not self.alive:
            raise WriterClosedError("the writer is closed; nothing was written")
        if self._link is None:
            raise NotWritableError(self._problem)
        self._waiting.add(entry)

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
        """Work until closed. Whatever goes wrong costs the group it happened to, never the thread."""
        while True:
            try:
                self._connect()
                self._work()
                break
            except BaseException as error:
                self._note_failure(error)
                self._abandon(error)
                self._disconnect()
                if self._rests_until_closed():
                    break
        self._abandon(WriterClosedError("the writer was closed"))
        self._disconnect()
        if self._right is not None:
            self._right.release()

    def _connect(self) -> None:
        """Take the right to write, which is kept from then on, and open the connection."""
        if self._right is None:
            self._right = self.engine.take_right()
        if self._link is None:
            self._link = self.engine.open_link(beside_others=self._beside_others)

    def _disconnect(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            with suppress(*DATABASE_ERRORS):
                link.close()

    def _rests_until_closed(self) -> bool:
        """Wait before the next attempt, the longer the more have failed; whether the writer was closed meanwhile."""
        rest_s = min(RETRY_S * 2 ** min(self._failures - 1, 10), MAX_RETRY_S)
        return self._waiting.rest(rest_s)

    def _work(self) -> None:
        link = self._link
        assert link is not None
        while self._await_work(link):
            self._group = self._waiting.next_group()
            tasks = [entry for entry in self._group if entry.task is not None]
            if tasks:
                self._commit(link, tasks)
            for entry in self._group:
                if entry.task is None:
                    entry.outcome = link.log.empty(ASKED_PATIENCE_MS)
                entry.settle()
            self._group = []
            if self._commits % COMMITS_A_LOOK == 0:
                link.log.bound()
        link.log.empty(ASKED_PATIENCE_MS)

    def _commit(self, link: Link, tasks: list[Write]) -> None:
        if link.group.commit(tasks):
            self._commits += 1
            self._dirty = True
        failed = next((entry.error for entry in tasks if isinstance(entry.error, WriteFailedError)), None)
        if failed is None:
            self._note_success()
            return
        still_failing = link.group.probe()
        if still_failing is not None:
            raise still_failing  # a new connection may help; meanwhile nobody waits in vain
        self._note_failure(failed)

    def _note_failure(self, error: BaseException) -> None:
        self._problem = said_to_strangers(error)
        self._failures += 1
        if self._failures & (self._failures - 1) == 0:  # at 1, 2, 4, …: a disk that stays full must not fill the log
            with suppress(Exception):
                _log.error("writer_failed", problem=str(error) or self._problem, failures=self._failures)

    def _note_success(self) -> None:
        if self._problem is not None:
            with suppress(Exception):
                _log.warning("writer_recovered", failures=self._failures)
        self._problem, self._failures = None, 0

    def _await_work(self, link: Link) -> bool:
        """Block until a task waits; meanwhile empty the log, and try whether writing works again after it failed.

        False when closed and drained.
        """
        while True:
            closed = self._waiting.closed  # asked first: after it nothing more waits
            if len(self._waiting):
                return True
            if closed:
                return False
            has_more_to_do = self._dirty or self._problem is not None
            if self._waiting.wait(IDLE_CHECKPOINT_S if has_more_to_do else None):
                continue
            if self._problem is not None:
                failed = link.group.probe()
                if failed is not None:
                    raise failed
                self._note_success()
            self._dirty = not link.log.empty(0)

    def _abandon(self, error: BaseException) -> None:
        """Tell those who wait, in the group and in the queue, that nothing confirms their write."""
        for entry in [*self._group, *self._waiting.take_all()]:
            if entry.error is None:
                entry.error = error if isinstance(error, WriterClosedError) else WriteFailedError.of(error)
            entry.settle()
        self._group = []
