"""Where the rate limit counts: one table in memory, swept as it is used.

The memory storage of `limits` starts a thread of its own for nearly every call, to forget what has expired; under load
that was a third of the time of an API call.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from limits.storage import Storage

_SWEEP_EVERY_S = 60.0


class CountedStorage(Storage):
    """Fixed windows: a key counts up from its first call until it expires."""

    # Windows end on a clock that only goes forward: one that was set back would make them last as much longer.

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._windows: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()
        self._swept_at = time.monotonic()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What a storage over a network could raise; a table in memory raises nothing."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a call, `expiry` seconds long from the first; returns how many there are now."""
        now = time.monotonic()
        with self._lock:
            if now - self._swept_at > _SWEEP_EVERY_S:
                self._windows = {kept: window for kept, window in self._windows.items() if window[0] > now}
                self._swept_at = now
            ends_at, count = self._windows.get(key, (0.0, 0))
            if ends_at <= now:
                ends_at, count = now + expiry, 0
            self._windows[key] = ends_at, count + amount
            return count + amount

    def get(self, key: str) -> int:
        """Calls counted in the key's window, 0 when it has none."""
        ends_at, count = self._windows.get(key, (0.0, 0))
        return count if ends_at > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the key's window ends, Unix seconds; now when it has none."""
        return time.time() + max(0.0, self._windows.get(key, (0.0, 0))[0] - time.monotonic())

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all windows; returns how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows = {}
        return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._windows.pop(key, None)
