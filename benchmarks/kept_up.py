"""News with the trend kept up: every click counts at once, for the library and for recent popularity alike.

    FLYWHEEL_DATASETS=folder python -m benchmarks.kept_up [--stages 0.5 0.8] [--half-life 600] [--out FOLDER]

As `replay` on globo, but whoever is judged goes on counting: `train(log)` by `LiveTrend`, recent popularity by the same
counts without a model, both taken anew every minute, with a half-life of ten minutes. Both as they were at the end of
training are judged on the same cases. Factors and transitions stay those of the training. Prints and writes JSON.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.library.datasets import globo
from benchmarks.library.replay import DATASETS, WINDOW, vars_of
from benchmarks.machine import keep
from recommender import Interactions, LiveTrend, PopularityModel, Recommender, train
from recommender.evaluation import evaluate_next_items, next_item_cases, paired_interval

EVERY_S = 60.0
"""Seconds after which a model with the newest trend is taken."""
SEED = 7


def measure(events: list[Any], share: float, half_life: float, most: int) -> dict[str, Any]:
    """NDCG@10 of four ways to rank on `most` cases drawn from the events that follow a share of them."""
    start, stop = int(len(events) * share), int(len(events) * (share + WINDOW))
    log = Interactions.from_rows(events[max(0, start - (DATASETS["globo"].newest or start)) : start])
    model = train(log)
    live = LiveTrend(model, trained_at=events[start - 1][3], half_life=half_life)
    popularity = PopularityModel(log.item_ids, log.popularity(half_life))
    drawn = np.random.default_rng(SEED).random(stop - start) < most / (stop - start)
    values: dict[str, list[float]] = {}
    users: list[Any] = []
    kept: dict[str, Recommender] = {"train(log), kept up": model, "recent popularity, kept up": popularity}
    fixed: dict[str, Recommender] = {"train(log)": model, "recent popularity": popularity}
    next_at = events[start][3] + EVERY_S
    histories = asked(events, start, stop)
    for number in range(start, stop):
        _, item, _, at = events[number]
        if at >= next_at:
            newest = live.refreshed()
            kept = {
                "train(log), kept up": newest,
                "recent popularity, kept up": PopularityModel(newest.item_ids, newest.popularity),
            }
            next_at = at + EVERY_S
        if drawn[number - start] and number in histories:
            users.append(histories[number].user_id)
            for name, judged in (kept | fixed).items():
                values.setdefault(name, []).append(float(evaluate_next_items(judged, [histories[number]])[0]))
        live.add(item, at)
    figures = {name: np.array(found) for name, found in values.items()}
    own = figures["train(log), kept up"]
    return {
        "share": share,
        "cases": len(users),
        "hours": round((events[stop - 1][3] - events[start][3]) / 3600, 1),
        "ndcg_at_10": {name: round(float(found.mean()), 5) for name, found in figures.items()},
        "kept_up_minus": {name: vars_of(paired_interval(own, found, users)) for name, found in figures.items()},
    }


def asked(events: list[Any], start: int, stop: int) -> dict[int, Any]:
    """The case of each event that is one, by its number."""
    cases = iter(next_item_cases(events[:stop], start))
    taken: dict[Any, set[Any]] = {}
    found = {}
    for number, (user, item, _, _) in enumerate(events[:stop]):
        seen = taken.setdefault(user, set())
        if number >= start and item not in seen:
            found[number] = next(cases)
        seen.add(item)
    return found


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", nargs="+", type=float, default=[0.5, 0.8], help="shares of the events")
    parser.add_argument("--half-life", type=float, default=600.0, help="of the trend that is kept up, in seconds")
    parser.add_argument("--cases", type=int, default=5000, help="cases drawn from each stage")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    events, stages = globo(), []
    for share in arguments.stages:
        stages.append(measure(events, share, arguments.half_life, arguments.cases))
        print(stages[-1], flush=True)
    result = {"half_life_s": arguments.half_life, "every_s": EVERY_S, "stages": stages}
    print(f"-> {keep('kept-up', result, arguments.out)}")


if __name__ == "__main__":
    main()
