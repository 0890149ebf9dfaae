"""Replay of real events: train on the past, predict each next interaction of the 5 % that follow, rank all items.

    FLYWHEEL_DATASETS=folder python -m benchmarks.library.replay [--datasets globo] [--stages 0.05 0.8] [--arms …]

At every stage each arm that has settings is tuned by `recommender.evaluation.search_windows` on the 5 % before the part
that is judged (on globo, where one day is not like the next, on the two windows of 5 % before), trained on what came
before those; then all are trained on the same past and judged on the same cases. On globo all learn from the newest
500,000 clicks of the past (two or three days: news does not live longer) and are judged on 5,000 cases drawn at random.
QUICK=1 runs ml-100k at 80 % alone. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.library.datasets import Event, globo, movielens_100k
from benchmarks.library.neighbour_peers import SessionNeighbours
from benchmarks.library.peers import EASE, ImplicitFoldIn, recent_popularity
from benchmarks.machine import keep
from recommender import (
    ALSConfig,
    FactorModel,
    Interactions,
    ItemToItemModel,
    PopularityModel,
    Recommender,
    reblend,
    train,
    tune,
)
from recommender.evaluation import NextItemCase, evaluate_next_items, next_item_cases, paired_interval, search_windows

WINDOW = 0.05
STAGES = (0.05, 0.1, 0.25, 0.5, 0.8)
HOUR, DAY = 3600.0, 86400.0
LIBRARY, WITHOUT_SEARCH = "this library, tune(log)", "this library, train(log)"
BY_HAND = "this library, tuned by grid"


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to rank, and the settings that are tried on the past."""

    name: str
    make: Callable[..., Recommender]
    grid: Mapping[str, Sequence[Any]]
    peer: bool = True


@dataclass(frozen=True, slots=True)
class Dataset:
    """Events in order of time, the arms that they are replayed with, and how much of them is used at a stage."""

    load: Callable[[], list[Event]]
    arms: tuple[Arm, ...]
    newest: int | None = None
    most_cases: int | None = None
    tuning_windows: int = 1


def arms(
    half_lives: Sequence[float],
    base: ALSConfig,
    grid: Mapping[str, Sequence[Any]],
    factors: Sequence[int],
    alphas: Sequence[float],
    most: int,
    recent: float = 0.0,
    stale: Sequence[float] = (np.inf, 30 * DAY),
) -> tuple[Arm, ...]:
    """The arms of a dataset: peers with grids of their own, the library with and without its parts.

    EASE knows the `most` items alone that were clicked most lately, with a half-life of `recent` seconds.
    """
    plain = {"transition_weight": 0.0, "trend_weight": 0.0}

    fitted: dict[Any, tuple[Interactions, FactorModel]] = {}

    def library(log: Interactions, **settings: Any) -> Recommender:
        """Fit once for all settings that leave the factors alone."""
        config = replace(base, **settings)
        key = id(log), config.factors, config.half_life
        if key not in fitted:
            fitted[key] = log, train(log, replace(config, transition_weight=0.0))
        return reblend(fitted[key][1], log, config)

    def tuned(log: Interactions) -> Recommender:
        return train(log, tune(log, clock=time.process_time).config)

    def narrow(log: Interactions, **settings: Any) -> Recommender:
        return EASE(log, most=most, half_life=recent if len(log.item_ids) > most else 0.0, **settings)

    regularizations = (250.0, 100.0, 500.0)
    return (
        Arm("popularity", lambda log: PopularityModel.from_interactions(log), {}),
        Arm("recent popularity", recent_popularity, {"half_life": half_lives}),
        Arm("item-to-item, BM25", ItemToItemModel.from_interactions, {"neighbours": (100, 200, 400)}),
        Arm(
            "implicit ALS, its own fold-in",
            ImplicitFoldIn,
            {"factors": factors, "regularization": (10.0, 0.05), "alpha": alphas},
        ),
        Arm("EASE", narrow, {"regularization": regularizations}),
        Arm(
            "EASE, history by recency",
            narrow,
            {"boost": (20.0, 5.0), "decay": (0.7, 0.85), "regularization": regularizations},
        ),
        Arm(
            "V-SKNN",
            lambda log, **settings: SessionNeighbours(log, nearness=np.inf, **settings),
            {"recency": (5.0, 2.0, 20.0), "neighbours": (200, 500), "idf": (True, False)},
        ),
        Arm(
            "STAN",
            SessionNeighbours,
            {"staleness": stale, "nearness": (5.0, 2.0, 20.0), "recency": (5.0, 2.0, 20.0), "neighbours": (200, 500)},
        ),
        Arm("library: factors, no recency", lambda log: library(log, recency_boost=0.0, **plain), {}, peer=False),
        Arm("library: factors alone", lambda log: library(log, **plain), {}, peer=False),
        Arm(
            "library: transitions above all",
            lambda log: library(log, transition_weight=1e6, trend_weight=0.0),
            {},
            peer=False,
        ),
        Arm("this library, ALSConfig()", lambda log: train(log, ALSConfig()), {}, peer=False),
        Arm(WITHOUT_SEARCH, train, {}, peer=False),
        Arm(LIBRARY, tuned, {}, peer=False),
        Arm(BY_HAND, library, grid, peer=False),
    )


DATASETS: dict[str, Dataset] = {
    "ml-100k": Dataset(
        movielens_100k,
        arms(
            (7 * DAY, DAY, 30 * DAY),
            ALSConfig(),
            {"transition_weight": (0.5, 0.35, 0.7), "trend_weight": (0.0, 0.1), "factors": (64, 128)},
            (64, 128),
            (1.0, 3.0, 10.0),
            most=10_000,
        ),
    ),
    "globo": Dataset(
        globo,
        arms(
            (HOUR, HOUR / 8, HOUR / 4, HOUR / 2, 2 * HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR),
            ALSConfig(regularization=5.0, half_life=DAY, transition_shrinkage=30.0, iterations=8),
            {
                "trend_half_life": (HOUR, HOUR / 2, 2 * HOUR, 3 * HOUR),
                "trend_weight": (3.0, 1.0, 10.0),
                "transition_weight": (3.0, 1.0, 10.0),
                "half_life": (DAY, 6 * HOUR),
            },
            (64,),
            (1.0, 10.0),
            most=3_000,
            recent=3 * HOUR,
            stale=(6 * HOUR, HOUR, DAY),
        ),
        newest=500_000,
        most_cases=5_000,
        tuning_windows=2,
    ),
}


def cases_after(
    events: Sequence[Event],
    share: float,
    window: float = WINDOW,
    newest: int | None = None,
    most: int | None = None,
) -> tuple[Interactions, list[NextItemCase]]:
    """The first `share` of the events (the `newest` of them) as a log, and (at most) `most` cases of the share `window`
    of the events that follow.
    """
    start, stop = int(len(events) * share), int(len(events) * (share + window))
    cases = next_item_cases(events[:stop], start)
    if most is not None and len(cases) > most:
        drawn = np.random.default_rng(7).choice(len(cases), most, replace=False)
        cases = [cases[number] for number in np.sort(drawn)]
    return Interactions.from_rows(events[max(0, start - (newest or start)) : start]), cases


def measure(name: str, events: Sequence[Event], share: float, named: Sequence[str] = ()) -> dict[str, Any]:
    """NDCG@10 of every arm (of those named) after `share` of the events, with 95 % intervals over users; what `tune`
    chose is compared with the others, the last of them where it is not among them, and so is `train(log)`.
    """
    dataset = DATASETS[name]
    chosen = [arm for arm in dataset.arms if not named or arm.name in named]
    own = LIBRARY if any(arm.name == LIBRARY for arm in chosen) else chosen[-1].name
    bounds = dataset.newest, dataset.most_cases
    before = min(WINDOW, share / (1 + dataset.tuning_windows))
    windows = [
        cases_after(events, share - number * before, before, *bounds) for number in range(1, 1 + dataset.tuning_windows)
    ]
    log, cases = cases_after(events, share, WINDOW, *bounds)
    users = [case.user_id for case in cases]
    results, per_case = [], {}
    for arm in chosen:
        began = time.perf_counter()
        settings = dict(search_windows(arm.make, arm.grid, windows).best) if arm.grid else {}
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
                "peer": arm.peer,
                "ndcg_at_10": round(interval.mean, 5),
                "low": round(interval.low, 5),
                "high": round(interval.high, 5),
                "settings": settings,
                "search_s": round(start - began, 2),
                "train_s": round(trained - start, 3),
                "judge_s": round(done - trained, 3),
            }
        )
        print(
            f"{arm.name:32s} {interval.mean:8.4f}   {interval.low:.4f} to {interval.high:.4f}   {settings}", flush=True
        )
    ahead = {
        mine: {
            arm.name: vars_of(paired_interval(per_case[mine], per_case[arm.name], groups=users))
            for arm in chosen
            if arm.name != mine
        }
        for mine in {own: None, **{arm.name: None for arm in chosen if arm.name == WITHOUT_SEARCH}}
    }
    peers = [row for row in results if row["peer"]]
    best = max(peers, key=lambda row: float(str(row["ndcg_at_10"])), default={"arm": None})
    return {
        "share": share,
        "trained_on": log.rows,
        "cases": len(cases),
        "cases_of_new_users": sum(not case.history for case in cases),
        "cases_of_new_items": sum(log.item_index(case.target) is None for case in cases),
        "arms": results,
        "best_peer": best["arm"],
        "library": own,
        "library_minus_arm": ahead.pop(own),
        "others_minus_arm": ahead,
    }


def vars_of(interval: Any) -> dict[str, float]:
    """An interval as plain numbers."""
    return {"mean": round(interval.mean, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)}


def main() -> None:
    """Measure, print, keep: one file a dataset."""
    quick = bool(os.environ.get("QUICK"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--datasets", nargs="+", choices=list(DATASETS), default=["ml-100k"] if quick else list(DATASETS)
    )
    parser.add_argument(
        "--stages", nargs="+", type=float, default=[0.8] if quick else STAGES, help="shares of the events (0 to 0.95)"
    )
    parser.add_argument("--arms", nargs="+", default=[], help="names of arms to measure (default: all)")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    if not all(0 < stage <= 1 - WINDOW for stage in arguments.stages):
        parser.error(f"--stages must be above 0 and at most {1 - WINDOW}, got {arguments.stages}")
    known = {arm.name for name in arguments.datasets for arm in DATASETS[name].arms}
    if not known.issuperset(arguments.arms):
        parser.error(f"--arms must be some of {sorted(known)}, got {arguments.arms}")
    for name in arguments.datasets:
        events = DATASETS[name].load()
        stages = []
        for stage in arguments.stages:
            print(f"\n{name} at {stage:.0%}\n{'arm':32s}  NDCG@10   95 % interval      settings chosen on the past")
            stages.append(measure(name, events, stage, arguments.arms))
            print(f"{stages[-1]['cases']} cases after {stages[-1]['trained_on']} events")
            metric = "NDCG@10, next item, all items ranked, seen items left out, unknown targets are misses"
            result = {"data": name, "events": len(events), "metric": metric, "stages": stages}
            print(f"-> {keep(f'replay-{name}', result, arguments.out)}")


if __name__ == "__main__":
    main()
