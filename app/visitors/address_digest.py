"""Addresses as digests that last a day: enough to see that many newcomers share one, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

SECONDS_PER_DAY = 86_400
_BYTES = 12


class AddressDigest:
    """Digests of addresses by a key that is random, is kept in memory only, and is another one each day (UTC).

    There are so few addresses that a digest by a lasting key can be undone by trying all of them. Once the day or the
    process is over nobody has the key, so that nobody can tell what address a digest was of, or join two days.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = -1
        self._key = b""

    def __call__(self, address: str, now: float) -> str:
        """The digest of an address at `now` (Unix seconds), in 24 hexadecimal digits."""
        day = int(now // SECONDS_PER_DAY)
        with self._lock:
            if day != self._day:
                self._day, self._key = day, secrets.token_bytes(32)
            key = self._key
        return hmac.digest(key, address.encode(), hashlib.sha256)[:_BYTES].hex()
