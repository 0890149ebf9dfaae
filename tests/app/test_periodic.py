"""Jobs run again whatever a run raised, and what is known of them is on record."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator

import pytest

from app.periodic import FAILING_AFTER, STALLED_AFTER_S, OnceForAll, PeriodicRunner

PATIENCE_S = 10.0


@pytest.fixture
def runner() -> Iterator[PeriodicRunner]:
    runner = PeriodicRunner(clock=lambda: 100.0)
    yield runner
    runner.stop()


def _fails(*errors: BaseException | None) -> tuple[Callable[[], None], threading.Event]:
    """Work that raises one error after another and then no more; and the sign that it came so far."""
    left = list(errors)
    done = threading.Event()

    def work() -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        done.set()

    return work, done


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files"),
        MemoryError(),
        RecursionError("deep"),
        OverflowError(),
        SystemExit(1),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_job_outlives_whatever_a_run_raises(runner: PeriodicRunner, error: BaseException) -> None:
    work, done = _fails(error, error)
    runner.add("watch", work, interval_s=0.001, at_once=True)
    runner.start()
    assert done.wait(PATIENCE_S)
    assert runner.states()[0].last_error == f"{type(error).__name__}: {error}"


def test_failures_in_a_row_are_counted_shown_and_forgiven(runner: PeriodicRunner) -> None:
    work, _ = _fails(*[ValueError("no such wheel")] * FAILING_AFTER)
    runner.add("watch", work, interval_s=60.0)
    for failures in range(1, FAILING_AFTER + 1):
        assert runner.problems() == {}
        assert runner.run("watch").failures == failures
    assert runner.problems() == {"watch": f"failed {FAILING_AFTER} times in a row: ValueError: no such wheel"}
    state = runner.run("watch")
    assert (state.failures, state.runs, state.ended_at) == (0, FAILING_AFTER + 1, 100.0)
    assert state.last_error == "ValueError: no such wheel", "what happened last stays on record"
    assert runner.problems() == {}


def test_a_job_that_takes_long_keeps_no_other_waiting_and_is_named() -> None:
    now = [100.0]
    runner = PeriodicRunner(clock=lambda: now[0])
    begun, release, ran = threading.Event(), threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        release.wait(PATIENCE_S)

    runner.add("slow", hang, interval_s=0.001, at_once=True)
    runner.add("quick", ran.set, interval_s=0.001, at_once=True)
    runner.start()
    try:
        assert begun.wait(PATIENCE_S)
        assert ran.wait(PATIENCE_S)
        now[0] += STALLED_AFTER_S + 1
        assert runner.problems()["slow"] == "has been running for 121 s"
    finally:
        release.set()
        runner.stop()


def test_what_runs_once_is_tried_until_it_succeeds_and_no_more(runner: PeriodicRunner) -> None:
    work, done = _fails(ValueError("not yet"))
    runner.add("once", work, interval_s=0.001, at_once=True, once=True)
    runner.start()
    assert done.wait(PATIENCE_S)
    while any(thread.name == "once" for thread in threading.enumerate()):
        assert runner.states()[0].runs <= 2
    assert runner.states()[0].runs == 2


def test_after_a_dear_run_comes_a_long_rest(runner: PeriodicRunner) -> None:
    spent = threading.Event()

    def work() -> None:
        spent.wait(0.02)

    runner.add("dear", work, interval_s=0.001, at_once=True, rest_per_cost=100_000.0)
    runner.start()
    while not runner.states()[0].runs:
        pass
    assert not spent.wait(0.05), "the rest of 2,000 s has begun"
    assert runner.states()[0].runs == 1


def test_a_runner_that_was_stopped_starts_no_run(runner: PeriodicRunner) -> None:
    runner.start()
    runner.stop()
    runner.add("late", lambda: pytest.fail("it ran"), interval_s=0.001, at_once=True)
    assert runner.states()[0].runs == 0


def test_a_run_that_fails_because_all_is_being_closed_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    runner = PeriodicRunner()
    begun, release = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        release.wait(PATIENCE_S)
        raise ValueError("the reader was closed")

    runner.add("risks", work, interval_s=60.0, at_once=True)
    runner.start()
    assert begun.wait(PATIENCE_S)
    runner.stop(within_s=0.0)
    release.set()
    next(thread for thread in threading.enumerate() if thread.name == "risks").join(PATIENCE_S)
    said = capsys.readouterr()
    assert "job_cut_off" in said.out + said.err
    assert "Traceback" not in said.out + said.err


@pytest.mark.parametrize("interval_s", [0.0, -1.0, float("nan")])
def test_an_interval_that_is_not_positive_is_refused(runner: PeriodicRunner, interval_s: float) -> None:
    with pytest.raises(ValueError, match=f"interval_s = {interval_s} of the job 'watch' must be > 0"):
        runner.add("watch", lambda: None, interval_s)


def test_a_name_that_is_taken_is_refused(runner: PeriodicRunner) -> None:
    runner.add("watch", lambda: None, 1.0)
    with pytest.raises(ValueError, match="there is a job 'watch' already"):
        runner.add("watch", lambda: None, 1.0)


def test_what_is_done_for_all_is_done_by_who_may_when_it_is_time() -> None:
    now, may, done = [0.0], [False], list[float]()
    work = OnceForAll(lambda: may[0], lambda: done.append(now[0]), 100.0, clock=lambda: now[0])
    for at, allowed in ((0.0, False), (10.0, True), (20.0, True), (105.0, False), (111.0, True), (120.0, True)):
        now[0], may[0] = at, allowed
        work()
    assert done == [10.0, 111.0]


def test_what_failed_for_all_is_tried_again_at_the_next_run() -> None:
    tried: list[int] = []

    def work() -> None:
        tried.append(len(tried))
        if len(tried) == 1:
            raise OSError("full")

    once = OnceForAll(lambda: True, work, 100.0, clock=lambda: 0.0)
    with pytest.raises(OSError, match="full"):
        once()
    once()
    once()
    assert tried == [0, 1]
