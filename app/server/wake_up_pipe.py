"""The pipe by which threads wake the worker's loop."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_MANY = 4096


class WakeUpPipe:
    """Calls for the loop's thread, which polls the pipe's end; the names are those that gunicorn's loop asks for.

    One byte is enough for all calls that wait: a flood of answers does not write, and read, one each. After `close`
    nothing is written any more: a descriptor is a number that the next opened file gets again, so a byte written to the
    number of a closed pipe would land in that file.
    """

    def __init__(self) -> None:
        self._calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._read_fd: int | None = None
        self._write_fd: int | None = None
        self._woken = False
        # Re-entrant: the handler of SIGTERM wakes the loop too, and may interrupt the main thread in here.
        self._guard = threading.RLock()

    def init(self) -> None:
        """Open the pipe, in the process whose loop it wakes."""
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self._write_fd, False)

    def fileno(self) -> int | None:
        """The end to poll."""
        return self._read_fd

    def close(self) -> None:
        """Close both ends; a second call does nothing."""
        with self._guard:
            ends, self._read_fd, self._write_fd = (self._read_fd, self._write_fd), None, None
            for end in ends:
                if end is not None:
                    os.close(end)

    def defer(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Have the loop call `callback(*arguments)`; does nothing after `close`."""
        with self._guard:
            if self._write_fd is None:
                return
            self._calls.append((callback, arguments))
            if not self._woken:
                self._woken = True
                os.write(self._write_fd, b"\0")

    def run_callbacks(self, _polled: object) -> None:
        """Make the calls that wait. Called by the loop when there is something to read."""
        if self._read_fd is None:
            return
        with suppress(BlockingIOError):
            os.read(self._read_fd, _MANY)
        self._woken = False  # before the calls are taken: what comes from now on wakes the loop again
        for _ in range(len(self._calls)):
            callback, arguments = self._calls.popleft()
            callback(*arguments)
