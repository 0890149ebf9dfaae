"""The arms that every model must beat: popularity, chance, and item-to-item neighbours."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import Protocol

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, check_count, check_ids, check_whole
from recommender.interactions.history import History, known_index, resolve_history, resolve_ids
from recommender.interactions.log import Interactions
from recommender.interactions.lookups import in_ascending_order
from recommender.model.answers import Recommendation
from recommender.model.candidates import Candidates, resolve_candidates
from recommender.topk.score_kernels import rank_popular

Ids = NDArray[np.int32]
Weights = NDArray[np.float32]
Ranked = tuple[Ids, NDArray[np.float64]]


class Recommender(Protocol):
    """What every arm can do; `FactorModel` does it too. See `FactorModel.recommend` for what the arguments mean."""

    def recommend(
        self,
        history: History,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | None = None,
    ) -> list[Recommendation]:
        """At most k items, best first, without those of the history and of `exclude`."""
        ...

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        """`recommend` for each history."""
        ...


class _Arm(ABC):
    """Ids and requests, alike in all three arms; `_rank` is what they differ in."""

    def __init__(self, item_ids: Iterable[ItemId]) -> None:
        self.item_ids: tuple[ItemId, ...] = check_ids(item_ids)
        self._index_of = {item_id: index for index, item_id in enumerate(self.item_ids)}

    def recommend(
        self,
        history: History,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | Candidates | None = None,
        *,
        repeat: bool = False,
    ) -> list[Recommendation]:
        """At most k items, best first; arguments and errors as in `FactorModel.recommend`."""
        count = min(check_count(k), len(self.item_ids))
        items, weights = resolve_history(history, self._index_of)
        excluded = resolve_ids(exclude, self._index_of, "exclude")
        hidden = in_ascending_order(excluded) if repeat else in_ascending_order(items, excluded)
        chosen = resolve_candidates(candidates, self._index_of)
        ids, scores = self._rank(items, weights, count, hidden, None if chosen is None else chosen.indices)
        return [
            Recommendation(self.item_ids[index], score)
            for index, score in zip(ids.tolist(), scores.tolist(), strict=True)
        ]

    def candidates(self, ids: Collection[ItemId]) -> Candidates:
        """Ids to choose among, looked up once, as in `FactorModel.candidates`."""
        return Candidates.of(ids, self._index_of)

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        """`recommend` for each history."""
        return [self.recommend(history, k) for history in histories]

    @abstractmethod
    def _rank(self, items: Ids, weights: Weights, k: int, hidden: Ids, chosen: Ids | None) -> Ranked:
        """Dense indices and scores of at most k items, best first, none hidden, all of `chosen` if that is given."""


class PopularityModel(_Arm):
    """The same list for everybody: items by the sum of their positive weights, ties in catalog order."""

    def __init__(self, item_ids: Iterable[ItemId], popularity: NDArray[np.float32]) -> None:
        """popularity float32 (items,), aligned with item_ids."""
        super().__init__(item_ids)
        if np.shape(popularity) != (len(self.item_ids),):
            raise ValueError(
                f"popularity must hold one number an item id, {len(self.item_ids)}; got shape {np.shape(popularity)}"
            )
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is refused
            self.popularity = np.asarray(popularity, dtype=np.float32)
        if not np.isfinite(self.popularity).all():
            raise ValueError("popularity must be finite numbers, also as float32; lower the weights it is summed from")
        self._popular = np.argsort(-self.popularity, kind="stable").astype(np.int32)

    @classmethod
    def from_interactions(cls, log: Interactions) -> PopularityModel:
        """Popularity as counted in a log."""
        return cls(log.item_ids, log.popularity())

    def _rank(self, items: Ids, weights: Weights, k: int, hidden: Ids, chosen: Ids | None) -> Ranked:
        popular = self._popular if chosen is None else chosen[np.argsort(-self.popularity[chosen], kind="stable")]
        ids, scores = np.empty(k, dtype=np.int32), np.empty(k)
        found = rank_popular(popular, self.popularity, hidden, ids, scores)
        return ids[:found], scores[:found]


class RandomModel(_Arm):
    """Every order equally likely; the draw depends on the seed and the history alone, so it can be repeated. Scores
    are 0.
    """

    def __init__(self, item_ids: Iterable[ItemId], seed: int) -> None:
        super().__init__(item_ids)
        self.seed = check_whole(seed, "seed", 0)

    def _rank(self, items: Ids, weights: Weights, k: int, hidden: Ids, chosen: Ids | None) -> Ranked:
        rng = np.random.default_rng((self.seed, zlib.crc32(items.tobytes())))
        pool = len(self.item_ids) if chosen is None else len(chosen)
        drawn = rng.choice(pool, size=min(pool, k + len(hidden)), replace=False)
        ids = (drawn if chosen is None else chosen[drawn]).astype(np.int32)
        ids = ids[~np.isin(ids, hidden)][:k]
        return ids, np.zeros(len(ids))


class ItemToItemModel(_Arm):
    """Items whose audiences overlap with those of the history: the sum of similarities to each of its items.

    Similarity is the cosine of the items' columns after BM25 weighting of the log (K1 = 100, B = 0.5, as in implicit's
    and Robertson's formula with users as documents), and each item keeps its `neighbours` nearest.
    """

    def __init__(
        self, item_ids: Iterable[ItemId], similarity: scipy.sparse.csr_matrix, popularity: NDArray[np.float32]
    ) -> None:
        """similarity CSR (items, items), row i holding the neighbours of item i; popularity float32 (items,)."""
        super().__init__(item_ids)
        items = len(self.item_ids)
        if similarity.shape != (items, items) or not np.isfinite(similarity.data).all():
            raise ValueError(
                f"similarity must hold finite numbers, a row and a column for each of {items} items; "
                f"got shape {similarity.shape}"
            )
        self._similarity = similarity
        self._popularity = PopularityModel(self.item_ids, popularity)

    @classmethod
    def from_interactions(cls, log: Interactions, neighbours: int = 100) -> ItemToItemModel:
        """Neighbours as found in a log; negative weights are left out."""
        check_count(neighbours)
        return cls(log.item_ids, _neighbours(_bm25(log.to_csr()), neighbours), log.popularity())

    def similar(self, item_id: ItemId, k: int = 10) -> list[Recommendation]:
        """The k nearest neighbours of an item; ValueError when it is unknown."""
        known_index(item_id, self._index_of)
        return self.recommend([item_id], k)

    def _rank(self, items: Ids, weights: Weights, k: int, hidden: Ids, chosen: Ids | None) -> Ranked:
        if not (weights > 0).any():
            return self._popularity._rank(items, weights, k, hidden, chosen)
        rows = self._similarity[items]
        ids, place = np.unique(rows.indices, return_inverse=True)
        scores = np.bincount(place, rows.data * np.repeat(weights, np.diff(rows.indptr)), minlength=len(ids))
        kept = ~np.isin(ids, hidden)
        if chosen is not None:
            kept &= np.isin(ids, chosen)
        ids, scores = ids[kept], scores[kept]
        best = np.lexsort((ids, -scores))[:k]
        return ids[best].astype(np.int32), scores[best].astype(np.float64, copy=False)


def _bm25(weights: scipy.sparse.csr_matrix, k1: float = 100.0, b: float = 0.5) -> scipy.sparse.csr_matrix:
    """BM25 weighting of a (users, items) matrix, each item's column scaled to length one."""
    matrix = weights.maximum(0).tocoo()
    users = max(1, matrix.shape[0])
    rarity = np.log(users) - np.log1p(np.bincount(matrix.col, minlength=matrix.shape[1]))
    length = np.asarray(matrix.sum(axis=1)).ravel()
    scale = (1.0 - b) + b * length / max(float(length.sum()) / users, 1e-12)
    data = matrix.data * (k1 + 1.0) / (k1 * scale[matrix.row] + matrix.data) * np.maximum(rarity[matrix.col], 1e-3)
    norms = np.sqrt(np.bincount(matrix.col, data**2, minlength=matrix.shape[1]))
    norms[norms == 0] = 1.0
    return scipy.sparse.csr_matrix((data / norms[matrix.col], (matrix.row, matrix.col)), shape=matrix.shape)


def _neighbours(columns: scipy.sparse.csr_matrix, count: int, band: int = 512) -> scipy.sparse.csr_matrix:
    """The `count` largest off-diagonal entries of each row of columns' Gram matrix, a band of rows at a time."""
    by_item = columns.T.tocsr()
    bands = []
    for start in range(0, by_item.shape[0], band):
        dense = (by_item[start : start + band] @ columns).toarray()
        dense[np.arange(len(dense)), start + np.arange(len(dense))] = 0.0
        if dense.shape[1] > count:
            cut = np.partition(dense, dense.shape[1] - count, axis=1)[:, -count]
            dense[dense < cut[:, None]] = 0.0
        bands.append(scipy.sparse.csr_matrix(dense))
    return scipy.sparse.vstack(bands, format="csr") if bands else scipy.sparse.csr_matrix((0, 0))
