"""The table that the rate limit counts in."""

from __future__ import annotations

import threading

import pytest

from app.web import limit_storage
from app.web.limit_storage import CountedStorage
from app.web.telling import Heard


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


def test_what_others_have_counted_counts_until_their_windows_end(clock: Clock) -> None:
    one, other = CountedStorage(), CountedStorage()
    for storage in (one, other):
        storage.use_secret(lambda: "secret of the site")
    assert one.tell() == ""
    assert [one.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    other.hear({"one": Heard(one.tell(), age_s=1.0)})
    assert other.get("a") == 3
    assert other.incr("a", 600) == 4
    assert other.get_expiry("a") == 1_059.0, "both windows end at once"
    assert other.incr("b", 60) == 1
    clock.now += 59
    assert other.get("a") == 0
    assert other.incr("a", 60) == 1, "a new window"
    other.hear({})
    assert other.incr("a", 60) == 2


def test_keys_with_the_most_calls_are_told_and_none_by_its_name(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit_storage, "MOST_TOLD", 2)
    one, other = CountedStorage(), CountedStorage()
    for storage in (one, other):
        storage.use_secret(lambda: "secret of the site")
    for number, calls in enumerate((5, 1, 9)):
        for _ in range(calls):
            one.incr(f"address:10.0.0.{number}", 60)
    assert "10.0.0" not in one.tell()
    other.hear({"one": Heard(one.tell(), age_s=0.0)})
    assert [other.get(f"address:10.0.0.{number}") for number in range(3)] == [5, 0, 9]
