"""Work that is done again and again beside the requests: supervised, with its last run on record, and never dying."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

FAILING_AFTER = 3
"""Failures in a row after which a job counts as failing: one or two happen, and the next run makes up for them."""
STALLED_AFTER_S = 120.0
"""How long a run may take before its job counts as stalled, unless the job says otherwise."""
RETRY_WITHIN_S = 60.0
"""Longest rest after a run that failed: what is done once a day is not put off for a day."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JobState:
    """What is known of one job. Times are Unix seconds and None before the first; failures are those in a row."""

    name: str
    interval_s: float
    runs: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    took_s: float = 0.0
    failures: int = 0
    last_error: str | None = None
    may_take_s: float = STALLED_AFTER_S

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self.started_at is not None and (self.ended_at is None or self.ended_at < self.started_at)

    def problem(self, now: float) -> str | None:
        """What is wrong with the job at `now`, Unix seconds, or None."""
        if self.is_running and self.started_at is not None and now - self.started_at > self.may_take_s:
            return f"has been running for {now - self.started_at:.0f} s"
        if self.failures >= FAILING_AFTER:
            return f"failed {self.failures} times in a row: {self.last_error}"
        return None


class PeriodicRunner:
    """Runs jobs, each on a thread of its own, so that one that takes long keeps no other waiting.

    Whatever a run raises is kept and logged, and the job runs again after its interval. clock: Unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._started = False

    def add(
        self,
        name: str,
        work: Callable[[], object],
        interval_s: float,
        *,
        at_once: bool = False,
        once: bool = False,
        rest_per_cost: float = 0.0,
        may_take_s: float = STALLED_AFTER_S,
    ) -> None:
        """Run `work` every `interval_s` seconds from `start` on, or from now on when it has started already.

        at_once: the first time without waiting for an interval. once: until it has succeeded, and then no more.
        rest_per_cost: seconds of rest at least for each second that a run took. may_take_s: how long a run may take
        before the job counts as stalled.
        Raises ValueError for an interval that is not positive and for a name that is taken.
        """
        if not interval_s > 0:
            raise ValueError(f"interval_s = {interval_s} of the job {name!r} must be > 0")
        state = JobState(name, interval_s, may_take_s=may_take_s)
        job = _Job(state, work, at_once, once, rest_per_cost, self._stopping, self._clock)
        with self._guard:
            if name in self._jobs:
                raise ValueError(f"there is a job {name!r} already; give this one another name")
            self._jobs[name] = job
            if self._started:
                job.thread.start()

    def start(self) -> None:
        """Begin to run the jobs."""
        with self._guard:
            if not self._started:
                self._started = True
                for job in self._jobs.values():
                    job.thread.start()

    def stop(self, within_s: float = 5.0) -> None:
        """Start no run any more, and wait for those under way, so many seconds at most; not for what runs only once."""
        self._stopping.set()
        deadline = time.monotonic() + within_s
        for job in self._jobs.values():
            if job.thread.is_alive() and not job.once:
                job.thread.join(max(0.0, deadline - time.monotonic()))

    def run(self, name: str) -> JobState:
        """Run a job now, in this thread; returns how it went. Raises KeyError for a name that is not there."""
        job = self._jobs[name]
        job.run()
        return job.state

    def states(self) -> tuple[JobState, ...]:
        """Every job, in the order in which they were added."""
        return tuple(job.state for job in list(self._jobs.values()))

    def problems(self) -> dict[str, str]:
        """The jobs that fail, or are stalled, and why."""
        now = self._clock()
        found = {state.name: state.problem(now) for state in self.states()}
        return {name: problem for name, problem in found.items() if problem is not None}


class OnceForAll:
    """Work of which one process does a round every so many seconds for all that may; whoever may not does nothing.

    To be run more often than that, so that another process takes over soon where one died.
    """

    def __init__(
        self,
        may: Callable[[], bool],
        work: Callable[[], object],
        every_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """may: whether this process is the one now. clock: seconds that only go forward."""
        self._may, self._work, self._every_s, self._clock = may, work, every_s, clock
        self._done_at: float | None = None

    def __call__(self) -> None:
        """Do a round, if it is time for one and this process may. What it raises is raised, and is tried again."""
        now = self._clock()
        if (self._done_at is None or now - self._done_at >= self._every_s) and self._may():
            self._work()
            self._done_at = now


class _Job:
    """One job and its thread."""

    def __init__(
        self,
        state: JobState,
        work: Callable[[], object],
        at_once: bool,
        once: bool,
        rest_per_cost: float,
        stopping: threading.Event,
        clock: Callable[[], float],
    ) -> None:
        self.state = state
        self._work = work
        self._at_once = at_once
        self.once = once
        self._rest_per_cost = rest_per_cost
        self._stopping = stopping
        self._clock = clock
        self._running = threading.Lock()
        self.thread = threading.Thread(target=self._keep_running, name=state.name, daemon=True)

    def run(self) -> None:
        """Run once; nothing is raised, whatever happens."""
        with self._running:
            self.state = replace(self.state, started_at=self._clock())
            began = time.perf_counter()
            error: BaseException | None = None
            try:
                self._work()
            except BaseException as raised:
                error = raised
            self._note(error, time.perf_counter() - began)

    def _note(self, error: BaseException | None, took_s: float) -> None:
        failures = 0 if error is None else self.state.failures + 1
        text = self.state.last_error if error is None else f"{type(error).__name__}: {error}"
        if error is not None and failures & (failures - 1) == 0:  # at 1, 2, 4, …: the log must not fill up
            with suppress(Exception):
                if self._stopping.is_set():  # what it works with is being closed, and nobody is to look into it
                    _log.info("job_cut_off", job=self.state.name, problem=text)
                else:
                    _log.error("job_failed", job=self.state.name, failures=failures, exc_info=error)
        self.state = replace(
            self.state,
            runs=self.state.runs + 1,
            ended_at=self._clock(),
            took_s=took_s,
            failures=failures,
            last_error=text,
        )

    def _keep_running(self) -> None:
        rest_s = 0.0 if self._at_once else self.state.interval_s
        while not self._stopping.wait(rest_s):
            if self.once and self.state.runs and not self.state.failures:
                return
            self.run()
            rest_s = self.state.interval_s if not self.state.failures else min(self.state.interval_s, RETRY_WITHIN_S)
            rest_s = max(rest_s, self._rest_per_cost * self.state.took_s)
