"""The second stage at work: the best few hundred of the first, in the order of the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommender.model.batches.ranker import BatchRanker, Lists, Run
from recommender.model.candidates import Candidates
from recommender.model.ranker import Ranked, Ranker
from recommender.second_stage.order_kernels import order_many, order_one
from recommender.second_stage.rated_factors import RatedFactors
from recommender.second_stage.stage import POOL, SecondStage


@dataclass(frozen=True, slots=True, eq=False)
class StagedRanker:
    """A ranker whose best `POOL`, by factors, transitions and rates, a second stage of the same items puts in order."""

    rated: RatedFactors
    stage: SecondStage

    @classmethod
    def of(cls, first: Ranker, stage: SecondStage) -> StagedRanker:
        """Raises ValueError when the stage is of other items, or no second stage."""
        if not isinstance(stage, SecondStage):
            raise ValueError(
                f"second_stage must be a SecondStage or None, got {type(stage).__name__}; StageTrainer().fit(model, "
                "log, exposures, attributes) learns one"
            )
        if len(stage.log_rates) != len(first.item_factors):
            raise ValueError(
                f"a second stage of {len(stage.log_rates)} items does not fit a model of {len(first.item_factors)}"
            )
        return cls(RatedFactors.of(first, stage), stage)

    @property
    def first(self) -> Ranker:
        """What finds candidates."""
        return self.rated.ranker

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
        first, stage = self.first, self.stage
        user = self.rated.user(first.folding.fold_in(items, weights))
        ids, totals = first.rank_user(user, items, weights, max(k, POOL), hidden, chosen)
        top_ids, top_scores = np.empty(min(k, len(ids)), np.int32), np.empty(min(k, len(ids)))
        affinities, posterior = (
            np.empty(len(stage.attributes.names), np.float32),
            np.empty(stage.log_lift.shape[1], np.float32),
        )
        features = np.empty((POOL, len(stage.weights)))
        room = affinities, posterior, features, top_ids, top_scores
        order_one(first.folding.gram, first.item_factors, *stage.parts, POOL, user, items, weights, ids, totals, *room)
        return top_ids, top_scores


@dataclass(frozen=True, slots=True, eq=False)
class StagedBatch(BatchRanker):
    """A batch whose lists a second stage puts in order, one after the other."""

    staged: StagedRanker
    listed: int
    kernels_suffice: ClassVar[bool] = False

    @classmethod
    def over(cls, batch: BatchRanker, staged: StagedRanker) -> StagedBatch:
        """The same batch, of the ranker that finds candidates, with a second stage; `listed` items of the pool are
        answered.
        """
        among = len(batch.ranker.item_factors) if batch.chosen is None else len(batch.chosen)
        rest = batch.excluded, batch.chosen, batch.repeat, batch.index
        return cls(batch.ranker, min(max(batch.k, POOL), among), *rest, staged, batch.k)

    def rank(self, run: Run) -> Lists:
        """`StagedRanker.rank` for each history, the same answers."""
        histories = run.histories
        first, stage, size = self.ranker, self.staged.stage, len(histories)
        users = self.staged.rated.users(first.folding.fold_in_many(run.folding))
        ids, totals, counts = self.rank_users(users, run)
        top_ids, top_scores = np.empty((size, self.listed), dtype=np.int32), np.empty((size, self.listed))
        order_many(
            first.folding.gram, first.item_factors, *stage.parts, POOL, users, histories.indptr, histories.items,
            histories.weights, ids, totals, counts, top_ids, top_scores,
        )  # fmt: skip
        return top_ids, top_scores, counts
