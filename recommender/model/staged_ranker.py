"""The second stage at work: the best few hundred of the first, in the order of the second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.histories import Histories
from recommender.model.batch_ranker import BatchRanker, Lists
from recommender.model.candidates import Candidates
from recommender.model.ranker import Ranked, Ranker
from recommender.second_stage.stage import POOL, SecondStage


@dataclass(frozen=True, slots=True, eq=False)
class StagedRanker:
    """A ranker whose best `POOL` are put in order by a second stage of the same items."""

    first: Ranker
    stage: SecondStage

    @classmethod
    def of(cls, first: Ranker, stage: SecondStage) -> StagedRanker:
        """Raises ValueError when the stage is of other items."""
        if len(stage.log_rates) != len(first.item_factors):
            raise ValueError(
                f"a second stage of {len(stage.log_rates)} items does not fit a model of {len(first.item_factors)}"
            )
        return cls(first, stage)

    def rank(
        self,
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        k: int,
        hidden: NDArray[np.int32],
        chosen: Candidates | None,
    ) -> Ranked:
        """See `Ranker.rank`. Scores are the second stage's; whatever comes after its pool follows in the order of the
        first stage, as far below the last of the pool as the first stage has it.
        """
        first = self.first
        user = first.folding.fold_in(items, weights)
        ids, totals = first.rank_user(user, items, weights, max(k, POOL), hidden, chosen)
        if not user.any() or not len(ids):
            return ids[:k], totals[:k]
        pool, after = ids[:POOL], ids[POOL:]
        norm = first.folding.score_norm(user)
        view = self.stage.view(items, weights)
        scores = self.stage.features(view, pool, totals[:POOL], user, first.item_factors, norm) @ self.stage.weights
        order = np.lexsort((pool, -scores))
        pool, scores = pool[order], scores[order]
        if not len(after):
            return pool[:k], scores[:k]
        below = scores[-1] + (totals[POOL:] - totals[POOL - 1])
        return np.concatenate((pool, after)), np.concatenate((scores, below))


@dataclass(frozen=True, slots=True, eq=False)
class StagedBatch(BatchRanker):
    """A batch whose lists a second stage puts in order, one after the other."""

    staged: StagedRanker

    @classmethod
    def over(cls, batch: BatchRanker, staged: StagedRanker) -> StagedBatch:
        """The same batch with a second stage."""
        return cls(batch.ranker, batch.k, batch.excluded, batch.chosen, batch.repeat, batch.index, staged)

    def rank(self, histories: Histories) -> Lists:
        """`StagedRanker.rank` for each history."""
        size = len(histories)
        ids, scores = np.empty((size, self.k), dtype=np.int32), np.empty((size, self.k))
        counts = np.zeros(size, dtype=np.int64)
        starts, hidden = histories.hidden(self.excluded, own=not self.repeat)
        for n in range(size if self.k else 0):
            row = slice(histories.indptr[n], histories.indptr[n + 1])
            kept_back = hidden[starts[n] : starts[n + 1]]
            found = self.staged.rank(histories.items[row], histories.weights[row], self.k, kept_back, self.chosen)
            counts[n] = len(found[0])
            ids[n, : counts[n]], scores[n, : counts[n]] = found
        return ids, scores, counts
