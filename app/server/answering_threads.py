"""The threads that answer requests."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class AnsweringThreads:
    """A fixed number of threads, of which the one that rested shortest takes the next request: what it keeps of the
    database is warm. A pool of `concurrent.futures` would make a future with its locks for each request as well.

    answer: called with each connection on one of the threads; it must not raise.
    """

    def __init__(self, number: int, answer: Callable[[Any], None]) -> None:
        self._answer = answer
        # Re-entrant: a signal's handler may shut the threads down while the main thread hands out a request.
        self._guard = threading.RLock()
        self._resting: list[SimpleQueue[Any]] = []
        self._waiting: deque[Any] = deque()
        self._ends = False
        # No daemons: a request that is under way when the process ends is waited for.
        self._threads = [threading.Thread(target=self._work, name=f"request-{n + 1}") for n in range(number)]

    def start(self) -> None:
        """Begin; until then connections only wait."""
        for thread in self._threads:
            thread.start()

    def submit(self, connection: Any) -> None:
        """Have the connection's request answered; those beyond the number of threads wait in order of arrival."""
        with self._guard:
            if self._resting:
                self._resting.pop().put(connection)
            else:
                self._waiting.append(connection)

    def shutdown(self, wait: bool = True) -> None:
        """End each thread once nothing waits; a second call does no harm. wait: until they have ended."""
        with self._guard:
            self._ends = True
            while self._resting:
                self._resting.pop().put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _work(self) -> None:
        handed: SimpleQueue[Any] = SimpleQueue()
        while (connection := self._next(handed)) is not None:
            self._answer(connection)

    def _next(self, handed: SimpleQueue[Any]) -> Any:
        """What to answer next; None at the end."""
        with self._guard:
            if self._waiting:
                return self._waiting.popleft()
            if self._ends:
                return None
            self._resting.append(handed)
        return handed.get()
