"""Replay of real events: train on the past, predict each next interaction of the 5 % that follow, rank all items.

    FLYWHEEL_DATASETS=folder python -m benchmarks.replay [--share 0.8] [--out FILE]

Every arm that has settings was tuned by the grids below on the 5 % before the part that is judged, trained on what came
before those; then all are trained on the same past and judged on the same cases. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import Event, movielens_100k
from benchmarks.machine import keep
from benchmarks.peers import EASE, ImplicitFoldIn
from recommender import ALSConfig, Interactions, ItemToItemModel, PopularityModel, Recommender, train
from recommender.evaluation import NextItemCase, evaluate_next_items, next_item_cases, paired_interval

WINDOW = 0.05
LIBRARY = "ALS of this library, 128 factors"


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to rank, and the settings that are tried on the past."""

    name: str
    make: Callable[..., Recommender]
    grid: Mapping[str, Sequence[Any]]


ARMS = (
    Arm("popularity", lambda log: PopularityModel.from_interactions(log), {}),
    Arm(
        "item-to-item, BM25",
        lambda log, neighbours: ItemToItemModel.from_interactions(log, neighbours),
        {"neighbours": (50, 100, 200, 400)},
    ),
    Arm(
        "implicit ALS, its own fold-in",
        ImplicitFoldIn,
        {"factors": (64, 128), "regularization": (0.05, 10.0), "alpha": (1.0, 3.0, 10.0)},
    ),
    Arm("EASE", EASE, {"regularization": (100.0, 250.0, 500.0, 1000.0)}),
    Arm("ALS of this library, defaults", lambda log: train(log), {}),
    Arm(
        LIBRARY,
        lambda log, **settings: train(log, ALSConfig(factors=128, **settings)),
        {"regularization": (5.0, 10.0, 15.0), "alpha": (1.0, 2.0), "recency_boost": (20.0,)},
    ),
    Arm(
        "the same without recency",
        lambda log, **settings: train(log, ALSConfig(factors=128, recency_boost=0.0, **settings)),
        {"regularization": (5.0, 10.0, 15.0), "alpha": (1.0, 2.0)},
    ),
)


def cases_after(events: Sequence[Event], share: float) -> tuple[Interactions, list[NextItemCase]]:
    """The first `share` of the events as a log, and the cases in the 5 % of the events that follow."""
    start, stop = int(len(events) * share), int(len(events) * (share + WINDOW))
    return Interactions.from_rows(events[:start]), next_item_cases(events, start, stop)


def tune(arm: Arm, log: Interactions, cases: Sequence[NextItemCase]) -> dict[str, Any]:
    """The settings of the grid with the largest NDCG@10 on these cases."""
    if not arm.grid:
        return {}
    tried = [dict(zip(arm.grid, values, strict=True)) for values in itertools.product(*arm.grid.values())]
    return max(tried, key=lambda settings: evaluate_next_items(arm.make(log, **settings), cases).mean())


def measure(events: Sequence[Event], share: float) -> dict[str, Any]:
    """NDCG@10 of every arm after `share` of the events, with 95 % intervals over users."""
    earlier, tuning_cases = cases_after(events, share - WINDOW)
    log, cases = cases_after(events, share)
    users = [case.user_id for case in cases]
    results, per_case = [], {}
    for arm in ARMS:
        settings = tune(arm, earlier, tuning_cases)
        start = time.perf_counter()
        model = arm.make(log, **settings)
        trained = time.perf_counter()
        values = evaluate_next_items(model, cases)
        done = time.perf_counter()
        per_case[arm.name] = values
        interval = paired_interval(values, np.zeros(len(values)), groups=users)
        results.append(
            {
                "arm": arm.name,
                "ndcg_at_10": round(interval.mean, 5),
                "low": round(interval.low, 5),
                "high": round(interval.high, 5),
                "settings": settings,
                "train_s": round(trained - start, 3),
                "judge_s": round(done - trained, 3),
            }
        )
        print(
            f"{arm.name:34s} {interval.mean:8.4f}   {interval.low:.4f} to {interval.high:.4f}   {settings}", flush=True
        )
    ahead = {
        name: vars_of(paired_interval(per_case[LIBRARY], values, groups=users))
        for name, values in per_case.items()
        if name != LIBRARY
    }
    return {
        "data": "ml-100k",
        "share": share,
        "events": len(events),
        "trained_on": log.rows,
        "cases": len(cases),
        "cases_of_new_users": sum(not case.history for case in cases),
        "metric": "NDCG@10, next item, all items ranked, seen items left out",
        "arms": results,
        "library_minus_arm": ahead,
    }


def vars_of(interval: Any) -> dict[str, float]:
    """An interval as plain numbers."""
    return {"mean": round(interval.mean, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=0.8, help="share of the events that is the past (0.1 to 0.95)")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    if not 0.1 <= arguments.share <= 0.95:
        parser.error(f"--share must be between 0.1 and 0.95, got {arguments.share}")
    print(f"{'arm':34s}  NDCG@10   95 % interval      settings chosen on the past")
    result = measure(movielens_100k(), arguments.share)
    print(f"{result['cases']} cases after {result['trained_on']} events -> {keep('replay', result, arguments.out)}")


if __name__ == "__main__":
    main()
