"""Whether the experiment's statistics keep their promises, on simulated experiments whose truth is known.

python -m benchmarks.statistics.experiments [--runs 1000] [--power-runs 200] [--visitors 6000] [--out FOLDER]

Visitors come one after the other and some come back. Their taste for clicking differs (beta-distributed), and what they
see in a visit is skewed (log-normal), so clicks over impressions vary between visitors as on a site. Every experiment
is looked at 72 times while it grows; the first looks are too early to be shown. Checked: A/A tests give uniform
p-values (Kolmogorov-Smirnov) and at most 5 % false alarms over all looks together, beside those of somebody who looks
as often with the fixed-horizon interval; a lift of 10 % is found; an assignment bug trips the check of the split.
Prints the figures, writes JSON, fails when a promise is broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest

from app.measure.experiment.mismatch import sample_ratio_mismatch
from app.measure.experiment.ratio import (
    CLICK_THROUGH,
    COLUMNS,
    MIN_CLICKS,
    MIN_VISITORS,
    Comparison,
    Moments,
    compare,
)
from app.measure.governance.usecase import load_use_case
from benchmarks.machine import keep

LOOKS = 72
CLICK_RATE = 0.1
TASTE = 8.0
"""Sum of the two parameters of the beta distribution of click rates: a rate is 0.1 give or take 0.1."""
RETURNING = 0.35
"""Chance of one more visit after each."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a growing experiment finds. comparison: None while it is too early."""

    visitors: tuple[int, int]
    comparison: Comparison | None
    mismatch_p: float


def simulate(
    rng: np.random.Generator, visitors: int, control_share: float, lift: float = 0.0, lost: float = 0.0
) -> list[Look]:
    """One experiment, looked at LOOKS times. lost: share of control visitors whom a bug puts into treatment."""
    control = rng.random(visitors) < control_share
    control &= rng.random(visitors) >= lost
    rates = rng.beta(CLICK_RATE * TASTE, (1 - CLICK_RATE) * TASTE, size=visitors)
    rates = np.minimum(1.0, np.where(control, rates, rates * (1 + lift)))
    came = rng.integers(LOOKS, size=visitors)
    owner = np.repeat(np.arange(visitors), rng.geometric(1 - RETURNING, size=visitors))
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    at = np.where(first, came[owner], rng.integers(came[owner], LOOKS))
    order = np.lexsort((at, owner))
    at = at[order]
    seen = np.minimum(300, np.ceil(rng.lognormal(2.3, 0.9, size=len(owner))))
    opened = rng.binomial(seen.astype(np.int64), rates[owner]).astype(np.float64)
    starts = np.flatnonzero(first)
    impressions, clicks = (_before_and_after(counts, starts, owner) for counts in (seen, opened))
    arms = [_moments(at, first, impressions, clicks, arm[owner]) for arm in (control, ~control)]
    return [_look(arms[0][look], arms[1][look], control_share) for look in range(LOOKS)]


Totals = tuple[NDArray[np.float64], NDArray[np.float64]]


def _before_and_after(counts: NDArray[np.float64], starts: NDArray[np.int64], owner: NDArray[np.int64]) -> Totals:
    """A visitor's total before and after each visit; visits lie in the order of visitors and time."""
    total = np.cumsum(counts)
    after = total - (total[starts] - counts[starts])[owner]
    return after - counts, after


def _moments(
    at: NDArray[np.int64], first: NDArray[np.bool_], impressions: Totals, clicks: Totals, arm: NDArray[np.bool_]
) -> list[Moments]:
    """Moments of an arm at every look, from what each visit adds to every sum and product."""
    columns = {
        COLUMNS.index("visitors"): (1.0 - first, np.ones(len(at))),
        COLUMNS.index("impressions"): impressions,
        COLUMNS.index("clicks"): clicks,
    }

    def grown(added: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.cumsum(np.bincount(at[arm], weights=added[arm], minlength=LOOKS))

    sums = np.zeros((LOOKS, len(COLUMNS)))
    products = np.zeros((LOOKS, len(COLUMNS), len(COLUMNS)))
    for i, (before, after) in columns.items():
        sums[:, i] = grown(after - before)
        for j, (other_before, other_after) in columns.items():
            products[:, i, j] = grown(after * other_after - before * other_before)
    return [Moments(sums[look], products[look]) for look in range(LOOKS)]


def _look(control: Moments, treatment: Moments, control_share: float) -> Look:
    plan = load_use_case().experiment
    comparison = None
    if min(control.count, treatment.count) >= MIN_VISITORS and control.total("clicks") >= MIN_CLICKS:
        comparison = compare(
            control,
            treatment,
            CLICK_THROUGH,
            confidence=plan.confidence,
            expected_visitors=plan.expected_visitors,
        )
    mismatch = sample_ratio_mismatch(control.count, treatment.count, control_share, plan.mismatch_below)
    return Look((control.count, treatment.count), comparison, 1.0 if mismatch.p_value is None else mismatch.p_value)


def alarms(looks: Sequence[Look], interval: str) -> bool:
    """Whether any look's interval of the lift leaves 0 out. interval: ``lift_always`` or ``lift_fixed``."""
    bounds = [getattr(look.comparison, interval) for look in looks if look.comparison is not None]
    return any(not bound.low <= 0 <= bound.high for bound in bounds)


def measure_aa(runs: int, visitors: int, control_share: float, seed: int) -> dict[str, Any]:
    """Experiments without any difference."""
    p_values, always, naive, at_end, trips, looked = [], 0, 0, 0, [0, 0], []
    for run in range(runs):
        looks = simulate(np.random.default_rng([seed, run]), visitors, control_share)
        last = looks[-1].comparison
        assert last is not None
        p_values.append(last.p_value)
        always += alarms(looks, "lift_always")
        naive += alarms(looks, "lift_fixed")
        at_end += alarms(looks[-1:], "lift_fixed")
        below = load_use_case().experiment.mismatch_below
        trips[0] += looks[-1].mismatch_p < below
        trips[1] += any(look.mismatch_p < below for look in looks)
        looked.append(sum(look.comparison is not None for look in looks))
    return {
        "runs": runs,
        "visitors": visitors,
        "control_share": control_share,
        "looks_least": min(looked),
        "ks_p": round(float(kstest(p_values, "uniform").pvalue), 4),
        "false_alarms_always_valid": always / runs,
        "false_alarms_naive_peeker": naive / runs,
        "false_alarms_one_look": at_end / runs,
        "mismatch_false_trips_one_look": trips[0] / runs,
        "mismatch_false_trips_all_looks": trips[1] / runs,
    }


def measure_power(runs: int, visitors: int, control_share: float, lift: float, seed: int) -> dict[str, Any]:
    """Experiments with a planted lift: how often it is found, after how many visitors, and how often it is covered."""
    needed: list[int] = []
    covered = 0
    for run in range(runs):
        looks = simulate(np.random.default_rng([seed, run]), visitors, control_share, lift)
        found = (sum(k.visitors) for k in looks if k.comparison is not None and k.comparison.lift_always.low > 0)
        first = next(found, None)
        if first is not None:
            needed.append(first)
        covered += all(
            k.comparison.lift_always.low <= lift <= k.comparison.lift_always.high for k in looks if k.comparison
        )
    return {
        "runs": runs,
        "visitors": visitors,
        "control_share": control_share,
        "planted_lift": lift,
        "found": len(needed) / runs,
        "median_visitors_needed": int(median(needed)) if needed else None,
        "truth_inside_at_every_look": covered / runs,
    }


def measure_bug(runs: int, visitors: int, control_share: float, lost: float, seed: int) -> dict[str, Any]:
    """Experiments in which a bug moves some control visitors into treatment."""
    tripped, needed = 0, []
    below = load_use_case().experiment.mismatch_below
    for run in range(runs):
        looks = simulate(np.random.default_rng([seed, run]), visitors, control_share, lost=lost)
        tripped += looks[-1].mismatch_p < below
        first = next((sum(look.visitors) for look in looks if look.mismatch_p < below), None)
        if first is not None:
            needed.append(first)
    return {
        "runs": runs,
        "visitors": visitors,
        "control_share": control_share,
        "control_visitors_lost": lost,
        "tripped": tripped / runs,
        "median_visitors_needed": int(median(needed)) if needed else None,
    }


def broken_promises(result: dict[str, Any]) -> list[str]:
    """What was promised and did not come true."""
    promises = {
        "p-values of A/A tests are uniform (KS p > 0.01)": all(row["ks_p"] > 0.01 for row in result["aa"]),
        "at most 5 % false alarms over all looks": all(
            row["false_alarms_always_valid"] <= 0.05 for row in result["aa"]
        ),
        "at most 0.1 % of sound splits trip over all looks": all(
            row["mismatch_false_trips_all_looks"] <= result["plan"]["mismatch_below"] for row in result["aa"]
        ),
        "at least 50 looks": all(row["looks_least"] >= 50 for row in result["aa"]),
        "a lift of 10 % is found in most runs": all(row["found"] > 0.5 for row in result["power"]),
        "the bug trips the check": all(row["tripped"] > 0.9 for row in result["bug"]),
    }
    return [promise for promise, kept in promises.items() if not kept]


def main() -> None:
    """Measure, print, keep, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="A/A experiments")
    parser.add_argument("--power-runs", type=int, default=200, help="experiments with a planted lift, and with a bug")
    parser.add_argument("--visitors", type=int, default=6_000, help="visitors of an A/A experiment")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    start = time.perf_counter()
    share, seed = next(arm.share for arm in load_use_case().arms if arm.name == "control"), arguments.seed
    result: dict[str, Any] = {
        "looks": LOOKS,
        "plan": asdict(load_use_case().experiment),
        "aa": [measure_aa(arguments.runs, arguments.visitors, s, seed) for s in (share, 0.5)],
        "power": [
            measure_power(arguments.power_runs, 50_000, share, 0.1, seed + 1),
            measure_power(arguments.power_runs, 30_000, 0.5, 0.1, seed + 1),
        ],
        "bug": [measure_bug(arguments.power_runs, 20_000, share, 0.15, seed + 2)],
    }
    result["seconds"] = round(time.perf_counter() - start, 1)
    for kind in ("aa", "power", "bug"):
        for row in result[kind]:
            print(kind, " ".join(f"{name}={value}" for name, value in row.items()))
    print(f"{result['seconds']} s -> {keep('experiments', result, arguments.out)}")
    if broken := broken_promises(result):
        sys.exit(f"broken: {'; '.join(broken)}")


if __name__ == "__main__":
    main()
