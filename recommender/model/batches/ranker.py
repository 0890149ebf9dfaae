"""From many histories to the best items of each: fold-in, scan and blend in kernels that let go of the GIL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.als.fold_in import FoldingRun
from recommender.als.many_kernels import mark_silent
from recommender.interactions.histories import Histories
from recommender.interactions.history import NOTHING
from recommender.model.candidates import Candidates
from recommender.model.ranker import Ranked, Ranker
from recommender.topk.batch import TILE_WORDS
from recommender.topk.index import FactorIndex
from recommender.topk.score_kernels import rank_popular_many
from recommender.transitions.blend_kernels import blend_many

Lists = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]
"""Dense indices and scores (n, k), best first, and how many of each row there are; what is beyond is not written."""


class Run(NamedTuple):
    """Histories that are to be ranked for, laid out; hidden as `Histories.hidden` gives them."""

    histories: Histories
    folding: FoldingRun
    hidden: tuple[NDArray[np.int64], NDArray[np.int32]]


@dataclass(frozen=True, slots=True, eq=False)
class BatchRanker:
    """What a batch has in common: the ranker of a model, how many items are asked for, and among and without which.

    excluded int32 are dense indices that nobody gets; an item of a history is left out as well unless `repeat`.
    """

    ranker: Ranker
    k: int
    excluded: NDArray[np.int32]
    chosen: Candidates | None
    repeat: bool
    index: FactorIndex | None
    kernels_suffice: ClassVar[bool] = True
    """Whether `rank` is what `run_kernels.answer_runs` does."""

    @classmethod
    def of(
        cls, ranker: Ranker, k: int, excluded: NDArray[np.int32], chosen: Candidates | None, repeat: bool
    ) -> BatchRanker:
        """Lay candidates out for scans of their own, unless they are so already."""
        room = min(k, len(ranker.item_factors) if chosen is None else len(chosen))
        index: FactorIndex | None = ranker.index
        if chosen is not None:
            index = chosen.index
            if index is None and len(chosen):
                index = FactorIndex.build(ranker.item_factors, among=chosen.indices)
        return cls(ranker, room, excluded, chosen, repeat, index)

    def lay_out(self, histories: Histories) -> Run:
        """What `rank` needs for some histories. It is made apart from ranking since calls of NumPy on many numbers give
        the GIL away, and a thread that ranks would wait for it after each of them.
        """
        return Run(
            histories, self.ranker.folding.lay_out(histories), histories.hidden(self.excluded, own=not self.repeat)
        )

    def rank(self, run: Run) -> Lists:
        """`Ranker.rank` for each history, the same answers."""
        return self.rank_users(self.ranker.folding.fold_in_many(run.folding), run)

    def rank_users(self, users: NDArray[np.float32], run: Run) -> Lists:
        """`rank` for histories that are folded in already, to users float32 (n, factors)."""
        size = len(users)
        if self.index is None or not self.k:
            return np.empty((size, self.k), dtype=np.int32), np.empty((size, self.k)), np.zeros(size, dtype=np.int64)
        counts = np.empty(size, dtype=np.int64)
        silent = mark_silent(users, counts)
        ids, scores = self._rank(run.histories, users, *run.hidden, counts)
        if silent:
            rank_popular_many(self.popular(), self.ranker.popularity, *run.hidden, ids, scores, counts)
        return ids, scores, counts

    def _rank(
        self,
        histories: Histories,
        users: NDArray[np.float32],
        starts: NDArray[np.int64],
        hidden: NDArray[np.int32],
        counts: NDArray[np.int64],
    ) -> Ranked:
        """The best of users whose counts are not below 0; n hides hidden[starts[n] : starts[n + 1]]."""
        assert self.index is not None
        ranker, size = self.ranker, len(users)
        ids, scores = np.empty((size, self.k), dtype=np.int32), np.empty((size, self.k))
        self.index.rank_many(users, ranker.item_factors, starts, hidden, ids, scores, counts, TILE_WORDS)
        if not ranker.boosting.active:
            return ids, scores
        blended = np.empty_like(ids), np.empty_like(scores)
        blend_many(*self.blending(histories, users, starts, hidden, (ids, scores), counts, blended))
        return blended

    def blending(
        self,
        histories: Histories,
        users: NDArray[np.float32],
        starts: NDArray[np.int64],
        hidden: NDArray[np.int32],
        best: Ranked,
        counts: NDArray[np.int64],
        top: Ranked,
    ) -> tuple[Any, ...]:
        """The arguments of `blend_kernels.blend_many`."""
        ranker = self.ranker
        return (
            ranker.folding.gram,
            users,
            ranker.item_factors,
            ranker.norms,
            *ranker.boosting.transitions.in_order,
            histories.indptr,
            histories.items,
            histories.weights,
            ranker.boosting.powers(int(np.diff(histories.indptr).max(initial=0))),
            *ranker.boosting.weights,
            starts,
            hidden,
            *self.among,
            *best,
            counts,
            *top,
        )

    @property
    def among(self) -> tuple[NDArray[np.int32], bool]:
        """Dense indices of the items to choose among, and whether there are any but all."""
        return (NOTHING, False) if self.chosen is None else (self.chosen.indices, True)

    def popular(self) -> NDArray[np.int32]:
        """Items to choose among from the most popular down."""
        if self.chosen is None:
            return self.ranker.popular
        order = np.argsort(-self.ranker.popularity[self.chosen.indices], kind="stable")
        return self.chosen.indices[order]
