"""Speed of exact top 10 on factors that implicit trained on Gowalla, beside implicit's own `recommend` and NumPy.

FLYWHEEL_DATASETS=folder python -m benchmarks.library.scoring [--factors 64 128] [--users 300] [--rounds 5]

Everything runs on one thread, on the same factors, for the same users, one call after the other, seen items hidden.
Every answer of every contender is checked against the NumPy twin before anything is timed. Two levels: the *kernel*
call (user vector in, ids and scores out) and the *public* call (history in, fold-in included). Times are of single
calls, in microseconds; a round goes through all users, and the table gives medians over users of the best of all
rounds.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from benchmarks.library.datasets import gowalla
from benchmarks.machine import keep
from recommender import ALSConfig, FactorModel, Interactions, warm_up
from recommender.als.principal_axes import axes_to_turn_to, gram_of, turn
from recommender.topk.twins import exact_scores

K = 10
TRAINING: dict[str, Any] = {"regularization": 0.01, "alpha": 1.0, "iterations": 8, "random_state": 7}
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """Factors and users that all contenders are timed on."""

    peer: AlternatingLeastSquares
    model: FactorModel
    pairs: scipy.sparse.csr_matrix
    users: list[int]
    hidden: dict[int, np.ndarray]
    histories: dict[int, list[Any]]


def prepare(log: Interactions, factors: int, users: int) -> Case:
    """Train implicit on a log and take its factors into a FactorModel, recency off, so that both fold in alike."""
    pairs = log.to_csr()
    peer = AlternatingLeastSquares(factors=factors, num_threads=0, **TRAINING)
    peer.fit(pairs, show_progress=False)
    peer.num_threads = 1
    config = ALSConfig(
        factors=factors, regularization=TRAINING["regularization"], alpha=TRAINING["alpha"], recency_boost=0.0
    )
    model = FactorModel(log.item_ids, peer.item_factors.copy(), log.popularity(), config)
    axes = axes_to_turn_to(gram_of(peer.item_factors), config.regularization)  # in which the model has them
    peer.item_factors, peer.user_factors = model.item_factors.copy(), turn(peer.user_factors, axes)
    chosen = np.random.default_rng(1).choice(pairs.shape[0], size=users, replace=False).tolist()
    hidden = {user: np.sort(pairs[user].indices).astype(np.int32) for user in chosen}
    histories = {user: [log.item_ids[item] for item in hidden[user]] for user in chosen}
    return Case(peer, model, pairs, chosen, hidden, histories)


def contenders(case: Case) -> dict[str, Callable[[int], Any]]:
    """Each takes a user and returns dense ids, best first."""
    rows = {user: case.pairs[user] for user in case.users}
    vectors, items = case.peer.user_factors, case.model.item_factors

    def with_numpy(user: int) -> Any:
        scores = items @ vectors[user]
        scores[case.hidden[user]] = -np.inf
        best = np.argpartition(scores, -K)[-K:]
        return best[np.argsort(-scores[best])]

    return {
        "kernel: this library": lambda user: case.model.rank(vectors[user], K, case.hidden[user])[0],
        "kernel: implicit recommend": lambda user: case.peer.recommend(user, rows[user], N=K)[0],
        "kernel: NumPy matmul, argpartition": with_numpy,
        "public: this library": lambda user: [hit.item_id for hit in case.model.recommend(case.histories[user], K)],
        "public: implicit, recalculate_user": lambda user: case.peer.recommend(
            user, rows[user], N=K, recalculate_user=True
        )[0],
    }


def check(case: Case, asked: dict[str, Callable[[int], Any]]) -> None:
    """Every contender's items must score as the true top 10 do; this library's kernel must name exactly those items."""
    vectors, hidden = case.peer.user_factors[case.users], [case.hidden[user] for user in case.users]
    for user, (ids, _) in zip(case.users, case.model.rank_many(vectors, K, hidden), strict=True):
        if not np.array_equal(ids, case.model.rank(case.peer.user_factors[user], K, case.hidden[user])[0]):
            raise SystemExit(f"in a batch user {user} is answered {ids.tolist()}, which is not what is answered alone")
    for user in case.users:
        for name, ask in asked.items():
            public = name.startswith("public")
            vector = case.model.fold_in(case.histories[user]) if public else case.peer.user_factors[user]
            scores = exact_scores(vector, case.model.item_factors)
            scores[case.hidden[user]] = -np.inf
            true = np.lexsort((np.arange(len(scores)), -scores))[:K]
            found = ask(user)
            if name == "public: this library":
                found = [case.model.index_of[item_id] for item_id in found]
            exact = "this library" in name
            same = np.array_equal(found, true) if exact else np.allclose(scores[found], scores[true], rtol=2e-3)
            if not same:
                raise SystemExit(f"{name} answers {list(found)} for user {user}, the true top {K} is {true.tolist()}")


def time_all(users: Sequence[int], asked: dict[str, Callable[[int], Any]], rounds: int) -> dict[str, np.ndarray]:
    """Seconds of each call, float64 (users,): the best of `rounds` for every user, contenders taking turns."""
    best = {name: np.full(len(users), np.inf) for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            for place, user in enumerate(users):
                start = time.perf_counter()
                ask(user)
                best[name][place] = min(best[name][place], time.perf_counter() - start)
    return best


def time_batch(case: Case, rounds: int) -> dict[str, float]:
    """Seconds a user of one call for many, one thread each: vectors in (kernel), or histories, fold-in included."""
    users = case.users[:BATCH]
    histories, rows = [case.histories[user] for user in users], case.pairs[users]
    vectors, hidden = case.peer.user_factors[users], [case.hidden[user] for user in users]
    calls: dict[str, Callable[[], Any]] = {
        "batch kernel: this library": lambda: case.model.rank_many(vectors, K, hidden),
        "batch kernel: implicit recommend": lambda: case.peer.recommend(users, rows, N=K),
        "batch: this library": lambda: case.model.recommend_many(histories, K),
        "batch: implicit, recalculate_user": lambda: case.peer.recommend(users, rows, N=K, recalculate_user=True),
    }
    best = dict.fromkeys(calls, np.inf)
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], (time.perf_counter() - start) / len(users))
    return best


def measure(log: Interactions, factors: int, users: int, rounds: int) -> dict[str, Any]:
    """Check, then time, for one width of factors."""
    case = prepare(log, factors, users)
    asked = contenders(case)
    check(case, asked)
    seconds = time_all(case.users, asked, rounds)
    batch = time_batch(case, rounds)
    print(f"\n{factors} factors, {len(case.model):,} items, {users} users   median us   mean us   p95 us")
    rows = []
    for name, values in seconds.items():
        row = {
            "contender": name,
            "median_us": round(float(np.median(values)) * 1e6, 1),
            "mean_us": round(float(values.mean()) * 1e6, 1),
            "p95_us": round(float(np.percentile(values, 95)) * 1e6, 1),
        }
        rows.append(row)
        print(f"  {name:40s} {row['median_us']:12.1f} {row['mean_us']:9.1f} {row['p95_us']:8.1f}")
    for name, value in batch.items():
        rows.append({"contender": name, "mean_us": round(value * 1e6, 1)})
        print(f"  {name:40s} {'':12s} {value * 1e6:9.1f}   a user, {min(BATCH, users)} at a time")
    ratios = {
        "kernel": _ratio(seconds, "kernel: implicit recommend", "kernel: this library"),
        "public": _ratio(seconds, "public: implicit, recalculate_user", "public: this library"),
        "batch kernel": round(batch["batch kernel: implicit recommend"] / batch["batch kernel: this library"], 1),
        "batch": round(batch["batch: implicit, recalculate_user"] / batch["batch: this library"], 1),
    }
    print(f"  times faster than implicit: {ratios}")
    return {"factors": factors, "users": users, "rounds": rounds, "times": rows, "times_faster_than_implicit": ratios}


def _ratio(seconds: dict[str, np.ndarray], peer: str, own: str) -> float:
    return round(float(np.median(seconds[peer]) / np.median(seconds[own])), 1)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    quick = bool(os.environ.get("QUICK"))
    parser.add_argument(
        "--factors", type=int, nargs="+", default=[64] if quick else [64, 128], help="widths to measure"
    )
    parser.add_argument("--users", type=int, default=50 if quick else 300, help="users drawn (seeded)")
    parser.add_argument("--rounds", type=int, default=3 if quick else 5, help="times that every call is repeated")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    log = Interactions.from_rows(gowalla())
    warm_up()
    with threadpool_limits(limits=1, user_api="blas"):
        results = [measure(log, width, arguments.users, arguments.rounds) for width in arguments.factors]
    result = {"data": "gowalla", "training": TRAINING, "k": K, "threads": 1, "results": results}
    print(f"\n-> {keep('scoring', result, arguments.out)}")


if __name__ == "__main__":
    main()
