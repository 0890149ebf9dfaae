"""Data without order: what `train` and `tune` reach by themselves, beside peers that are tuned by hand.

    FLYWHEEL_DATASETS=folder python -m benchmarks.library.tuned [--datasets coat …] [--seconds 60] [--out FOLDER]

Sets are those without times, and sets whose times are dropped: gowalla and ml-1m-m1 in their published splits, and
coat (ratings of 4 and 5), ml-100k, ml-1m and the newest 400,000 clicks of globo, of which a fifth of each user's items
is held out at random. NDCG@20 over all users of the test part, items of training hidden. "Defaults of before" are
`ALSConfig()` with rows taken in their order, which was the default of version 0.2.0. Peers are tuned on a tenth of the
training rows held out at random, over the grids written here; EASE is left out where its matrix would not fit. `tune`
and `train` see the training part alone. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from benchmarks.library.datasets import coat, globo, gowalla, movielens_1m, movielens_1m_all, movielens_100k
from benchmarks.library.peers import EASE
from benchmarks.library.ranking import Scores, blended_scores, judge
from benchmarks.machine import keep
from recommender import ALSConfig, ALSTrainer, Interactions, config_for, tune
from recommender.als.implicit_fit import fit_implicit
from recommender.evaluation import paired_interval
from recommender.model.baselines import _bm25, _neighbours

Pairs = Sequence[tuple[Any, Any]]
LARGEST_MATRIX = 6_000
"""Items up to which EASE's matrix is inverted, and those up to which BM25 neighbours are searched."""
LARGEST_NEIGHBOURS = 50_000
SEED, HELD_OUT, MOST_USERS = 7, 0.2, 3000


def split_pairs(pairs: Pairs, share: float = HELD_OUT) -> tuple[Pairs, Pairs]:
    """A share of each user's items held out at random; the rest in an order drawn by chance."""
    rng = np.random.default_rng(SEED)
    of_user: dict[Any, list[Any]] = {}
    for user, item in dict.fromkeys(pairs):
        of_user.setdefault(user, []).append(item)
    kept: list[tuple[Any, Any]] = []
    out: list[tuple[Any, Any]] = []
    for user, items in of_user.items():
        hidden = set(rng.permutation(len(items))[: int(len(items) * share)].tolist())
        for place, item in enumerate(items):
            (out if place in hidden else kept).append((user, item))
    return [kept[place] for place in rng.permutation(len(kept))], out


def newest_globo() -> tuple[Pairs, Pairs]:
    """The newest clicks of readers with five or more, on articles with three or more, without their times."""
    events = globo()[-400_000:]
    users, items = Counter(event[0] for event in events), Counter(event[1] for event in events)
    return split_pairs([(user, item) for user, item, _, _ in events if users[user] >= 5 and items[item] >= 3])


SETS: dict[str, Callable[[], tuple[Pairs, Pairs]]] = {
    "coat": lambda: split_pairs(coat()),
    "ml-100k": lambda: split_pairs([event[:2] for event in movielens_100k()]),
    "globo": newest_globo,
    "ml-1m-m1": lambda: (movielens_1m("train"), movielens_1m("test")),
    "ml-1m": lambda: split_pairs(movielens_1m_all()),
    "gowalla": lambda: (gowalla("train"), gowalla("test")),
}


def matrix_of(log: Interactions, pairs: Pairs) -> scipy.sparse.csr_matrix:
    """Pairs as float32 CSR of ones (users, items) by the numbers of a log; what it does not know is left out."""
    numbered = [(log.user_index(user), log.item_index(item)) for user, item in pairs]
    known = np.array([pair for pair in numbered if None not in pair], dtype=np.int64).reshape(-1, 2)
    shape = log.user_slots, log.items
    return scipy.sparse.csr_matrix((np.ones(len(known), np.float32), (known[:, 0], known[:, 1])), shape=shape)


def implicit_scores(train: scipy.sparse.csr_matrix, factors: int, alpha: float, share: float) -> Scores:
    """implicit's ALS; `share` is regularization relative to alpha times the largest singular value of the matrix."""
    strength = float(scipy.sparse.linalg.svds(train, k=1, return_singular_vectors=False)[0])
    config = ALSConfig(factors=factors, alpha=alpha, regularization=share * alpha * strength, threads=1)
    cold = np.random.default_rng(SEED).random((train.shape[1], factors), dtype=np.float32) * np.float32(0.01)
    users, items = fit_implicit(train * np.float32(alpha), cold, config, sweeps=10, seed=SEED)
    return lambda chosen: users[chosen] @ items.T


def peers(items: int) -> dict[str, tuple[Callable[..., Scores], list[dict[str, Any]]]]:
    """Ways to score, by name, each with the settings that are tried."""

    def ease(log: Interactions, train: scipy.sparse.csr_matrix, regularization: float) -> Scores:
        weights = EASE(log, regularization, most=LARGEST_MATRIX).weights
        return lambda users: train[users] @ weights

    def neighbours(log: Interactions, train: scipy.sparse.csr_matrix, count: int) -> Scores:
        similar = _neighbours(_bm25(train), count, band=64 if items > LARGEST_MATRIX else 512)
        return lambda users: (train[users] @ similar).toarray()

    def implicit(log: Interactions, train: scipy.sparse.csr_matrix, **settings: Any) -> Scores:
        return implicit_scores(train, **settings)

    found: dict[str, tuple[Callable[..., Scores], list[dict[str, Any]]]] = {
        "popularity": (lambda log, train: lambda users: np.tile(log.popularity(), (len(users), 1)), [{}]),
    }
    if items <= LARGEST_NEIGHBOURS:
        found["BM25 neighbours"] = neighbours, [{"count": count} for count in (50, 200, 400)]
    if items <= LARGEST_MATRIX:
        found["EASE"] = ease, [{"regularization": value} for value in (50.0, 150.0, 400.0, 1000.0)]
    found["implicit ALS"] = (
        implicit,
        [
            {"factors": factors, "alpha": alpha, "share": share}
            for factors, alpha in ((64, 1.0), (64, 5.0), (64, 20.0), (128, 1.0), (128, 5.0), (128, 20.0), (256, 20.0))
            for share in (0.03, 0.1)
        ],
    )
    return found


def measure(name: str, seconds: float, clock: Callable[[], float], *, alone: bool) -> dict[str, Any]:
    """Every arm on one set; `alone`: `train` and `tune` only."""
    rows, held_out = SETS[name]()
    log = Interactions.from_rows(rows)
    train = log.to_csr()
    train.data[:] = 1.0
    test = matrix_of(log, held_out)
    inner_rows, inner_out = _tenth(rows)
    inner = Interactions.from_rows(inner_rows)
    inner_train, inner_test = inner.to_csr(), _some_users(matrix_of(inner, inner_out))
    print(f"\n{name}: {log.rows:,} rows, {log.users:,} users, {log.items:,} items, judged on {held_out and test.nnz:,}")
    results: list[dict[str, Any]] = []
    values: dict[str, NDArray[np.float64]] = {}

    def report(arm: str, scores: Scores, began: float, settings: dict[str, Any], *, peer: bool = False) -> None:
        values[arm], recall = judge(scores, train, test)
        spent = round(clock() - began, 1)
        figures = {"ndcg_at_20": round(float(values[arm].mean()), 5), "recall_at_20": round(float(recall.mean()), 5)}
        results.append({"arm": arm, "peer": peer, **figures, "seconds": spent, "settings": settings})
        print(f"{arm:36s} {values[arm].mean():8.4f} {recall.mean():8.4f} {spent:8.1f} s  {settings}", flush=True)

    for arm, (make, tried) in ({} if alone else peers(log.items)).items():
        began = clock()
        quality = [
            judge(make(inner, inner_train, **settings), inner_train, inner_test)[0].mean() if len(tried) > 1 else 0.0
            for settings in tried
        ]
        best = tried[int(np.argmax(quality))]
        report(arm, make(log, train, **best), began, best, peer=True)
    before = "defaults of before"
    own = [("train(log, ALSConfig())", log, ALSConfig(threads=1)), ("train(log)", log, config_for(log))]
    if not alone:
        own.insert(0, (before, Interactions.from_rows(rows, ordered=True), ALSConfig(threads=1)))
    for arm, data, config in own:
        began = clock()
        report(arm, library_scores(data, config, train), began, _changed(config))
    began = clock()
    tuned = tune(log, seconds, SEED, clock=clock, on_progress=lambda share, what: None)
    print(tuned.report, flush=True)
    found = {"tune_cpu_s": round(tuned.report.seconds, 1), "stopped": tuned.report.stopped_by_clock}
    report("tune", library_scores(log, tuned.config, train), began, _changed(tuned.config) | found)
    ranked = sorted((row for row in results if row["peer"]), key=lambda row: -float(row["ndcg_at_20"]))
    best_peer = ranked[0]["arm"] if ranked else None
    ahead = {}
    for arm in ("train(log)", "tune"):
        for other in [best_peer, before] if best_peer else []:
            interval = paired_interval(values[arm], values[other])
            ahead[f"{arm} less {other}"] = {
                "mean": round(interval.mean, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)
            }  # fmt: skip
            print(f"{arm} less {other}: {interval.mean:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})", flush=True)
    return {"data": name, "rows": log.rows, "users": log.users, "items": log.items, "arms": results,
            "best_peer": best_peer, "ahead": ahead, "report": str(tuned.report).splitlines()}  # fmt: skip


def library_scores(log: Interactions, config: ALSConfig, train: scipy.sparse.csr_matrix) -> Scores:
    """Scores of all items by a model of this library, for the histories of the log."""
    trainer = ALSTrainer(config, seed=SEED)
    trainer.fit(log)
    model = trainer.model()
    if model.config.recency_boost:  # the newest count more at fold-in than in training
        vectors = np.stack([
            model.fold_in(list(log.history(user))) if user is not None else np.zeros(config.factors, np.float32)
            for user in log.user_ids
        ])  # fmt: skip
    else:
        vectors = trainer.user_factors
    if model.config.transition_ordered and model.config.transition_weight:
        return _by_recommending(model, log, vectors)
    return blended_scores(model, vectors, train)


def _by_recommending(model: Any, log: Interactions, vectors: NDArray[np.float32]) -> Scores:
    """Scores as `recommend` gives them for the best items of each history, and nothing for the others."""

    def scores(users: NDArray[np.intp]) -> NDArray[Any]:
        found = np.full((len(users), log.items), -1e30, dtype=np.float64)
        histories = [list(log.history(log.user_ids[user])) for user in users]
        for row, hits in enumerate(model.recommend_many(histories, 20)):
            for hit in hits:
                found[row, log.item_index(hit.item_id)] = hit.score
        return found

    return scores


def _tenth(rows: Pairs) -> tuple[Pairs, Pairs]:
    out = np.random.default_rng(SEED + 1).random(len(rows)) < 0.1
    return [row for row, held in zip(rows, out, strict=True) if not held], [
        row for row, held in zip(rows, out, strict=True) if held
    ]


def _some_users(test: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """The rows of MOST_USERS users drawn by chance, those of the others empty."""
    users = np.flatnonzero(np.diff(test.indptr))
    kept = np.zeros(test.shape[0], dtype=np.float32)
    kept[np.random.default_rng(SEED).permutation(users)[:MOST_USERS]] = 1.0
    some = scipy.sparse.csr_matrix(scipy.sparse.diags(kept) @ test)
    some.eliminate_zeros()
    return some


def _changed(config: ALSConfig) -> dict[str, Any]:
    """Settings that differ from the defaults."""
    plain = ALSConfig()
    names = ALSConfig.__dataclass_fields__
    return {name: getattr(config, name) for name in names if getattr(config, name) != getattr(plain, name)}


def main() -> None:
    """Measure, print, keep: one file a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = list(SETS)
    default = names[:2] if os.environ.get("QUICK") else names
    parser.add_argument("--datasets", nargs="+", choices=names, default=default)
    parser.add_argument("--seconds", type=float, default=60.0, help="budget of tune")
    parser.add_argument("--cpu", action="store_true", help="measure time by the processor's clock (a shared machine)")
    parser.add_argument("--alone", action="store_true", help="leave out the peers and the defaults of before")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    for name in arguments.datasets:
        result = measure(
            name, arguments.seconds, time.process_time if arguments.cpu else time.monotonic, alone=arguments.alone
        )
        print(f"-> {keep(f'tuned-{name}', result, arguments.out)}")


if __name__ == "__main__":
    main()
