"""Where the rate limit counts: one table in memory, swept as it is used.

The memory storage of `limits` starts a thread of its own for nearly every call, to forget what has expired; under load
that was a third of the time of an API call.

Where several processes serve a site, each counts for itself and hears once a second what the others have counted, so
that a call costs no question. A key is known to others by a keyed hash: it may name an address.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from limits.storage import Storage

from app.web.telling import Heard

MOST_TOLD = 1_000
"""Keys of a process that others hear of, those with the most calls: what has fewer is far from any limit."""
_SWEEP_EVERY_S = 60.0


class CountedStorage(Storage):
    """Fixed windows: a key counts up from its first call until it expires."""

    # Windows end on a clock that only goes forward: one that was set back would make them last as much longer.

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._windows: dict[str, tuple[float, int]] = {}
        self._others: dict[str, list[tuple[float, int]]] = {}
        self._secret: Callable[[], str] = str
        self._key = b""
        self._lock = threading.Lock()
        self._swept_at = time.monotonic()

    # What processes tell each other of it; see `app.web.telling.Told`.

    room = "calls"
    every = 1

    def use_secret(self, secret: Callable[[], str]) -> None:
        """Hash keys by a secret that all processes of the site have."""
        self._secret = secret

    def tell(self) -> str:
        """The windows with the most calls, as JSON: by hashed key, calls and seconds until the window ends."""
        now = time.monotonic()
        with self._lock:
            live = [(count, key, ends_at) for key, (ends_at, count) in self._windows.items() if ends_at > now]
        most = heapq.nlargest(MOST_TOLD, live)
        told = {self._hashed(key): [count, round(ends_at - now, 3)] for count, key, ends_at in most}
        return json.dumps(told, separators=(",", ":")) if told else ""

    def hear(self, others: Mapping[str, Heard]) -> None:
        """Count what other processes have counted as well, until they say otherwise."""
        now, found = time.monotonic(), dict[str, list[tuple[float, int]]]()
        for heard in others.values():
            for hashed, (count, left_s) in json.loads(heard.value).items():
                found.setdefault(hashed, []).append((now + left_s - heard.age_s, count))
        self._others = found

    def _hashed(self, key: str) -> str:
        self._key = self._key or self._secret().encode()[:64]
        return hashlib.blake2b(key.encode(), key=self._key, digest_size=12).hexdigest()

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
            others_end_at, others = self._elsewhere(key, now)
            if ends_at <= now:
                ends_at, count = others_end_at if others else now + expiry, 0
            self._windows[key] = ends_at, count + amount
            return count + amount + others

    def get(self, key: str) -> int:
        """Calls counted in the key's window, 0 when it has none."""
        now = time.monotonic()
        ends_at, count = self._windows.get(key, (0.0, 0))
        return (count if ends_at > now else 0) + self._elsewhere(key, now)[1]

    def get_expiry(self, key: str) -> float:
        """When the key's window ends, Unix seconds; now when it has none."""
        now = time.monotonic()
        ends_at = max(self._windows.get(key, (0.0, 0))[0], self._elsewhere(key, now)[0])
        return time.time() + max(0.0, ends_at - now)

    def _elsewhere(self, key: str, now: float) -> tuple[float, int]:
        """When the last window of the key ends that other processes count in, and their calls; zeros for none."""
        live = [window for window in self._others.get(self._hashed(key), ()) if window[0] > now] if self._others else []
        return max((ends_at for ends_at, _ in live), default=0.0), sum(count for _, count in live)

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget all windows; returns how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows, self._others = {}, {}
        return count

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._windows.pop(key, None)
