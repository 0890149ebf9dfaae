"""Writes that a page queued and whoever shows it waits for, where another process may be asked next."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any

WAIT_S = 5.0
"""How long a page waits for its slates to be committed; then it is shown all the same."""


class OwnWrites(threading.local):
    """What the thread that asks has queued since it last waited."""

    def __init__(self, among_others: bool) -> None:
        """among_others: whether other processes serve the site; one process finds what it queued before, so that
        nobody waits.
        """
        self.are_awaited = among_others
        self._queued: list[Future[Any]] = []

    def add(self, write: Future[Any]) -> None:
        """A write that was queued."""
        if self.are_awaited:
            self._queued.append(write)

    def forget(self) -> None:
        """Nobody waits for what was queued."""
        self._queued.clear()

    def wait(self) -> None:
        """Return when what was queued is committed or has failed, and after `WAIT_S` at the latest."""
        queued, self._queued = self._queued, []
        for write in queued:
            with suppress(TimeoutError, CancelledError):
                write.exception(WAIT_S)
