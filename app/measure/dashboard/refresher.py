"""Holds the board, which is taken beside the requests, so that showing it costs them nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.measure.dashboard.board import Board

REST_PER_COST = 9.0
"""Seconds of rest for each second that a round cost: the board never takes more than a tenth of a processor."""


class BoardRefresher:
    """Holds the newest board. Somebody calls `refresh_what_changed` every `interval_s`, less often after a dear round.

    take: makes one board, from the one before where it may keep some of that.
    interval_s: 0 when nobody does; then every `current` takes a board anew.
    """

    def __init__(self, take: Callable[[Board | None], Board], interval_s: float) -> None:
        self._take = take
        self._interval_s = interval_s
        self._board: Board | None = None
        self._taking = threading.Lock()

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

    def refresh_what_changed(self) -> None:
        """Take a board, keeping of the one before what need not be measured anew."""
        self.refresh(keep=True)
