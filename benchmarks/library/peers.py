"""Peers that the library is measured beside, behind the same `recommend_many`: recent
popularity, EASE, and implicit's ALS as it comes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender import History, Interactions, ItemId, PopularityModel, Recommendation


class Peer(ABC):
    """Items of a log, and histories as rows of a sparse matrix of ones."""

    def __init__(self, log: Interactions) -> None:
        self.item_ids = log.item_ids
        self.index_of = {item_id: index for index, item_id in enumerate(self.item_ids)}

    def rows(self, histories: Iterable[History]) -> scipy.sparse.csr_matrix:
        """Histories as float32 CSR (histories, items)."""
        found = [sorted({self.index_of[item] for item in history if item in self.index_of}) for history in histories]
        indptr = np.cumsum([0, *(len(row) for row in found)])
        indices = np.array([index for row in found for index in row], dtype=np.int32)
        shape = len(found), len(self.item_ids)
        return scipy.sparse.csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr), shape=shape)

    def named(self, ids: Any, scores: Any) -> list[Recommendation]:
        """One list of recommendations from dense indices and scores."""
        pairs = zip(ids.tolist(), scores.tolist(), strict=True)
        return [Recommendation(self.item_ids[index], score) for index, score in pairs]

    def recommend(
        self,
        history: History,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | None = None,
    ) -> list[Recommendation]:
        """One history; filters are not supported here, as nothing measured needs them."""
        if exclude or candidates is not None:
            raise ValueError("peers rank the whole catalog; exclude and candidates must be left out")
        return self.recommend_many([history], k)[0]

    @abstractmethod
    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        """The k best items of each history that are not in it."""


def recent_popularity(log: Interactions, half_life: float) -> PopularityModel:
    """Items by clicks, each counting half after half_life seconds."""
    return PopularityModel(log.item_ids, log.popularity(half_life))


class EASE(Peer):
    """Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (2019): scores = x B, B = I - P / diag(P).

    With `boost`, the history x is weighted by recency, 1 + boost * decay**age, as the library's fold-in is. The matrix
    is as wide as the catalog; `most` keeps the most popular items only, where that would be too wide.
    """

    def __init__(
        self,
        log: Interactions,
        regularization: float,
        boost: float = 0.0,
        decay: float = 0.0,
        most: int = 10_000,
        half_life: float = 0.0,
    ) -> None:
        super().__init__(log)
        self.boost, self.decay = boost, decay
        kept = np.sort(np.argsort(-log.popularity(half_life), kind="stable")[:most])
        self.item_ids = tuple(log.item_ids[index] for index in kept)
        self.index_of = {item_id: index for index, item_id in enumerate(self.item_ids)}
        pairs = log.to_csr()[:, kept]
        pairs.data[:] = 1.0
        gram = np.asarray((pairs.T @ pairs).todense(), dtype=np.float64)
        gram[np.diag_indices_from(gram)] += regularization
        inverse = np.linalg.inv(gram)
        self.weights = -inverse / np.diag(inverse)
        self.weights[np.diag_indices_from(gram)] = 0.0

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        histories = list(histories)
        rows = self.rows(histories)
        taken = rows.nonzero()
        scores = (self.weighted(histories) if self.boost else rows) @ self.weights
        scores[taken] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [self.named(ids, row[ids]) for ids, row in zip(best, scores, strict=True)]

    def weighted(self, histories: Sequence[History]) -> scipy.sparse.csr_matrix:
        """Histories as CSR (histories, items), newer items weighing more."""
        owners, items, weights = [], [], []
        for number, history in enumerate(histories):
            for age, item in enumerate(reversed(list(history))):
                if item in self.index_of:
                    owners.append(number)
                    items.append(self.index_of[item])
                    weights.append(1.0 + self.boost * self.decay**age)
        shape = len(histories), len(self.item_ids)
        return scipy.sparse.csr_matrix((weights, (owners, items)), shape=shape, dtype=np.float64)


class ImplicitFoldIn(Peer):
    """implicit's ALS, each history folded in by its own `recommend(recalculate_user=True)`."""

    def __init__(self, log: Interactions, factors: int, regularization: float, alpha: float, seed: int = 7) -> None:
        super().__init__(log)
        with threadpool_limits(limits=1, user_api="blas"):
            self.model = AlternatingLeastSquares(
                factors=factors, regularization=regularization, alpha=alpha, random_state=seed, num_threads=0
            )
            self.model.fit(log.to_csr(), show_progress=False)

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        rows = self.rows(histories)
        with threadpool_limits(limits=1, user_api="blas"):
            ids, scores = self.model.recommend(np.arange(rows.shape[0]), rows, N=k, recalculate_user=True)
        return [self.named(*row) for row in zip(ids, scores, strict=True)]
