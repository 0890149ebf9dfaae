"""Whether off-policy estimates cover what is known: the Open Bandit sample, and the population, whose truth is known.

    FLYWHEEL_DATASETS=folder python -m benchmarks.statistics.off_policy [--logs 300] [--out FOLDER]

Open Bandit: each policy's click rate is estimated from the log of the other and compared with its own log. Population:
slates of a ranking with exploration are drawn and clicked over and over, the worth of another ranking is estimated from
each log, and the 95 % intervals are counted that cover its true worth. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from app.learn.off_policy import target_chances
from benchmarks.library.datasets import DatasetsMissingError, datasets_folder
from benchmarks.machine import keep
from recommender import SlatePolicy
from recommender.evaluation import OffPolicyEstimate, doubly_robust, ips, snips
from seed_data.population import Population
from seed_data.templates import load_templates

K, POOL = 12, 12
LOGGED_SHARE, TARGET_SHARE = 0.5, 0.08


def open_bandit(folder: Path) -> dict[str, Any]:
    """Each policy of the sample estimated from the other's log, with its true click rate beside it."""
    logs = {name: _read_log(folder / f"{name}.csv.gz") for name in ("random", "bts")}
    shares, places = Counter(logs["bts"][2]), Counter(position for position, _ in logs["bts"][2])
    # Thompson sampling's own propensities are known where it chose; its share of each place stands for the others.
    targets = {
        "random": np.full(len(logs["bts"][0]), 1 / 34),
        "bts": np.array([shares[shown] / places[shown[0]] for shown in logs["random"][2]]),
    }
    found = {}
    for name, other in (("random", "bts"), ("bts", "random")):
        clicked, logged, _ = logs[other]
        truth = float(np.mean(logs[name][0]))
        rate = np.full(len(clicked), float(np.mean(clicked)))
        for label, value in {
            "ips": ips(clicked, logged, targets[name]),
            "snips": snips(clicked, logged, targets[name]),
            "doubly_robust": doubly_robust(clicked, logged, targets[name], rate, rate),
        }.items():
            found[f"{name} from {other}, {label}"] = _beside(value, truth)
    return found


def population_coverage(logs: int, visitors: int = 800, seed: int = 7) -> dict[str, Any]:
    """How often the estimates of another ranking cover its true worth, over `logs` logs of so many visitors each."""
    population = Population(load_templates(), seed)
    rng = np.random.default_rng(seed)
    liked = np.mean([population.visitor(number).affinity(None, 0.0) for number in range(50)], axis=0)
    ids = [population.items[row].item_id for row in np.argsort(-liked)[: K + POOL]]
    # Every fourth place shows what the log had there only by chance, and nothing that it could not have shown.
    target = [ids[K + place // 4] if place % 4 == 1 else ids[place] for place in range(K)]
    target += [item_id for item_id in ids[K:] if item_id not in target]
    everyone = [population.visitor(number) for number in range(4 * visitors)]
    interest = np.array([visitor.affinity(ids, 0.0) for visitor in everyone])
    looked_at = np.array([[visitor.examine(place) for place in range(1, K + 1)] for visitor in everyone])
    column = {item_id: number for number, item_id in enumerate(ids)}
    chances = np.array([target_chances(target, [item_id] * K, SlatePolicy(TARGET_SHARE), ids) for item_id in ids])
    truth = float(np.mean((looked_at @ chances.T * interest).sum(axis=1)) / K)
    policy = SlatePolicy(LOGGED_SHARE)
    covered: Counter[str] = Counter()
    errors: dict[str, list[float]] = {"ips": [], "snips": [], "doubly_robust": []}
    effective = []
    for _ in range(logs):
        drawn = rng.integers(len(everyone), size=visitors)
        slates = [policy.draw(ids, ids[K:], K, rng) for _ in drawn]
        shown = np.array([[column[str(slot.item_id)] for slot in slate] for slate in slates])
        logged = np.array([[slot.propensity for slot in slate] for slate in slates])
        clicked = rng.random(shown.shape) < looked_at[drawn] * np.take_along_axis(interest[drawn], shown, axis=1)
        wanted = chances[shown, np.arange(K)]
        groups = np.repeat(np.arange(visitors), K).tolist()
        halves = np.arange(visitors) % 2
        rates = np.stack([clicked[halves == 1].mean(axis=0), clicked[halves == 0].mean(axis=0)])
        expected = rates[halves].ravel()
        columns = (clicked.ravel().astype(float), logged.ravel(), wanted.ravel())
        estimates = {
            "ips": ips(*columns, groups),
            "snips": snips(*columns, groups),
            "doubly_robust": doubly_robust(*columns, expected, expected, groups),
        }
        effective.append(estimates["ips"].effective_sample_size)
        for name, value in estimates.items():
            covered[name] += value.low <= truth <= value.high
            errors[name].append(value.value - truth)
    return {
        "truth": truth,
        "logs": logs,
        "visitors": visitors,
        "effective_sample_size": float(np.mean(effective)),
        "coverage": {name: covered[name] / logs for name in errors},
        "bias": {name: float(np.mean(values)) for name, values in errors.items()},
        "root_mean_square_error": {name: float(np.sqrt(np.mean(np.square(v)))) for name, v in errors.items()},
    }


def _beside(value: OffPolicyEstimate, truth: float) -> dict[str, Any]:
    covers = value.low <= truth <= value.high
    return {**asdict(value), "truth": truth, "covers": covers, "is_meaningful": value.is_meaningful}


def _read_log(path: Path) -> tuple[np.ndarray, np.ndarray, list[tuple[str, str]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    clicked = np.array([float(row["click"]) for row in rows])
    logged = np.array([float(row["propensity_score"]) for row in rows])
    return clicked, logged, [(row["position"], row["item_id"]) for row in rows]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--logs", type=int, default=300)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    results: dict[str, Any] = {"population": population_coverage(arguments.logs)}
    try:
        results["open_bandit"] = open_bandit(datasets_folder() / "obd-men")
    except DatasetsMissingError as error:
        print(f"without the Open Bandit sample: {error}")
    for name, row in results.get("open_bandit", {}).items():
        print(
            f"{name:<30} {row['value']:.5f} ({row['low']:.5f} to {row['high']:.5f}), truth {row['truth']:.5f}, "
            f"covers {row['covers']}, effective sample {row['effective_sample_size']:.0f}"
        )
    print(results["population"])
    print(f"-> {keep('off_policy', results, arguments.out)}")


if __name__ == "__main__":
    main()
