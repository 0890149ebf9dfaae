"""The worker where several processes listen at one port: it leaves a new connection to one that holds fewer."""

from __future__ import annotations

import time
from typing import Any

from app.server.even_share import EvenShare
from app.server.worker import SiteWorker

LEAVES_FOR_S = 0.02
"""For how long a connection is left to others at most; one that still waits then is taken, whatever others hold."""
_LOOKS_EVERY_S = 0.001  # whether others have caught up, and a connection that waits is anybody's again


class SharingWorker(SiteWorker):
    """share: set by whoever starts several workers, before the first; None for one that is alone."""

    share: EvenShare | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._left_until = 0.0  # monotonic; before it no connection is taken
        self._takes_one = False  # whether the next connection was left to others already

    def accept(self, listener: Any) -> None:
        if self._leaves() and not self._takes_one:
            self._left_until = time.monotonic() + LEAVES_FOR_S
            self.set_accept_enabled(False)
            return
        self._takes_one = False
        super().accept(listener)
        self._tell()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called at every turn of the loop; not before it is this worker's turn again."""
        if not enabled or time.monotonic() >= self._left_until:
            super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """One turn of the loop."""
        self._tell()
        if self._left_until and not self._leaves():
            self._left_until = 0.0
            self.set_accept_enabled(True)
        if not self._left_until:
            super().wait_for_and_dispatch_events(timeout)
        elif (left_s := self._left_until - time.monotonic()) > 0:
            super().wait_for_and_dispatch_events(min(left_s, _LOOKS_EVERY_S))
        else:
            # A connection that waits is told of at once; where none does, somebody else took it.
            self._left_until, self._takes_one = 0.0, True
            self.set_accept_enabled(True)
            super().wait_for_and_dispatch_events(0)
            self._takes_one = False

    def _leaves(self) -> bool:
        """Whether another process holds fewer connections than this one."""
        if self.share is None:
            return False
        fewest = self.share.fewest_of_others(self.age)
        return fewest is not None and fewest < self.nr_conns

    def _tell(self) -> None:
        if self.share is not None:
            self.share.tell(self.age, self.nr_conns)
