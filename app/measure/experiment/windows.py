"""What the arms came to in each window of so many events: the experience side of the growth curve."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

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


_Group = tuple[str, str]


@dataclass(slots=True)
class _Window:
    """A window in the making: its bounds, and by origin and arm what each visitor adds to both parts of the metric."""

    number: int
    events: int = 0
    first_seq: int = 0
    last_seq: int = 0
    started_at: float = 0.0
    ended_at: float = 0.0
    visitors: dict[_Group, dict[int, list[float]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Full:
    """A window that is full: its rows, and in arrays what they were made of."""

    window: _Window
    rows: list[WindowClicks]
    packed: dict[_Group, tuple[NDArray[np.int32], NDArray[np.float64]]]


class WindowCounter:
    """Collects the window that is open and keeps those that are full, with what each visitor added: of a visitor who
    was merged with another it is taken out and counted anew.
    """

    def __init__(self, size: int, confidence: float = CONFIDENCE, metric: RatioMetric = CLICK_THROUGH) -> None:
        """size: events in a window, of all kinds and origins."""
        self._metric = RatioMetric(metric.name, "numerator", "denominator", metric.amount)
        self._size = size
        self._confidence = confidence
        self._full: list[_Full] = []
        self._opened: dict[int, _Window] = {}
        self._open = self._target = _Window(0)

    def event(self, seq: int, at: float) -> None:
        """Count one event. When it opens a new window, the one before is closed."""
        if self._open.events == self._size:
            self._full.append(self._closed(self._open))
            self._open = self._target = _Window(self._open.number + 1)
        window = self._open
        if not window.events:
            window.first_seq, window.started_at = seq, at
        window.events += 1
        window.last_seq, window.ended_at = seq, at

    def add(self, origin: str, arm: str, visitor: int, numerator: float, denominator: float) -> None:
        """Count what a visitor adds to both parts of the metric: for click-through, entries that they opened and saw
        for the first time.
        """
        counts = self._target.visitors.setdefault((origin, arm), {}).setdefault(visitor, [0, 0])
        counts[0] += numerator
        counts[1] += denominator

    def present(self, origin: str, arm: str, visitor: int) -> None:
        """Count a visitor once as active in the window: the denominator of what is measured a visitor."""
        self._target.visitors.setdefault((origin, arm), {}).setdefault(visitor, [0, 0])[1] = 1

    def forget(self, visitors: Collection[int]) -> None:
        """Take out what these visitors added to any window; `settle` makes the rows anew."""
        gone = np.array(sorted(visitors), dtype=np.int32)
        for number, full in enumerate(self._full):
            if any(np.isin(found, gone).any() for found, _ in full.packed.values()):
                self._unpacked(number)
        for window in (*self._opened.values(), self._open):
            for counts in window.visitors.values():
                for visitor in visitors:
                    counts.pop(visitor, None)

    def revisit(self, seq: int) -> None:
        """Count what follows in the window of an event that was counted before, until `settle`."""
        number = bisect_right(self._full, seq, key=lambda full: full.window.first_seq) - 1
        is_open = not self._full or (self._open.events and seq >= self._open.first_seq)
        self._target = self._open if is_open else self._unpacked(max(number, 0))

    def settle(self) -> None:
        """Make the rows of the windows anew that were changed, and go on with the open one."""
        for number, window in self._opened.items():
            self._full[number] = self._closed(window)
        self._opened, self._target = {}, self._open

    def windows(self) -> tuple[WindowClicks, ...]:
        """All windows, oldest first, the open one last."""
        return (*(row for full in self._full for row in full.rows), *self._rows(self._open))

    def _unpacked(self, number: int) -> _Window:
        """A full window with what its visitors added as it was when it was open."""
        if number not in self._opened:
            full = self._full[number]
            visitors = {
                group: dict(zip(found.tolist(), counts.tolist(), strict=True))
                for group, (found, counts) in full.packed.items()
            }
            self._opened[number] = replace(full.window, visitors=visitors)
        return self._opened[number]

    def _closed(self, window: _Window) -> _Full:
        packed = {
            group: (np.array(list(counts), dtype=np.int32), np.array(list(counts.values()), dtype=np.float64))
            for group, counts in window.visitors.items()
            if counts
        }
        return _Full(replace(window, visitors={}), self._rows(window), packed)

    def _rows(self, window: _Window) -> list[WindowClicks]:
        return [
            WindowClicks(
                number=window.number,
                first_seq=window.first_seq,
                last_seq=window.last_seq,
                started_at=window.started_at,
                ended_at=window.ended_at,
                closed=window.events == self._size,
                origin=origin,
                arm=arm,
                rate=rate(_moments(list(counts.values())), self._metric, self._confidence),
                metric=self._metric.name,
            )
            for (origin, arm), counts in sorted(window.visitors.items())
            if counts
        ]


def _moments(counts: list[list[float]]) -> Moments:
    values = np.ones((len(counts), len(_COLUMNS)))
    values[:, 1:] = counts
    return Moments.of(values, _COLUMNS)
