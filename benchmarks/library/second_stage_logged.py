"""The second stage on two public data sets whose test says what would have happened: obd-men and coat.

    FLYWHEEL_DATASETS=folder python -m benchmarks.library.second_stage_logged

obd-men: it learns from the log of the random policy, and a policy that prefers what it scores high is worth so many
clicks on held-out impressions, by self-normalised inverse propensity (SNIPS), beside what the logging policy got.
coat: it learns from ratings that users chose to give, and orders coats that were drawn at random for them.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections import defaultdict
from datetime import datetime
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommender import ALSConfig, Exposures, FactorModel, Interactions, StageTrainer, train
from recommender.second_stage.stage import SecondStage

SEED = 7
DRAWS = 1000
ITEMS = 34
LIKED = 4  # a rating of at least this is a taken coat

Rows = list[dict[str, str]]
Floats = NDArray[np.float64]


def read(folder: Path, name: str) -> Rows:
    """The rows of a file."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(model: FactorModel, stage: SecondStage, history: list[str], item_ids: list[str]) -> Floats:
    """Scores of the second stage for items, history or none."""
    index = model.index_of
    items = np.array([index[item_id] for item_id in history], np.int32)
    candidates = np.array([index[item_id] for item_id in item_ids], np.int32)
    weights = np.ones(len(items), np.float32)
    user = model.ranker.folding.fold_in(items, weights)
    totals = model.ranker.scores(user, items, weights, candidates)
    norm = model.ranker.folding.score_norm(user)
    view = stage.view(items, weights)
    found: Floats = stage.features(view, candidates, totals, user, model.item_factors, norm) @ stage.weights
    return found


def obd(folder: Path) -> None:
    """Learn from one half of the random log, judge on the other, both ways; then on the log of the other policy."""
    described = {
        f"i{row['item_id']}": [f"{name}={row[name]}" for name in ("item_feature_1", "item_feature_2", "item_feature_3")]
        for row in read(folder, "items")
    }
    random, bandit = read(folder, "random"), read(folder, "bts")
    half = len(random) // 2
    folds = [(random[:half], random[half:]), (random[half:], random[:half])]
    judged = [worth(*obd_model(rows, described), others) for rows, others in folds]
    report("random log, halves", np.concatenate(judged))
    report("log of the bandit", worth(*obd_model(random, described), bandit))


def obd_model(rows: Rows, described: dict[str, list[str]]) -> tuple[FactorModel, SecondStage]:
    """A model of past clicks (affinities), and a second stage of impressions; every impression is a user."""
    log_rows, exposures = [], []
    for number, row in enumerate(rows):
        at = datetime.fromisoformat(row["timestamp"]).timestamp()
        log_rows += [(f"u{number}", item_id, 1.0, at - 1.0) for item_id in taken_before(row)]
        exposures.append((f"u{number}", f"i{row['item_id']}", row["click"] == "1", at, int(row["position"])))
    log = Interactions.from_rows(log_rows, horizon=inf)
    log.describe(described, 1e-3)
    model = train(log, ALSConfig(factors=8, iterations=6), seed=SEED)
    return model, StageTrainer(SEED).fit(model, log, Exposures.from_rows(exposures, model.index_of), described)


def taken_before(row: dict[str, str]) -> list[str]:
    """Items that the context says were clicked in the past."""
    return [f"i{item}" for item in range(ITEMS) if float(row[f"user_item_affinity_{item}"]) > 0]


def worth(model: FactorModel, stage: SecondStage, rows: Rows) -> Floats:
    """Weight and click of each impression (n, 2): the policy shows items in proportion to their odds by the stage."""
    item_ids = [f"i{item}" for item in range(ITEMS)]
    known: dict[tuple[str, ...], Floats] = {}
    found = np.empty((len(rows), 2))
    for number, row in enumerate(rows):
        history = tuple(taken_before(row))
        if history not in known:
            raised = np.exp(scores(model, stage, list(history), item_ids))
            known[history] = raised / raised.sum()
        chance = known[history][int(row["item_id"])]
        found[number] = chance / float(row["propensity_score"]), float(row["click"])
    return found


def report(name: str, judged: Floats) -> None:
    """SNIPS of the policy and the logging policy's own rate, and their difference over bootstrap draws."""
    rng = np.random.default_rng(SEED)
    picks = rng.integers(0, len(judged), (DRAWS, len(judged)))
    weights, clicks = judged[:, 0], judged[:, 1]
    drawn = (weights[picks] * clicks[picks]).sum(axis=1) / weights[picks].sum(axis=1)
    gained = drawn - clicks[picks].mean(axis=1)
    value = float((weights * clicks).sum() / weights.sum())
    low, high = np.quantile(drawn, [0.025, 0.975])
    less, more = np.quantile(gained, [0.025, 0.975])
    effective = weights.sum() ** 2 / (weights**2).sum()
    print(
        f"obd-men, {name}: {value:.5f} ({low:.5f} to {high:.5f}) against {clicks.mean():.5f} logged; "
        f"difference {less:+.5f} to {more:+.5f}; effective impressions {effective:,.0f}"
    )


def coat(folder: Path) -> None:
    """NDCG@5 on the random test: popularity of likes, factors alone, and with the second stage."""
    described: dict[str, list[str]] = {}
    for number, row in enumerate(read(folder, "items")):
        on = [name for name, value in row.items() if name != "item_id" and float(value) == 1]
        described[f"i{row.get('item_id', number)}"] = [f"feature={name}" for name in on]
    liked: dict[str, list[str]] = defaultdict(list)
    exposures = []
    for row in read(folder, "train"):
        took = float(row["value"]) >= LIKED
        exposures.append((f"u{row['user_id']}", f"i{row['item_id']}", took, 1.0))
        if took:
            liked[f"u{row['user_id']}"].append(f"i{row['item_id']}")
    rows = [(user, item_id) for user, items in liked.items() for item_id in items]
    log = Interactions.from_rows(rows)
    log.describe(described, 1e-3)
    model = train(log, ALSConfig(factors=16, regularization=5.0, transition_weight=0.0), seed=SEED)
    known = Exposures.from_rows(exposures, model.index_of)
    stage = StageTrainer(SEED).fit(model, log, known, described)
    tests: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in read(folder, "test_random"):
        tests[f"u{row['user_id']}"].append((f"i{row['item_id']}", float(float(row["value"]) >= LIKED)))
    gains: dict[str, list[float]] = defaultdict(list)
    for user, shown in tests.items():
        item_ids, values = [item for item, _ in shown], np.array([value for _, value in shown])
        if not liked[user] or not values.any():
            continue
        vector = model.fold_in(liked[user])
        places = [model.index_of[item_id] for item_id in item_ids]
        gains["popularity"].append(ndcg(model.popularity[places], values))
        gains["factors"].append(ndcg(model.item_factors[places] @ vector, values))
        gains["second stage"].append(ndcg(scores(model, stage, liked[user], item_ids), values))
    for name, found in gains.items():
        less = np.array(found) - np.array(gains["factors"])
        half = 1.96 * less.std() / len(less) ** 0.5
        print(f"coat: {name} {np.mean(found):.4f}, less factors {less.mean():+.4f} ({half:.4f}), {len(found)} users")
    learned = dict(zip(stage.feature_names, stage.weights.round(3).tolist(), strict=True))
    print(f"coat: {stage.examples} examples, weights {learned}")


def ndcg(found: NDArray[np.floating], values: Floats, k: int = 5) -> float:
    """NDCG@k of an order by `found`."""
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    best = np.sort(values)[::-1][:k]
    return float((values[np.argsort(-found, kind="stable")[:k]] @ discounts) / (best @ discounts))


def main() -> None:
    """Print the figures for docs/measurements."""
    folder = Path(os.environ["FLYWHEEL_DATASETS"])
    obd(folder / "obd-men")
    coat(folder / "coat")


if __name__ == "__main__":
    main()
