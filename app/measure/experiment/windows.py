"""What the arms saw and opened in each window of so many events: the experience side of the growth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, Moments, Rate, rate
from app.values.interval import CONFIDENCE

_SEEN, _OPENED = COLUMNS.index("impressions"), COLUMNS.index("clicks")


@dataclass(frozen=True, slots=True)
class WindowClicks:
    """Click-through of one origin and arm among events `first_seq` to `last_seq`.

    started_at, ended_at: Unix seconds of the first and last event. closed: whether the window is full.
    click_through: entries opened over entries first seen in this window, over the visitors active in it.
    """

    number: int
    first_seq: int
    last_seq: int
    started_at: float
    ended_at: float
    closed: bool
    origin: str
    arm: str
    click_through: Rate


class WindowCounter:
    """Collects the window that is open and keeps those that are full."""

    def __init__(self, size: int, confidence: float = CONFIDENCE) -> None:
        """size: events in a window, of all kinds and origins."""
        self._size = size
        self._confidence = confidence
        self._full: list[WindowClicks] = []
        self._number = 0
        self._start()

    def event(self, seq: int, at: float) -> None:
        """Count one event. When it opens a new window, the one before is closed."""
        if self._events == self._size:
            self._full += self._close(closed=True)
            self._number += 1
            self._start()
        if not self._events:
            self._first_seq, self._started_at = seq, at
        self._events += 1
        self._last_seq, self._ended_at = seq, at

    def entry(self, origin: str, arm: str, visitor: int, seen: int, opened: int) -> None:
        """Count slate entries that a visitor saw and opened for the first time."""
        counts = self._visitors.setdefault((origin, arm), {}).setdefault(visitor, [0, 0])
        counts[0] += seen
        counts[1] += opened

    def windows(self) -> tuple[WindowClicks, ...]:
        """All windows, oldest first, the open one last."""
        return (*self._full, *self._close(closed=self._events == self._size))

    def _start(self) -> None:
        self._events = 0
        self._first_seq = self._last_seq = 0
        self._started_at = self._ended_at = 0.0
        self._visitors: dict[tuple[str, str], dict[int, list[int]]] = {}

    def _close(self, closed: bool) -> list[WindowClicks]:
        return [
            WindowClicks(
                number=self._number,
                first_seq=self._first_seq,
                last_seq=self._last_seq,
                started_at=self._started_at,
                ended_at=self._ended_at,
                closed=closed,
                origin=origin,
                arm=arm,
                click_through=rate(_moments(list(visitors.values())), CLICK_THROUGH, self._confidence),
            )
            for (origin, arm), visitors in sorted(self._visitors.items())
        ]


def _moments(counts: list[list[int]]) -> Moments:
    values = np.zeros((len(counts), len(COLUMNS)))
    values[:, 0] = 1
    values[:, [_SEEN, _OPENED]] = counts
    return Moments.of(values)
