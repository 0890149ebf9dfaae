"""A burst may wait; a queue that stays is kept short."""

from __future__ import annotations

from app.server.overload import BURST, BURST_S, Overload


def test_a_burst_may_wait_where_a_queue_that_stays_is_refused() -> None:
    overload = Overload(threads=4, waiting=10)
    assert not overload.refuses(under_way=0, now=100.0)
    assert not overload.refuses(under_way=4 + 10 * BURST - 1, now=100.1)
    assert overload.refuses(under_way=4 + 10 * BURST, now=100.1)
    later = 100.1 + BURST_S
    assert not overload.refuses(under_way=4 + 9, now=later)
    assert overload.refuses(under_way=4 + 10, now=later)


def test_once_a_thread_was_free_the_next_burst_may_wait_again() -> None:
    overload = Overload(threads=4, waiting=10)
    assert overload.refuses(under_way=30, now=100.0)
    overload.note(under_way=3, now=100.1)
    assert not overload.refuses(under_way=30, now=100.2)
