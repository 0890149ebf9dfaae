"""The pipe by which threads wake the worker's loop."""

from __future__ import annotations

import threading
from typing import Any

from gunicorn.workers.gthread import PollableMethodQueue


class WakeUpPipe(PollableMethodQueue):
    """Gunicorn's pipe, to which nothing is written any more after `close`.

    A descriptor is a number that the next opened file gets again: a wake-up byte that is written to the number of a
    closed pipe lands in that file.
    """

    def __init__(self) -> None:
        super().__init__()
        # Re-entrant: the handler of SIGTERM wakes the loop too, and may interrupt the main thread in here.
        self._guard = threading.RLock()

    def close(self) -> None:
        with self._guard:
            super().close()
            self._read_fd = self._write_fd = None

    def defer(self, callback: Any, *arguments: Any) -> None:
        with self._guard:
            if self._write_fd is not None:
                super().defer(callback, *arguments)
