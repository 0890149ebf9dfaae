"""When requests are refused because more come than can be answered."""

from __future__ import annotations

BURST_S = 0.5
BURST = 8
"""A queue that came up within BURST_S may be this many times as long as one that stays."""


class Overload:
    """Tells a burst, which a queue is for, from a queue that stays, in which everybody waits and nobody gains.

    Controlled delay, as servers at Facebook use it (Maurer, "Fail at Scale", ACM Queue 13(8), 2015): a queue that has
    not been empty for a while is kept short. threads: requests answered at once. waiting: requests that may wait
    beyond these for long.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self._threads = threads
        self._waiting = waiting
        self._idle_at = float("-inf")

    def note(self, under_way: int, now: float) -> None:
        """Remember when a thread was last free. under_way: requests answered or waiting; now: monotonic seconds."""
        if under_way < self._threads:
            self._idle_at = now

    def refuses(self, under_way: int, now: float) -> bool:
        """Whether one request more is too many."""
        self.note(under_way, now)
        is_burst = now - self._idle_at < BURST_S
        return under_way - self._threads >= self._waiting * (BURST if is_burst else 1)
