"""The table that the rate limit counts in."""

from __future__ import annotations

import threading

import pytest

from app.web import limit_storage
from app.web.limit_storage import CountedStorage


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.set_by = 0.0

    def time(self) -> float:
        return self.now + self.set_by

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limit_storage, "time", clock)
    return clock


def test_calls_count_within_a_window_that_starts_at_the_first(clock: Clock) -> None:
    storage = CountedStorage()
    assert [storage.incr("a", 60), storage.incr("a", 60), storage.incr("b", 60)] == [1, 2, 1]
    assert storage.get_expiry("a") == 1_060.0
    clock.now += 59
    assert storage.incr("a", 60) == 3
    clock.now += 1
    assert storage.get("a") == 0
    assert storage.incr("a", 60) == 1, "a new window"


@pytest.mark.parametrize("set_by", [-86_400.0, 86_400.0])
def test_a_window_lasts_as_long_when_the_clock_is_set(clock: Clock, set_by: float) -> None:
    storage = CountedStorage()
    storage.incr("a", 60)
    clock.set_by = set_by
    clock.now += 59
    assert storage.get("a") == 1
    assert storage.get_expiry("a") - clock.time() == 1.0
    clock.now += 1
    assert storage.get("a") == 0


def test_windows_that_have_ended_are_swept_without_a_thread(clock: Clock) -> None:
    storage = CountedStorage()
    threads = threading.active_count()
    for number in range(100):
        storage.incr(f"visitor-{number}", 60)
    assert threading.active_count() == threads
    clock.now += 61
    storage.incr("somebody", 60)
    assert storage.reset() == 1
