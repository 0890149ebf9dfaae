"""Full ranking without order, on standard splits: who ranks what was held out best, items of training hidden.

    FLYWHEEL_DATASETS=folder python -m benchmarks.library.ranking [--datasets ml-1m-m1 gowalla] [--out FOLDER]

NDCG@20 and Recall@20 over all users of the test part. The library's settings were chosen on a tenth of the training
part, held out at random; peers run with the settings written here. Rows have no order in these sets, so recency is off
and transitions, where they are on, lead both ways between the items of one user. EASE needs a matrix as wide as the
catalog and is left out on gowalla (published: 0.1467). QUICK=1 runs ml-1m-m1 alone. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from benchmarks.library.datasets import gowalla, movielens_1m
from benchmarks.library.peers import EASE
from benchmarks.machine import keep
from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions
from recommender.als.implicit_fit import fit_implicit

K = 20
CHUNK = 1000
Scores = Callable[[NDArray[np.intp]], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """A split, the settings it is trained with, and what it has to reach."""

    load: Callable[[str], list[tuple[int, int]]]
    config: ALSConfig
    target: float
    published: str
    ease: bool


UNORDERED: dict[str, Any] = {"recency_boost": 0.0, "transition_weight": 0.0, "regularization_exponent": 1.0}
TOGETHER: dict[str, Any] = {
    "transition_weight": 0.5, "transition_ordered": False, "transition_decay": 1.0, "transition_recency": 1.0,
    "transition_activity_damping": 0.5, "transition_damping": 0.5, "transition_window": 50, "transition_history": 1000,
    "transition_shrinkage": 10.0,
}  # fmt: skip
"""Items of one user lead to each other, whatever their order."""
CASES = {
    "ml-1m-m1": Case(
        movielens_1m,
        ALSConfig(factors=128, alpha=5.0, regularization=49.0, iterations=12, **UNORDERED),
        0.267,
        "SimpleX 0.2670",
        True,
    ),
    "gowalla": Case(
        gowalla,
        ALSConfig(factors=256, alpha=15.0, regularization=10.0, iterations=5, **UNORDERED | TOGETHER),
        0.147,
        "EASE 0.1467, LightGCN 0.1547",
        False,
    ),
}


def judge(
    scores: Scores, train: scipy.sparse.csr_matrix, test: scipy.sparse.csr_matrix
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """NDCG@20 and Recall@20 of every user of the test part."""
    users = np.flatnonzero(np.diff(test.indptr))
    discounts = 1.0 / np.log2(np.arange(2, K + 2))
    ndcg, recall = np.zeros(len(users)), np.zeros(len(users))
    for start in range(0, len(users), CHUNK):
        chunk = users[start : start + CHUNK]
        given = np.array(scores(chunk))
        given[train[chunk].nonzero()] = -np.inf
        top = np.argpartition(-given, K, axis=1)[:, :K]
        top = np.take_along_axis(top, np.argsort(-np.take_along_axis(given, top, 1), axis=1, kind="stable"), 1)
        wanted = test[chunk].toarray().astype(bool)
        hits = np.take_along_axis(wanted, top, 1)
        counts = wanted.sum(axis=1)
        best = np.cumsum(discounts)[np.minimum(counts, K) - 1]
        ndcg[start : start + CHUNK] = hits @ discounts / best
        recall[start : start + CHUNK] = hits.sum(axis=1) / counts
    return ndcg, recall


def measure(name: str, case: Case) -> dict[str, Any]:
    """Every arm on one split."""
    rows = case.load("train")
    log = Interactions.from_rows(rows)
    train = log.to_csr()
    held_out = [
        (log.user_index(user), log.item_index(item))
        for user, item in case.load("test")
        if log.user_index(user) is not None and log.item_index(item) is not None
    ]
    places = tuple(np.array(held_out).T)
    test = scipy.sparse.csr_matrix((np.ones(len(held_out), dtype=np.float32), places), shape=train.shape)
    results: list[dict[str, Any]] = []

    def report(arm: str, seconds: float, scores: Scores, settings: dict[str, Any]) -> None:
        ndcg, recall = judge(scores, train, test)
        figures = {"ndcg_at_20": round(float(ndcg.mean()), 5), "recall_at_20": round(float(recall.mean()), 5)}
        results.append({"arm": arm, **figures, "train_s": round(seconds, 1), "settings": settings})
        print(f"{arm:44s} {ndcg.mean():8.4f} {recall.mean():10.4f} {seconds:8.1f} s", flush=True)

    popularity = log.popularity()
    report("popularity", 0.0, lambda users: np.tile(popularity, (len(users), 1)), {})
    if case.ease:
        start = time.perf_counter()
        ease = EASE(log, regularization=250.0)
        report("EASE", time.perf_counter() - start, lambda users: train[users] @ ease.weights, {"regularization": 250})
    config = case.config
    plain = {"factors": config.factors, "alpha": config.alpha, "regularization": config.regularization}
    start = time.perf_counter()
    cold = np.random.default_rng(7).random((log.items, config.factors), dtype=np.float32) * np.float32(0.01)
    users_plain, items_plain = fit_implicit(
        train * np.float32(config.alpha), cold, config, sweeps=config.iterations, seed=7
    )
    seconds = time.perf_counter() - start
    report("implicit ALS, same width", seconds, lambda users: users_plain[users] @ items_plain.T, plain)
    trainer = ALSTrainer(config, seed=7)
    fit = trainer.fit(log)
    model = trainer.model()
    vectors = trainer.user_factors
    check(model, vectors, train)
    settings = plain | {"regularization_exponent": config.regularization_exponent}
    taste = "this library, factors alone" if config.transition_weight else "this library"
    report(taste, fit.seconds, lambda users: vectors[users] @ model.item_factors.T, settings)
    if config.transition_weight:
        settings = settings | TOGETHER
        report("this library", fit.seconds, blended_scores(model, vectors, train), settings)
        check_blend(model, train)
    return {"data": name, "users": int((np.diff(test.indptr) > 0).sum()), "items": log.items, "arms": results,
            "target_ndcg_at_20": case.target, "published_ndcg_at_20": case.published}  # fmt: skip


def blended_scores(model: FactorModel, vectors: NDArray[np.float32], train: scipy.sparse.csr_matrix) -> Scores:
    """The scores of `FactorModel.recommend` for whole histories, from these vectors float32 (users, factors)."""
    following, items = model.transitions, len(model)
    matrix = scipy.sparse.csr_matrix((following.next_weights, following.next_ids, following.indptr), (items, items))
    gram = model.item_factors.astype(np.float64).T @ model.item_factors

    def scores(users: NDArray[np.intp]) -> NDArray[Any]:
        wide = vectors[users].astype(np.float64)
        reach = np.sqrt(np.maximum(np.einsum("uf,uf->u", wide @ gram, wide), 0.0))
        together = (train[users] @ matrix).toarray()
        lengths = np.linalg.norm(together, axis=1)
        scale = model.config.transition_weight * reach / np.maximum(lengths, 1e-12)
        scores: NDArray[Any] = vectors[users] @ model.item_factors.T + scale[:, None].astype(np.float32) * together
        if model.config.trend_weight:
            lift = (model.config.trend_weight * following.trend_weights).astype(np.float32)
            scores[:, following.trend_ids] += reach[:, None].astype(np.float32) * lift
        return scores

    return scores


def check_blend(model: FactorModel, train: scipy.sparse.csr_matrix) -> None:
    """The model ranks folded-in histories by the scores that are judged. Raises AssertionError otherwise."""
    for user in range(0, 50, 7):
        history = [model.item_ids[item] for item in train[user].indices]
        vectors = np.zeros((train.shape[0], model.config.factors), dtype=np.float32)
        vectors[user] = model.fold_in(history)
        dense = blended_scores(model, vectors, train)(np.array([user]))[0]
        dense[train[user].indices] = -np.inf
        hits = model.recommend(history, K)
        expected = np.sort(dense)[::-1][:K]
        assert np.allclose([hit.score for hit in hits], expected, rtol=1e-3), f"user {user} is ranked by other scores"


def check(model: Any, vectors: NDArray[np.float32], train: scipy.sparse.csr_matrix) -> None:
    """The scores that are judged are those that the model ranks by. Raises AssertionError otherwise."""
    for user in range(0, 50, 7):
        hidden = np.sort(train[user].indices)
        ids, scores = model.rank(vectors[user], K, hidden)
        dense = model.item_factors.astype(np.float64) @ vectors[user].astype(np.float64)
        assert np.allclose(dense[ids], scores), f"user {user} is ranked by other scores"
        dense[hidden] = -np.inf
        assert np.isclose(dense.max(), scores[0]), f"user {user} has a better item"


def main() -> None:
    """Measure, print, keep: one file for all sets."""
    quick = bool(os.environ.get("QUICK"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = list(CASES)
    parser.add_argument("--datasets", nargs="+", choices=names, default=names[:1] if quick else names)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    for name in arguments.datasets:
        print(f"\n{name:44s}  NDCG@20  Recall@20    train")
        result = measure(name, CASES[name])
        print(f"target {CASES[name].target}, published: {CASES[name].published}")
        print(f"-> {keep(f'ranking-{name}', result, arguments.out)}")


if __name__ == "__main__":
    main()
