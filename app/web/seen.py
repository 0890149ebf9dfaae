"""What came before: the newest of many ids, each seen for the first time once."""

from __future__ import annotations

import threading

from cachetools import FIFOCache


class SeenBefore:
    """The newest `size` ids, the oldest dropped first; safe between threads."""

    def __init__(self, size: int) -> None:
        self._ids: FIFOCache[str, None] = FIFOCache(size)
        self._lock = threading.Lock()

    def seen(self, name: str) -> bool:
        """Whether this id came before; from now on it did."""
        with self._lock:
            if name in self._ids:
                return True
            self._ids[name] = None
            return False
