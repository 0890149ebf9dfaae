"""Sessions of the admin, kept by the server: what is logged out is over, whoever has a copy of the cookie."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

from cachetools import TTLCache

SESSION_S = 12 * 3_600
"""Seconds after which a login has to be made again."""
_KEPT = 100


class AdminSessions:
    """Open sessions, by the hash of their token. A restart ends them all.

    clock: seconds that only go forward, so that a corrected clock neither ends nor prolongs a session.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions: TTLCache[bytes, str] = TTLCache(_KEPT, SESSION_S, timer=clock)
        self._lock = threading.Lock()

    def open(self, password_mark: str) -> str:
        """A new session, opened with the password of this mark; returns its token. Of more than 100 the one longest
        unused is closed.
        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[_hashed(token)] = password_mark
        return token

    def is_open(self, token: object, password_mark: str) -> bool:
        """Whether the session is open, and was opened with the password that holds today."""
        if not isinstance(token, str):
            return False
        with self._lock:  # reading changes the order of use
            return self._sessions.get(_hashed(token)) == password_mark

    def close(self, token: object, password_mark: str) -> None:
        """End a session for good, whatever it was opened with."""
        if isinstance(token, str):
            with self._lock:
                self._sessions.pop(_hashed(token), None)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
