"""What goes on beside a block of code until the block ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self


class Beside:
    """Threads that each run one function from the beginning of a `with` block until `_stop` is set at its end."""

    def __init__(self, *works: Callable[[], None]) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Tell the threads to end, and wait for them; a second call does nothing."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
