"""A part's time is its own, without that of parts inside it."""

from __future__ import annotations

from itertools import count

import pytest

from benchmarks.site.batch_parts import PARTS, Clock


def test_the_time_of_an_inner_part_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr("benchmarks.site.batch_parts.time.thread_time", lambda: float(next(ticks)))
    clock = Clock()
    inner = clock.timed("inner", lambda: next(ticks))
    outer = clock.timed("outer", lambda: (inner(), inner(), next(ticks)))
    outer()
    assert clock.spent == {"inner": 4.0, "outer": 4.0}
    assert next(ticks) == 9, "eight ticks of parts and the one at the end"


def test_parts_are_where_they_are_called_from_and_stay_as_they_were() -> None:
    before = [getattr(place, name) for _, place, name in PARTS]
    with Clock().watch():
        assert all(getattr(place, name) is not part for (_, place, name), part in zip(PARTS, before, strict=True))
    assert [getattr(place, name) for _, place, name in PARTS] == before
