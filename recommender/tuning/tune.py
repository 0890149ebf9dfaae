"""Settings for a log, searched on its own past within a budget of time."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import fields

import numpy as np

from recommender.config import ALSConfig
from recommender.interactions.checks import check_number, check_whole
from recommender.interactions.log import Interactions, check_log
from recommender.kernel import has_terminal
from recommender.tuning.candidates import Step, steps_for
from recommender.tuning.judging import Budget, Judging, OutOfTimeError, fit_seconds
from recommender.tuning.profile import LogProfile, profile_log
from recommender.tuning.report import Finding, Tuned, TuningReport
from recommender.tuning.rules import config_of
from recommender.tuning.windows import Window, windows_of

MOST_CASES = 4000
"""Cases a window, at most."""
LOOK, RUNG = 0.15, 0.4
"""Shares of the cases by which the better third of what is tried stays, and then the best of these: successive halving
(Jamieson and Talwalkar, 2016)."""
PART_MORE, AS_SIMPLE = 0.95, 0.8
"""Confidence of the interval that must leave zero out before settings are believed: with a part more than the best so
far had, and without."""
LEAST_GAIN = 0.01
"""Share of the NDCG that settings must gain to be believed where items age: what one day says of less than this is gone
on another day, however many cases agree on it."""
WORK = 0.8
"""Share of `seconds` that the estimated work may take, so that the clock stops nothing on an idle machine."""
STEP_SHARE = 0.4
"""Share of what is left of the budget that the first look at all candidates of a step may take."""
FITS = 50
"""Fits for which there must be room; a log of which fewer would fit in is searched on a part of its users."""

Progress = Callable[[float, str], None]


def tune(
    log: Interactions,
    seconds: float = 60.0,
    seed: int = 7,
    *,
    start: ALSConfig | None = None,
    only: Collection[str] | None = None,
    on_progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Tuned:
    """Choose settings for a log by a look at it and a search on its own past.

    The search begins with `start`, or the settings that `train` takes without a config, and keeps what is better on two
    windows of the past: by a paired interval over users on both together, and in each of them. In each step few
    documented candidates (`tuning/candidates.py`) go through successive halving; factors are fitted once for many
    blends. `only` names the settings that may change, where somebody else decides about the others.

    The same seed gives the same answer: what is tried depends on the size of the log and on `seconds` alone, unless the
    clock stops it, which the report says. `clock` measures the budget (`time.process_time` where a machine is shared).
    `on_progress(share, what)` is told of every step; without one, a terminal is.

    Raises ValueError for an empty log, for seconds that are not above zero, and for names that are no settings.
    """
    budget_s, seed = check_number(seconds, "seconds", 1e-3, 1e9), check_whole(seed, "seed", 0)
    unknown = sorted(set(only or ()) - {setting.name for setting in fields(ALSConfig)})
    if unknown:
        raise ValueError(f"only must name settings of ALSConfig, got {unknown[0]!r}")
    started = clock()
    tell = on_progress or _on_a_terminal()
    tell(0.0, f"looking at {check_log(log).rows:,} rows")
    profile = profile_log(log, seed)
    first = start or config_of(profile)
    share = min(1.0, budget_s * WORK / FITS / fit_seconds(first, log))
    windows = windows_of(log, MOST_CASES, seed, share)
    search = _Search(windows, profile, budget_s, started, clock, seed, tell, only)
    best, findings, stopped = search.run(first)
    report = TuningReport(
        profile=profile,
        cases=tuple(len(window.cases) for window in windows),
        share_of_users=share,
        findings=tuple(findings),
        changed={name: (getattr(first, name), getattr(best, name)) for name in _changed(first, best)},
        fits=search.judging.fits,
        seconds=clock() - started,
        stopped_by_clock=stopped,
    )
    tell(1.0, f"done: {report.headline}")
    return Tuned(best, report)


class _Search:
    """One run through the steps."""

    def __init__(
        self,
        windows: list[Window],
        profile: LogProfile,
        seconds: float,
        started: float,
        clock: Callable[[], float],
        seed: int,
        tell: Progress,
        only: Collection[str] | None = None,
    ) -> None:
        self.budget = Budget(seconds * WORK, started + seconds, clock)
        self.judging = Judging(windows, self.budget, seed, profile.strength)
        self.profile, self.tell, self.only = profile, tell, only
        self.cases = max((len(window.cases) for window in windows), default=0)

    def run(self, best: ALSConfig) -> tuple[ALSConfig, list[Finding], bool]:
        """The best settings, what each step found, and whether the clock ended the search."""
        findings: list[Finding] = []
        if not self.judging.windows:
            return best, findings, False
        for step in steps_for(self.profile):
            self.tell(min(self.budget.spent / self.budget.work, 0.99), step.question)
            try:
                best, finding = self.take(step, best)
            except OutOfTimeError:
                findings.append(Finding(step.question, 0, "not tried: the budget was used up", None, None))
                if self.budget.over:
                    return best, findings, True
                continue  # a later step may be cheaper
            findings.append(finding)
        return best, findings, False

    def take(self, step: Step, best: ALSConfig) -> tuple[ALSConfig, Finding]:
        """Try what a step proposes; returns the settings that stand after it."""
        tried = [config for config in dict.fromkeys(step.propose(best)) if config != best and self._may(best, config)]
        proposed = len(tried)
        if not tried:
            return best, Finding(step.question, 0, "left as it is", None, None)
        tried = self.better_by_a_look(best, tried)
        count = max(1, int(self.cases * RUNG))
        challenger = max(tried, key=lambda config: self.judging.mean(config, count)) if len(tried) > 1 else tried[0]
        more = step.more(best, challenger)
        interval, smallest = self.judging.compare(challenger, best, self.cases, PART_MORE if more else AS_SIMPLE)
        enough = len(self.judging.windows) > 1 or interval.low > 0
        before = float(np.mean([values.mean() for values in self.judging.values(best, self.cases)]))
        least = LEAST_GAIN * before if self.profile.half_life else 0.0
        believed = interval.low > 0 and smallest > 0 and enough and interval.mean >= least
        said = _difference(best, challenger)
        finding = Finding(step.question, proposed, said, interval, before, believed)
        return (challenger if believed else best), finding

    def better_by_a_look(self, best: ALSConfig, tried: list[ALSConfig]) -> list[ALSConfig]:
        """The better third of the candidates for whose first look the step's share of the budget lasts, spread over all
        that there are.

        Raises OutOfTimeError when it lasts for none.
        """
        count = max(1, int(self.cases * LOOK))
        self.judging.mean(best, count)  # whose factors others begin with
        self.budget.limit = self.budget.spent + STEP_SHARE * (self.budget.work - self.budget.spent)
        worth: dict[ALSConfig, float] = {}
        for config in tried[::2] + tried[1::2]:
            try:
                worth[config] = self.judging.look(config, best, count)
            except OutOfTimeError:
                continue  # another may share a fit that has been made
        self.budget.limit = math.inf
        if not worth:
            raise OutOfTimeError
        return sorted(worth, key=lambda config: -worth[config])[: max(1, len(worth) // 3)]

    def _may(self, best: ALSConfig, tried: ALSConfig) -> bool:
        return self.only is None or set(_changed(best, tried)) <= set(self.only)


def _changed(best: ALSConfig, tried: ALSConfig) -> list[str]:
    """The names of the settings in which two configs differ."""
    names = [setting.name for setting in fields(ALSConfig)]
    return [name for name in names if getattr(best, name) != getattr(tried, name)]


def _difference(best: ALSConfig, tried: ALSConfig) -> str:
    """What settings have that others have not, in words."""
    return ", ".join(f"{name} {getattr(best, name):g} → {getattr(tried, name):g}" for name in _changed(best, tried))


def _on_a_terminal() -> Progress:
    """Progress on the line where the cursor stands, if a person can see it."""
    stream = sys.stderr
    if not has_terminal():
        return lambda share, what: None

    def show(share: float, what: str) -> None:
        print(f"\r\033[Ktune {share:4.0%}  {what}", end="\n" if share >= 1.0 else "", file=stream, flush=True)

    return show
