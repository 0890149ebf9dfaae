"""What the arms came to in each window of so many events: the experience side of the growth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.measure.experiment.ratio import CLICK_THROUGH, Moments, Rate, RatioMetric, rate
from app.values.interval import CONFIDENCE

_COLUMNS = ("visitors", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class WindowClicks:
    """The success metric of one origin and arm among events `first_seq` to `last_seq`.

    started_at, ended_at: Unix seconds of the first and last event. closed: whether the window is full.
    rate: of click-through, entries opened over entries first seen in this window; of a metric a visitor, what those who
    were active in it did. metric: its name. Over the visitors active in the window.
    """

    number: int
    first_seq: int
    last_seq: int
    started_at: float
    ended_at: float
    closed: bool
    origin: str
    arm: str
    rate: Rate
    metric: str = CLICK_THROUGH.name


class WindowCounter:
    """Collects the window that is open and keeps those that are full."""

    def __init__(self, size: int, confidence: float = CONFIDENCE, metric: RatioMetric = CLICK_THROUGH) -> None:
        """size: events in a window, of all kinds and origins."""
        self._metric = RatioMetric(metric.name, "numerator", "denominator", metric.amount)
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

    def add(self, origin: str, arm: str, visitor: int, numerator: float, denominator: float) -> None:
        """Count what a visitor adds to both parts of the metric: for click-through, entries that they opened and saw
        for the first time.
        """
        counts = self._visitors.setdefault((origin, arm), {}).setdefault(visitor, [0, 0])
        counts[0] += numerator
        counts[1] += denominator

    def present(self, origin: str, arm: str, visitor: int) -> None:
        """Count a visitor once as active in the window: the denominator of what is measured a visitor."""
        self._visitors.setdefault((origin, arm), {}).setdefault(visitor, [0, 0])[1] = 1

    def windows(self) -> tuple[WindowClicks, ...]:
        """All windows, oldest first, the open one last."""
        return (*self._full, *self._close(closed=self._events == self._size))

    def _start(self) -> None:
        self._events = 0
        self._first_seq = self._last_seq = 0
        self._started_at = self._ended_at = 0.0
        self._visitors: dict[tuple[str, str], dict[int, list[float]]] = {}

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
                rate=rate(_moments(list(visitors.values())), self._metric, self._confidence),
                metric=self._metric.name,
            )
            for (origin, arm), visitors in sorted(self._visitors.items())
        ]


def _moments(counts: list[list[float]]) -> Moments:
    values = np.ones((len(counts), len(_COLUMNS)))
    values[:, 1:] = counts
    return Moments.of(values, _COLUMNS)
