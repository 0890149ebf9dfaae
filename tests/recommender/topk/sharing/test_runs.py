"""Threads that share a batch take each run once, and nobody waits for a thread that does not come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.topk.sharing.board_kernels import DONE, FIRST_RUN, OPEN, count_waiting, outcome, publish, settle, take
from recommender.topk.sharing.runs import FEWEST, cut_for, share
from recommender.topk.sharing.threads import kept_pool

pytestmark = pytest.mark.jit("plain Python has no words of memory that threads share without the GIL")


def working(answer: Callable[[int], Any], answers: dict[int, Any]) -> Callable[[Any, int], int]:
    """Work that is done in Python."""

    def work(board: Any, most: int) -> int:
        for done in range(most):
            run = int(take(board))
            if run < 0:
                return done
            assert run not in answers, "a run is taken once"
            answers[run] = answer(run)
            settle(board, run, DONE)
        return most

    return work


@settings(max_examples=200, deadline=None)
@given(size=st.integers(0, 20_000), threads=st.integers(2, 9), chunk=st.integers(1, 1100))
def test_runs_begin_short_and_end_short(size: int, threads: int, chunk: int) -> None:
    bounds = cut_for(size, threads, chunk)
    lengths = [stop - start for start, stop in bounds]
    assert [user for run in bounds for user in range(*run)] == list(range(size))
    assert max(lengths, default=0) <= chunk
    assert max(lengths[:1] + lengths[-1:], default=0) <= 2 * FEWEST
    assert all(after <= 2 * before for before, after in pairwise(lengths))
    if size <= FEWEST <= chunk:
        assert len(bounds) == bool(size), "what is over before a thread begins is not shared"


@pytest.mark.parametrize("threads", [2, 3, 9])
@pytest.mark.parametrize("runs", [0, 1, 2, 40])
def test_what_is_finished_is_in_order_and_was_prepared_before(threads: int, runs: int) -> None:
    prepared: list[int] = []
    answers: dict[int, int] = {}
    found = share(
        prepared.append, working(lambda run: prepared[run] * 10, answers), lambda run, became: (answers[run], became),
        runs, threads,
    )  # fmt: skip
    assert found == [(run * 10, DONE) for run in range(runs)]
    assert prepared == list(range(runs))


def test_a_batch_ends_without_threads_that_are_busy_elsewhere() -> None:
    began, release = threading.Event(), threading.Event()
    answers: dict[int, int] = {}

    def occupy() -> bool:
        began.set()
        return release.wait(10)

    busy = kept_pool(1).submit(occupy)
    began.wait(10)
    try:
        asker = threading.get_ident()
        found = share(lambda run: None, working(lambda run: threading.get_ident(), answers), lambda run, _: run, 9, 2)
        assert found == list(range(9))
        assert set(answers.values()) == {asker}
    finally:
        release.set()
    assert busy.result()


@pytest.mark.parametrize("stage", ["prepare", "work", "finish"])
def test_an_error_ends_a_batch_and_the_next_is_answered(stage: str) -> None:
    def fail_at(name: str) -> Callable[..., Any]:
        def maybe(run: int, *_: int) -> int:
            if name == stage and run >= 5:
                raise ValueError(f"run {run}")
            return run

        return maybe

    for _ in range(20):
        with pytest.raises(ValueError, match=r"run [5-9]"):
            share(fail_at("prepare"), working(fail_at("work"), {}), fail_at("finish"), 40, 2)
    answers: dict[int, int] = {}
    assert share(lambda run: None, working(int, answers), lambda run, _: answers[run], 40, 2) == list(range(40))


def test_no_run_is_taken_before_it_is_ready_or_after_the_end() -> None:
    board = np.zeros(FIRST_RUN + 4, dtype=np.int64)
    assert take(board) == -1
    publish(board, 2)
    assert (take(board), count_waiting(board), take(board), take(board)) == (0, 1, 1, -1)
    settle(board, 1, DONE)
    assert [outcome(board, run) for run in range(4)] == [OPEN, DONE, OPEN, OPEN]
    publish(board, 4)
    publish(board, 0)
    assert take(board) == -1
