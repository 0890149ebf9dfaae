"""When requests are meant to start, and how long each took counted from that moment.

A closed loop waits for a stalled server and so measures its stall once; here arrivals keep their pace, and what had to
wait for a free connection has waited (coordinated omission; Tene, "How NOT to measure latency", 2015).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


class Arrivals:
    """Intended start times at a constant rate: start, start + 1/rate, … for `seconds`."""

    def __init__(self, rate: float, seconds: float, start: float) -> None:
        if rate <= 0 or seconds <= 0:
            raise ValueError(f"rate = {rate} a second and seconds = {seconds} must be above 0")
        self.count = max(1, round(rate * seconds))
        self._rate = rate
        self._start = start
        self._taken = 0

    def take(self) -> float | None:
        """The next intended start, in the seconds of `start`; None when all were taken."""
        if self._taken >= self.count:
            return None
        self._taken += 1
        return self._start + (self._taken - 1) / self._rate


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Milliseconds of one group of requests. p50 to p999 count from the intended start, sent_p99 from the sending."""

    name: str
    requests: int
    failures: int
    p50: float
    p95: float
    p99: float
    p999: float
    worst: float
    sent_p99: float


class LatencyLog:
    """Every answer of a run, by group."""

    def __init__(self) -> None:
        self._intended: dict[str, list[float]] = defaultdict(list)
        self._sent: dict[str, list[float]] = defaultdict(list)
        self._failures: dict[str, int] = defaultdict(int)
        self.problems: dict[str, int] = defaultdict(int)
        self.answered = 0

    def add(self, name: str, since_intended_s: float, since_sent_s: float, problem: str | None) -> None:
        """Note one answer; a wrong one counts its time as well."""
        self._intended[name].append(since_intended_s * 1000)
        self._sent[name].append(since_sent_s * 1000)
        self.answered += 1
        if problem:
            self._failures[name] += 1
            self.problems[f"{name}: {problem}"] += 1

    @property
    def names(self) -> list[str]:
        """Groups that were answered at least once."""
        return sorted(self._intended)

    def summary(self, *names: str, label: str | None = None) -> LatencySummary | None:
        """One group, or several put together under `label`; None when none of them was answered."""
        intended = [value for name in names for value in self._intended.get(name, ())]
        if not intended:
            return None
        sent = [value for name in names for value in self._sent.get(name, ())]
        p50, p95, p99, p999 = np.percentile(intended, (50, 95, 99, 99.9)).round(2).tolist()
        return LatencySummary(
            name=label or names[0],
            requests=len(intended),
            failures=sum(self._failures.get(name, 0) for name in names),
            p50=p50,
            p95=p95,
            p99=p99,
            p999=p999,
            worst=round(max(intended), 2),
            sent_p99=round(float(np.percentile(sent, 99)), 2),
        )

    def groups(self) -> list[dict[str, Any]]:
        """The summary of every group, as plain values."""
        found = [self.summary(name) for name in self.names]
        return [asdict(summary) for summary in found if summary is not None]
