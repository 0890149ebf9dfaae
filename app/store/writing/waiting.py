"""The writes that wait for the writer, and when enough of them wait."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from app.store.errors import QueueFullError, WriterClosedError
from app.store.writing.group import Write

MAX_GROUP = 256
UNAWAITED = 10
"""So many times as long as others, tasks that nobody waits for are gathered: a commit costs more than any of them."""


class WaitingWrites:
    """At most `size` writes in the order they came, from any thread to the one that takes them in groups.

    gather_s: for how long a group is gathered once a task waits.
    """

    def __init__(self, size: int, gather_s: float) -> None:
        self._size, self._gather_s = size, gather_s
        self._queue: deque[Write] = deque()
        self._changed = threading.Condition()
        self._awaited = 0
        self._idle = False
        self._resting = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def closed(self) -> bool:
        """Whether no more are taken."""
        return self._closed

    def close(self) -> None:
        """Take no more, and wake the thread that takes them."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def add(self, entry: Write) -> None:
        """Let a write wait. Raises QueueFullError, and WriterClosedError after `close`."""
        with self._changed:
            if self._closed:
                raise WriterClosedError("the writer is closed; nothing was written")
            if len(self._queue) >= self._size:
                raise QueueFullError(self._size)
            self._queue.append(entry)
            awaited = entry.future is not None
            self._awaited += awaited
            # Waking the writer costs more than queueing: while it gathers, only a full group is worth it, and while it
            # gathers what nobody waits for, the first task that somebody waits for.
            if self._idle or (awaited and self._resting) or len(self._queue) >= MAX_GROUP:
                self._changed.notify_all()

    def wait(self, within_s: float | None) -> bool:
        """Block until a write waits, or none will any more, at most so long; whether that came."""
        with self._changed:
            self._idle = True
            came = self._changed.wait_for(lambda: bool(self._queue) or self._closed, within_s)
            self._idle = False
        return came

    def rest(self, for_s: float) -> bool:
        """Block until `close`, at most so long; whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, for_s)

    def next_group(self) -> list[Write]:
        """The writes to commit together: what waits, and what comes within the moment that they are gathered for."""
        with self._changed:
            if not self._awaited:
                self._resting = True
                self._gather(UNAWAITED * self._gather_s, lambda: bool(self._awaited))
                self._resting = False
            if self._awaited:
                self._gather(self._gather_s)
            taken = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_GROUP))]
            self._awaited -= sum(entry.future is not None for entry in taken)
        return [entry for entry in taken if entry.begin()]

    def _gather(self, for_s: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Wait for so long, or until there is a full group, or no more are taken, or something else ends it."""
        self._changed.wait_for(lambda: len(self._queue) >= MAX_GROUP or self._closed or is_over(), for_s)

    def take_all(self) -> list[Write]:
        """All that wait, for whom nothing is written."""
        with self._changed:
            waiting = [entry for entry in self._queue if entry.begin()]
            self._queue.clear()
            self._awaited = 0
        return waiting
