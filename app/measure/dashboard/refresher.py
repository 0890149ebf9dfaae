"""Keeps the board fresh in a thread of its own, so that showing it costs a request nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.measure.dashboard.board import Board

REST_PER_COST = 9.0
"""Seconds of rest for each second that a round cost: the board never takes more than a tenth of a processor."""


class BoardRefresher:
    """Holds the newest board and takes another every `interval_s`, less often when a round is dear.

    take: makes one board, from the one before where it may keep some of that.
    interval_s: 0 for no thread; then every `current` takes a board anew.
    """

    def __init__(self, take: Callable[[Board | None], Board], interval_s: float) -> None:
        self._take = take
        self._interval_s = interval_s
        self._board: Board | None = None
        self._taking = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to refresh; the first board is taken at once."""
        if self._interval_s > 0:
            self._thread = threading.Thread(target=self._keep_fresh, name="board", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; a round that is under way is finished first."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def current(self) -> Board:
        """The newest board; the first caller, before there is one, waits for it."""
        if self._interval_s <= 0:
            return self.refresh()
        if self._board is None:
            with self._taking:  # whoever holds it is taking the first board
                if self._board is None:
                    self._board = self._take(None)
        return self._board

    def refresh(self, keep: bool = False) -> Board:
        """Take a board now, all of it unless `keep`, such as after a change by hand. Who comes second waits."""
        with self._taking:
            self._board = self._take(self._board if keep else None)
            return self._board

    def _keep_fresh(self) -> None:
        while not self._stopping.is_set():
            board = self.refresh(keep=True)
            self._stopping.wait(rest_s(self._interval_s, board.cost_s))


def rest_s(interval_s: float, cost_s: float) -> float:
    """Seconds until the next round: the interval, or more after a round that was dear."""
    return max(interval_s, REST_PER_COST * cost_s)
