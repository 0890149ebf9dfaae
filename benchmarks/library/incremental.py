"""Learning by updates against learning from scratch, on events in order of time.

FLYWHEEL_DATASETS=folder python -m benchmarks.library.incremental [--start 0.6] [--steps 20] [--every 1] [--out FOLDER]

On ml-100k, or on generated events where the folder does not hold it.

A model is fitted on the first part of the events and then only updated, one per cent of the events at a time, new
users and new items among them. At checkpoints it is judged on the next interactions of the following 5 % of the
events, beside full fits from scratch on the same events, one a seed, and beside warm-started refits of few sweeps. A
full fit is only as good as its seed: `of full` compares with the mean over seeds, and JSON holds each. Prints a table
and writes JSON. QUICK=1 judges the last update only, by one seed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.library.datasets import DatasetsMissingError, Event, movielens_100k
from benchmarks.library.generated import generated_events
from benchmarks.machine import keep
from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions, PopularityModel
from recommender.evaluation import evaluate_next_items, next_item_cases

STEP, WINDOW = 0.01, 0.05
SEEDS = (7, 8, 9)
SWEEPS = (2, 3, 5)
"""Sweeps of the warm-started refits."""


def measure(
    events: list[Event], config: ALSConfig, start: float, steps: int, every: int, seeds: Sequence[int] = SEEDS
) -> list[dict[str, Any]]:
    """One row a checkpoint: quality of the updated, refitted and fresh models, one a seed, and what each cost."""
    trainer = ALSTrainer(config, seed=7)
    trainer.fit(Interactions.from_rows(events[: int(len(events) * start)]))
    seconds, rows, new_users, new_items = [], 0, 0, 0
    checkpoints = []
    for step in range(1, steps + 1):
        low, high = (int(len(events) * (start + STEP * number)) for number in (step - 1, step))
        report = trainer.update(events[low:high])
        seconds.append(report.seconds)
        rows, new_users, new_items = rows + report.rows, new_users + report.new_users, new_items + report.new_items
        if step % every and step != steps:
            continue
        log = trainer.log
        cases = next_item_cases(events, high, int(high + len(events) * WINDOW))

        def quality(model: Any, cases: Any = cases) -> float:
            return float(evaluate_next_items(model, cases).mean())

        full, fit_seconds = [], []
        for seed in seeds:
            fresh = ALSTrainer(config, seed=seed)
            fit_seconds.append(fresh.fit(log).seconds)
            full.append(quality(fresh.model()))
        refits = {}
        for sweeps in SWEEPS:
            refitted = twin(trainer, sweeps)
            refit = refitted.refit()
            refits[sweeps] = {
                "ndcg_over_full_fit": round(quality(refitted.model()) / float(np.mean(full)), 4),
                "seconds_over_full_fit": round(refit.seconds / float(np.median(fit_seconds)), 3),
                "change_of_factors": round(change(trainer.model(), refitted.model()), 4),
            }
        updated = quality(trainer.model())
        checkpoints.append(
            {
                "updates": step,
                "rows_by_update": rows,
                "share_of_rows_by_update": round(rows / log.rows, 4),
                "new_users": new_users,
                "new_items": new_items,
                "cases": len(cases),
                "popularity": round(quality(PopularityModel.from_interactions(log)), 5),
                "updated": round(updated, 5),
                "full_fits": [round(value, 5) for value in full],
                "updated_over_full_fit": round(updated / float(np.mean(full)), 4),
                "updated_over_first_seed": round(updated / full[0], 4),
                "worst_seed_over_mean": round(min(full) / float(np.mean(full)), 4),
                "refits": refits,
                "drift": round(report.drift, 4),
                "median_update_ms": round(float(np.median(seconds)) * 1e3, 2),
                "full_fit_ms": round(float(np.median(fit_seconds)) * 1e3, 1),
            }
        )
        row = checkpoints[-1]
        print(
            f"{step:7d} {rows:6d} {new_users:6d} {new_items:6d} {row['popularity']:11.4f} {updated:8.4f} "
            f"{np.mean(full):9.4f} {row['updated_over_full_fit']:9.1%} {row['worst_seed_over_mean']:11.1%} "
            f"{refits[SWEEPS[0]]['ndcg_over_full_fit']:9.1%} {refits[SWEEPS[0]]['seconds_over_full_fit']:7.0%} "
            f"{row['drift']:6.3f} {row['median_update_ms']:10.1f} {row['full_fit_ms']:9.0f}",
            flush=True,
        )
    return checkpoints


def twin(trainer: ALSTrainer, sweeps: int) -> ALSTrainer:
    """A trainer that knows what this one knows, and refits by so many sweeps."""
    copied = ALSTrainer(trainer.config, seed=trainer.seed)
    for name, value in vars(trainer).items():
        setattr(copied, name, value.copy() if isinstance(value, Interactions) else deepcopy(value))
    copied._factors.config = replace(trainer._factors.config, refit_iterations=sweeps)
    return copied


def change(updated: FactorModel, refitted: FactorModel) -> float:
    """How far item vectors are from those of a refit: |Y - Y'| / |Y'|, Frobenius, 0 when nothing moved."""
    return float(np.linalg.norm(updated.item_factors - refitted.item_factors) / np.linalg.norm(refitted.item_factors))


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=float, default=0.6, help="share of the events that is fitted at once")
    parser.add_argument("--steps", type=int, default=20, help="updates of one per cent each")
    quick = bool(os.environ.get("QUICK"))
    parser.add_argument("--every", type=int, default=20 if quick else 1, help="updates between checkpoints")
    parser.add_argument("--seeds", type=int, default=1 if quick else len(SEEDS), help="full fits at a checkpoint")
    parser.add_argument("--factors", type=int, default=64, help="length of the vectors")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    if not 0 < arguments.start < arguments.start + arguments.steps * STEP + WINDOW <= 1.0001:
        parser.error("--start, the steps of 1 % and the 5 % that are judged must fit into all events")
    if arguments.steps < 1 or arguments.every < 1 or not 1 <= arguments.seeds <= len(SEEDS):
        parser.error(f"--steps and --every must be at least 1, --seeds from 1 to {len(SEEDS)}")
    config = ALSConfig(factors=arguments.factors)
    print(
        "updates   rows  users  items  popularity  updated  full fit   of full  worst seed   refit 2    time  drift  "
        "update ms   full ms"
    )
    try:
        data, events = "ml-100k", movielens_100k()
    except DatasetsMissingError as error:
        data, events = "generated", generated_events()
        print(f"on generated events: {error}")
    checkpoints = measure(events, config, arguments.start, arguments.steps, arguments.every, SEEDS[: arguments.seeds])
    result = {"data": data, "metric": "NDCG@10, next item", "start": arguments.start, "checkpoints": checkpoints}
    worst = min(row["updated_over_full_fit"] for row in checkpoints)
    print(f"worst: {worst:.1%} of a full fit -> {keep('incremental', result, arguments.out)}")


if __name__ == "__main__":
    main()
