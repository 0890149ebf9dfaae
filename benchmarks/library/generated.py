"""Generated item factors of any size: a skewed catalog that looks like ALS factors of real clicks, and an even one.

A *skewed* catalog follows what ALS learns from clicks: popularity is Zipf's (item r has weight 1 / (r + 10)), and the
norm of an item grows with the root of its popularity, times a lognormal spread; its direction is that of one of 200
topics plus noise of its own, both with a falling spectrum, so that a few dimensions hold most of the energy. Users have
histories of 50 items, drawn by popularity from three topics, and their vectors are folded in from these. An *even*
catalog has random directions and norms of one: no bound can help there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

from recommender import ALSConfig, FactorModel

TOPICS = 200
HISTORY = 50


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """What contenders are timed on: a model, implicit's with the same factors, users with vectors and histories."""

    model: FactorModel
    peer: AlternatingLeastSquares
    vectors: np.ndarray
    rows: scipy.sparse.csr_matrix
    histories: list[list[int]]
    hidden: list[np.ndarray]


def generate(items: int, factors: int, users: int, *, skewed: bool, seed: int = 7) -> GeneratedCase:
    """A catalog with users; ids are dense indices, in no order of popularity."""
    rng = np.random.default_rng(seed)
    spectrum = (np.arange(factors) + 2.0) ** -0.5 if skewed else np.ones(factors)
    topics = rng.normal(size=(TOPICS, factors)) * spectrum
    topic = rng.integers(TOPICS, size=items)
    directions = (topics[topic] if skewed else 0.0) + rng.normal(size=(items, factors)) * spectrum
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    weights = 1.0 / (rng.permutation(items) + 10.0)
    if skewed:
        directions *= (np.sqrt(weights / weights.max()) * rng.lognormal(0.0, 0.3, size=items))[:, None]
    turn = np.linalg.qr(rng.normal(size=(factors, factors)))[0]  # ALS favours no axis
    item_factors = (directions @ turn).astype(np.float32)
    config = ALSConfig(factors=factors, regularization=0.01, alpha=1.0, recency_boost=0.0)
    popularity = (weights * items).astype(np.float32)
    model = FactorModel(range(items), item_factors, popularity, config)
    histories = [draw_history(rng, topic, weights) for _ in range(users)]
    hidden = [np.sort(history).astype(np.int32) for history in histories]
    vectors = np.stack([model.fold_in(history) for history in histories])
    if not skewed:
        vectors = rng.normal(size=vectors.shape).astype(np.float32)
    indptr = np.arange(users + 1) * HISTORY
    ones = np.ones(users * HISTORY, dtype=np.float32)
    rows = scipy.sparse.csr_matrix((ones, np.concatenate(hidden), indptr), shape=(users, items))
    peer = AlternatingLeastSquares(factors=factors, regularization=0.01, alpha=1.0, num_threads=1)
    peer.item_factors, peer.user_factors = model.item_factors.copy(), vectors
    return GeneratedCase(model, peer, vectors, rows, histories, hidden)


def draw_history(rng: np.random.Generator, topic: np.ndarray, weights: np.ndarray) -> list[int]:
    """Fifty different items by popularity, from three topics."""
    chances = weights * np.isin(topic, rng.choice(TOPICS, 3, replace=False))
    few = min(HISTORY, int((chances > 0).sum()))
    drawn = rng.choice(len(weights), few, replace=False, p=chances / chances.sum()).tolist()
    while len(drawn) < HISTORY:
        item = int(rng.integers(len(weights)))
        if item not in drawn:
            drawn.append(item)
    return list(drawn)


def generated_events(
    count: int = 50_000, users: int = 900, items: int = 1500, seed: int = 7
) -> list[tuple[int, int, float, float]]:
    """Events (user, item, 1.0, seconds) in order of time, for benchmarks that need a past and a future.

    A user has three of thirty topics and mostly stays with that of the item before; items are popular by Zipf within
    their topic, and a user takes each once, at times one of any topic. Users come and go: each is there for a stretch
    of the time.
    """
    rng = np.random.default_rng(seed)
    topics = rng.integers(30, size=items)
    members = [rng.permutation(np.flatnonzero(topics == topic)) for topic in range(30)]
    favourites = rng.integers(30, size=(users, 3))
    first, activity = rng.random(users) * 0.9 - 0.2, rng.pareto(1.5, users) + 0.2
    stays, current = first + 0.1 + rng.random(users) * 0.6, favourites[:, 0].copy()
    taken: list[set[int]] = [set() for _ in range(users)]
    found: list[tuple[int, int, float, float]] = []
    while len(found) < count:
        now = len(found) / count
        there = np.flatnonzero((first <= now) & (now < stays))
        chances = activity[there] / activity[there].sum()
        for user in rng.choice(there, 200, p=chances).tolist():
            if rng.random() < 0.3:
                current[user] = rng.choice(favourites[user])
            choices = members[current[user]]
            item = int(choices[int(len(choices) * rng.random() ** 2.5)])
            if item in taken[user]:  # now and then something else altogether
                item = int(rng.integers(items))
            if item not in taken[user]:
                taken[user].add(item)
                found.append((user, item, 1.0, float(len(found))))
    return found[:count]
