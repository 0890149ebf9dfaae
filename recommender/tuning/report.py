"""What a search for settings says in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.config import ALSConfig
from recommender.evaluation.intervals import Interval
from recommender.tuning.profile import DAY, HOUR, MINUTE, LogProfile


@dataclass(frozen=True, slots=True)
class Finding:
    """What one step of a search found: what was asked, how many settings were tried, the best of them, its difference
    to the settings before it (NDCG, paired over users) and whether it was believed.
    """

    question: str
    tried: int
    best: str
    difference: Interval | None
    before: float | None
    believed: bool = False

    def __str__(self) -> str:
        if self.difference is None or self.before is None:
            return f"{self.question}: {self.best}"
        verdict = "taken" if self.believed else "not believed"
        low, mean, high = (100 * value / max(self.before, 1e-12) for value in
                           (self.difference.low, self.difference.mean, self.difference.high))  # fmt: skip
        return f"{self.question}: of {self.tried}, {self.best}: {mean:+.1f} % ({low:+.1f} to {high:+.1f}), {verdict}"


@dataclass(frozen=True, slots=True)
class TuningReport:
    """What was found about a log and what was tried; `str` gives it in words.

    profile: the look at the log. cases: how many each window had. share_of_users: how many of the users were searched
    on. changed: settings that differ from those of the rules, (before, after). seconds by the clock that was given.
    """

    profile: LogProfile
    cases: tuple[int, ...]
    share_of_users: float
    findings: tuple[Finding, ...]
    changed: Mapping[str, tuple[Any, Any]]
    fits: int
    seconds: float
    stopped_by_clock: bool

    @property
    def headline(self) -> str:
        """One line: what was changed."""
        if not self.changed:
            return "the settings of the rules stand"
        return ", ".join(f"{name} {after:g}" for name, (_, after) in self.changed.items())

    def __str__(self) -> str:
        steps = [f"  {finding}" for finding in self.findings]
        return "\n".join([*describe_profile(self.profile), self._search(), *steps])

    def _search(self) -> str:
        if not self.cases:
            return "There is too little past to search on: the settings of the rules stand."
        of = "" if self.share_of_users >= 1.0 else f", on {self.share_of_users:.0%} of the users"
        ended = "; stopped by the clock" if self.stopped_by_clock else ""
        windows = " and ".join(f"{count:,}" for count in self.cases)
        made = f"Searched with {self.fits} fits in {self.seconds:.0f} s{of}, judged by {windows} cases{ended}"
        return f"{made}: {self.headline}."


@dataclass(frozen=True, slots=True)
class Tuned:
    """Settings that were chosen for a log, and why: train(log, tuned.config), print(tuned.report)."""

    config: ALSConfig
    report: TuningReport


def describe_profile(profile: LogProfile) -> list[str]:
    """What a look at a log found, in sentences."""
    found = [
        f"{profile.rows:,} rows of {profile.users:,} users on {profile.items:,} items; half of the users have "
        f"{profile.rows_per_user:g} rows or fewer, half of the items {profile.rows_per_item:g}; "
        f"{profile.repeats:.1%} of the rows repeat a pair."
    ]
    if not profile.ordered:
        found.append("There is no order: recency is off, and what goes together leads both ways.")
    elif not profile.order_carries:
        found.append("There is an order, but it says nothing about what comes next: it is left out of account.")
    elif profile.order_error:
        found.append(
            f"The order carries something: the next item is {profile.order_lift:.2f} times as likely to belong to the "
            "newest of a history as to an older one."
        )
    else:
        found.append("There is an order, and too little of it to tell whether it carries anything: it is used.")
    if profile.half_life:
        units = ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes"))
        unit, name = next(pair for pair in units if profile.half_life >= pair[0])
        found.append(
            f"Items age: popularity with a half-life of {profile.half_life / unit:g} {name} says "
            f"{profile.ageing:.1f} times as much as that of all time, so the trend is on."
        )
    return found
