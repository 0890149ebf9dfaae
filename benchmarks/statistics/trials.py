"""How many visitors a trial needs, and how often it decides when there is nothing to decide, where the truth is known.

    python -m benchmarks.statistics.trials [--trials 400] [--out FOLDER]

Simulated visitors rank the catalog by their true interest plus noise; the noise of a model is how bad it is. Trials of
a model against itself and against another as good must seldom decide; against a worse one the better must win, and the
visitors that it took stand beside those that an A/B test of click-through on the same two models needs. Every visitor
sees one shelf; the trial is read after every 20 visitors who clicked. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.values.interval import CONFIDENCE, Z_95
from app.values.origin import LIVE_ORIGINS
from benchmarks.machine import keep
from recommender import team_draft
from recommender.evaluation import confidence_sequence
from seed_data.population import Population
from seed_data.templates import load_templates

K = 12
LOOK_EVERY = 20
MAX_CLICKERS = 5000
MAX_ASKED = 20_000
DRAFTS = 6
VOTES = {"challenger": 1.0, "champion": -1.0, "both": 0.0}
POWER_Z = Z_95 + 0.8416
"""Normal quantiles of a two-sided test at 5 % that finds a true difference four times out of five."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on many visitors.

    sides (visitors, DRAFTS, K): +1 where an entry is the challenger's, -1 where it is the champion's, 0 where both
    wanted it; chances, of the same shape: its chance of a click. alone (2, visitors, K): the same chances on shelves
    that one model fills alone.
    """

    sides: Floats
    chances: Floats
    alone: Floats


def make_pair(noise: tuple[float, float], *, shared: float, visitors: int = 1500, seed: int = 7) -> Pair:
    """Champion and challenger of the given noise, in standard deviations of a log interest.

    shared: correlation of their mistakes; models that learn from the same clicks make similar ones, and a model against
    itself the same.
    """
    population = Population(load_templates(), seed)
    rng = np.random.default_rng(seed)
    sides, chances = np.zeros((visitors, DRAFTS, K)), np.zeros((visitors, DRAFTS, K))
    alone = np.zeros((2, visitors, K))
    for number in range(visitors):
        visitor = population.visitor(number)
        interest = visitor.affinity(None, 0.0)
        seen = np.array([visitor.examine(place) for place in range(1, K + 1)])
        wanted = np.log(interest)
        common, *own = rng.standard_normal((3, len(wanted)))
        mistakes = [np.sqrt(shared) * common + np.sqrt(1.0 - shared) * part for part in own]
        rankings = [np.argsort(-(wanted + sd * part))[:K].tolist() for sd, part in zip(noise, mistakes, strict=True)]
        alone[0, number], alone[1, number] = (seen * interest[ranking] for ranking in rankings)
        for draft in range(DRAFTS):
            slate = team_draft(rankings[0], rankings[1], K, rng)
            sides[number, draft] = [VOTES[entry.team] for entry in slate]
            chances[number, draft] = seen * interest[[int(entry.item_id) for entry in slate]]
    return Pair(sides, chances, alone)


def run_trial(pair: Pair, rng: np.random.Generator) -> tuple[str, int, int]:
    """One trial: the verdict, visitors asked, and those among them who clicked."""
    confidence = 1.0 - (1.0 - CONFIDENCE) / len(LIVE_ORIGINS)
    differences: list[float] = []
    asked, next_look = 0, LOOK_EVERY
    while len(differences) < MAX_CLICKERS and asked < MAX_ASKED:
        drawn, draft = rng.integers(len(pair.sides), size=200), rng.integers(DRAFTS, size=200)
        clicked = rng.random((200, K)) < pair.chances[drawn, draft]
        votes = (clicked * pair.sides[drawn, draft]).sum(axis=1)
        for vote, any_click in zip(
            votes.tolist(), (clicked & (pair.sides[drawn, draft] != 0.0)).any(axis=1).tolist(), strict=True
        ):
            asked += 1
            if any_click:
                differences.append(vote)
                if len(differences) == next_look:
                    next_look += LOOK_EVERY
                    found = confidence_sequence(differences, confidence)
                    if found.low > 0.0 or found.high < 0.0:
                        return "challenger" if found.low > 0.0 else "champion", asked, len(differences)
    return "none", asked, len(differences)


def ab_visitors(pair: Pair) -> float:
    """Visitors of both arms together that an A/B test of clicks for each visitor needs, of one shelf each."""
    means, variances = [], []
    for chances in pair.alone:
        clicks = chances.sum(axis=1)
        means.append(float(clicks.mean()))
        variances.append(float(clicks.var() + (chances * (1.0 - chances)).sum(axis=1).mean()))
    return 2.0 * POWER_Z**2 * sum(variances) / (means[1] - means[0]) ** 2


def measure(trials: int, noise: tuple[float, float], *, shared: float, seed: int = 1) -> dict[str, Any]:
    """Verdicts of many trials of one pair of models."""
    pair = make_pair(noise, shared=shared)
    rng = np.random.default_rng(seed)
    runs = [run_trial(pair, rng) for _ in range(trials)]
    decided = [run for run in runs if run[0] != "none"]
    clicks = [float(chances.sum(axis=1).mean()) for chances in pair.alone]
    row: dict[str, Any] = {
        "noise": noise,
        "shared": shared,
        "trials": trials,
        "clicks_a_shelf": clicks,
        "lift": clicks[1] / clicks[0] - 1.0,
        "share_challenger_wins": sum(run[0] == "challenger" for run in runs) / trials,
        "share_champion_wins": sum(run[0] == "champion" for run in runs) / trials,
    }
    if noise[0] != noise[1]:
        row["median_visitors"] = float(np.median([run[1] for run in decided])) if decided else None
        row["visitors_nine_in_ten"] = float(np.percentile([run[1] for run in runs], 90))
        row["ab_visitors"] = ab_visitors(pair)
    return row


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    cases = {
        "a model against itself": {"noise": (1.0, 1.0), "shared": 1.0},
        "as good, other mistakes": {"noise": (1.0, 1.0), "shared": 0.0},
        "as good, similar mistakes": {"noise": (1.0, 1.0), "shared": 0.9},
        "better, other mistakes": {"noise": (1.0, 0.75), "shared": 0.0},
        "better, similar mistakes": {"noise": (1.0, 0.75), "shared": 0.9},
        "a little better, similar mistakes": {"noise": (1.0, 0.9), "shared": 0.9},
    }
    results = {}
    for name, case in cases.items():
        results[name] = measure(arguments.trials, **case)  # type: ignore[arg-type]
        print(f"{name}: {results[name]}", flush=True)
    print(f"-> {keep('trials', {'cases': results}, arguments.out)}")


if __name__ == "__main__":
    main()
