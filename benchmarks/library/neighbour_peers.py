"""Neighbours of sessions as peers: vector session neighbours (V-SKNN) and STAN, which weigh the steps of what somebody
is doing now and of what others did by their order and age.

Ludewig and Jannach, "Evaluation of Session-based Recommendation Algorithms" (2018); Garg, Gupta, Malhotra, Vig, Shroff,
"Sequence and Time Aware Neighborhood for Session-based Recommendations" (2019), equations 1 to 5. A session is a
user's row of items in order; both are written here, with sessions cut to their newest items.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from benchmarks.library.peers import Peer
from recommender import History, Interactions, Recommendation

NEWEST = 50
"""Items at the end of a history that count as the session."""


class SessionNeighbours(Peer):
    """Items of the sessions that are most like a history.

    Similarity of a session n to the history s is the sum over items in both of exp(-age in s / recency), over the
    square roots of both lengths, times exp(-(now - end of n) / staleness) where staleness is given in seconds. An item
    of n counts with exp(-distance to the newest item of n that is in s / nearness), times its inverse document
    frequency with `idf`. The `neighbours` most similar of the `sample` newest sessions that share an item add up.
    recency and nearness are in steps; infinite ones give plain session neighbours.
    """

    def __init__(
        self,
        log: Interactions,
        neighbours: int = 200,
        recency: float = 5.0,
        nearness: float = 5.0,
        staleness: float = np.inf,
        length: int = 200,
        sample: int = 2000,
        idf: bool = True,
    ) -> None:
        super().__init__(log)
        self.neighbours, self.recency, self.nearness, self.sample = neighbours, recency, nearness, sample
        sequences = log.sequences()
        lengths = np.diff(sequences.indptr)
        parts = (lengths + length - 1) // length  # a long row of items is several sessions
        owner = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(owner)) - sequences.indptr[owner]
        first = np.cumsum(parts) - parts
        self.session = (first[owner] + place // length).astype(np.int64)
        self.place = (place % length).astype(np.float64)
        self.items = sequences.items.astype(np.int64)
        count = int(parts.sum())
        self.starts = np.searchsorted(self.session, np.arange(count + 1))
        self.lengths = np.diff(self.starts)
        ends = np.nan_to_num(sequences.times[self.starts[1:] - 1])
        age = ends.max(initial=0.0) - ends
        self.freshness = np.exp(-age / staleness) if np.isfinite(staleness) else np.ones(count)
        self.end = ends
        pairs = self.session * log.items + self.items
        _, from_the_end = np.unique(pairs[::-1], return_index=True)
        last = len(pairs) - 1 - from_the_end  # an item that a session has twice stands at its last place
        places = self.place[last] + 1.0  # a place of zero would be no entry
        shape = count, log.items
        self.of_item = scipy.sparse.csc_matrix((places, (self.session[last], self.items[last])), shape=shape)
        rarity = np.log((count + 1.0) / (1.0 + np.bincount(self.items, minlength=log.items)))
        self.rarity = rarity if idf else np.ones(log.items)

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        return [self._rank([self.index_of[i] for i in history if i in self.index_of], k) for history in histories]

    def _rank(self, history: list[int], k: int) -> list[Recommendation]:
        if not history:
            return []
        seen = history
        session = history[-NEWEST:]
        found, weights, places = [], [], []
        for age, item in enumerate(reversed(session)):
            low, high = self.of_item.indptr[item], self.of_item.indptr[item + 1]
            sessions = self.of_item.indices[low:high]
            found.append(sessions)
            weights.append(np.full(len(sessions), np.exp(-age / self.recency)))
            places.append(self.of_item.data[low:high] - 1.0)
        sessions, which = np.unique(np.concatenate(found), return_inverse=True)
        if not len(sessions):
            return []
        overlap = np.bincount(which, np.concatenate(weights))
        newest_common = np.zeros(len(sessions))
        np.maximum.at(newest_common, which, np.concatenate(places))
        if len(sessions) > self.sample:
            newest = np.argpartition(-self.end[sessions], self.sample)[: self.sample]
            sessions, overlap, newest_common = sessions[newest], overlap[newest], newest_common[newest]
        similar = overlap / np.sqrt(self.lengths[sessions] * len(session)) * self.freshness[sessions]
        best = np.argsort(-similar, kind="stable")[: self.neighbours]
        return self._best_items(sessions[best], similar[best], newest_common[best], seen, k)

    def _best_items(
        self, sessions: NDArray[Any], similar: NDArray[Any], common: NDArray[Any], seen: list[int], k: int
    ) -> list[Recommendation]:
        """The items of these sessions by their summed weight, those already seen left out."""
        lengths = self.lengths[sessions]
        entries = np.repeat(self.starts[sessions] - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
        distance = np.abs(self.place[entries] - np.repeat(common, lengths))
        amounts = np.repeat(similar, lengths) * np.exp(-distance / self.nearness)
        ids, which = np.unique(self.items[entries], return_inverse=True)
        scores = np.bincount(which, amounts) * self.rarity[ids]
        scores[np.isin(ids, seen)] = -np.inf
        order = np.argsort(-scores, kind="stable")[:k]
        order = order[np.isfinite(scores[order])]
        return self.named(ids[order], scores[order])
