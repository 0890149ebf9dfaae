"""Ids that nobody can guess, from random bytes that are fetched many at a time."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections import deque

_BYTES = 12
_AT_ONCE = 256

_waiting: deque[bytes] = deque()


def fresh_id() -> str:
    """An id of 16 letters, as `secrets.token_urlsafe(12)` makes one. Safe between threads, and after a fork.

    Asking the system gives the interpreter to other threads each time, and a page needs eight ids: under load they took
    longer than the ranking.
    """
    try:
        own = _waiting.pop()
    except IndexError:
        many = os.urandom(_BYTES * _AT_ONCE)
        own, *others = (many[start : start + _BYTES] for start in range(0, len(many), _BYTES))
        _waiting.extend(others)
    return urlsafe_b64encode(own).decode("ascii")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_waiting.clear)  # two processes must not hand out the same
