"""Who answers what next, and how the threads end."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from app.server.answering_threads import AnsweringThreads


class Held:
    """A request that is answered once it is let go."""

    def __init__(self) -> None:
        self.begun, self.goes_on = threading.Event(), threading.Event()

    def answer(self) -> None:
        self.begun.set()
        assert self.goes_on.wait(10)


def test_what_is_beyond_the_threads_waits_in_order() -> None:
    answered: SimpleQueue[int] = SimpleQueue()
    held = Held()

    def answer(request: int) -> None:
        if request == 0:
            held.answer()
        answered.put(request)

    threads = AnsweringThreads(1, answer)
    for request in range(5):
        threads.submit(request)
    threads.start()
    assert held.begun.wait(10)
    held.goes_on.set()
    assert [answered.get(timeout=10) for _ in range(5)] == [0, 1, 2, 3, 4]
    threads.shutdown()


def test_the_thread_that_rested_shortest_is_next() -> None:
    answered: SimpleQueue[str] = SimpleQueue()
    resting = threading.Event()

    def answer(request: object) -> None:
        if isinstance(request, Held):
            request.answer()
        answered.put(threading.current_thread().name)

    threads = AnsweringThreads(2, answer)
    first, second = Held(), Held()
    threads.submit(first)
    threads.submit(second)
    threads.start()
    assert first.begun.wait(10)
    assert second.begun.wait(10)
    for held in (first, second):
        held.goes_on.set()
        last = answered.get(timeout=10)
        while len(threads._resting) < (1 if held is first else 2):
            resting.wait(0.001)
    threads.submit("one more")
    assert answered.get(timeout=10) == last
    threads.shutdown()


@pytest.mark.parametrize("times", [1, 2])
def test_shutting_down_answers_what_waits_and_ends_every_thread(times: int) -> None:
    answered: SimpleQueue[int] = SimpleQueue()
    threads = AnsweringThreads(3, answered.put)
    for request in range(10):
        threads.submit(request)
    threads.start()
    for _ in range(times):
        threads.shutdown()
    assert sorted(answered.get_nowait() for _ in range(10)) == list(range(10))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("request-")]
