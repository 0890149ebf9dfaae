"""From a resolved history to the best items: by taste, by what usually comes next, or by popularity where it says
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.als.fold_in import Folding
from recommender.interactions.history import NOTHING
from recommender.model.candidates import Candidates
from recommender.topk.index import FactorIndex
from recommender.topk.score_kernels import rank_candidates, rank_popular
from recommender.transitions.blend_kernels import blend_one
from recommender.transitions.boost_kernels import add_boosts
from recommender.transitions.boosting import Boosting

FLOAT32, INT32 = np.dtype(np.float32), np.dtype(np.int32)
Ranked = tuple[NDArray[np.int32], NDArray[np.float64]]
"""Dense indices and scores, best first."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """The arrays of a model that rankings need: item_factors float32 (items, factors) and their index, norms float64
    (items,), popularity float32 (items,) and popular int32 (items,), the items from the most popular down.
    """

    index: FactorIndex
    item_factors: NDArray[np.float32]
    norms: NDArray[np.float64]
    popularity: NDArray[np.float32]
    popular: NDArray[np.int32]
    folding: Folding
    boosting: Boosting

    def rank(
        self,
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        k: int,
        hidden: NDArray[np.int32],
        chosen: Candidates | None,
    ) -> Ranked:
        """At most k items for a history of dense items and weights, oldest first; `hidden`, sorted, are left out."""
        return self.rank_user(self.folding.fold_in(items, weights), items, weights, k, hidden, chosen)

    def rank_user(
        self,
        user: NDArray[np.float32],
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        k: int,
        hidden: NDArray[np.int32],
        chosen: Candidates | None,
    ) -> Ranked:
        """`rank` for a history that is folded in already, to `user` float32 (factors,)."""
        top_ids, top_scores = self.room(k if chosen is None else min(k, len(chosen)))
        says_something = user[0] != 0 or user.any()
        if not says_something:
            popular = self.popular
            if chosen is not None:
                popular = chosen.indices[np.argsort(-self.popularity[chosen.indices], kind="stable")]
            found = rank_popular(popular, self.popularity, hidden, top_ids, top_scores)
        elif chosen is None:
            found = self.index.rank(user, self.item_factors, hidden, top_ids, top_scores)
        elif chosen.index is not None:
            found = chosen.index.rank(user, self.item_factors, hidden, top_ids, top_scores)
        else:
            found = rank_candidates(user, self.item_factors, self.norms, chosen.indices, hidden, top_ids, top_scores)
        if found < len(top_ids):
            top_ids, top_scores = top_ids[:found], top_scores[:found]
        if found and says_something and self.boosting.active:
            return self._boosted(items, weights, user, hidden, chosen, top_ids, top_scores)
        return top_ids, top_scores

    def scores(
        self,
        user: NDArray[np.float32],
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        candidates: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """The scores float64 (candidates,) that `rank_user` ranks by, of any items."""
        found = self.item_factors[candidates].astype(np.float64) @ user.astype(np.float64)
        if self.boosting.active:
            slots, ids, boosts = self.boosting.gather(items, weights)
            add_boosts(slots, ids, boosts, self.folding.score_norm(user), candidates, found)
        return found

    def room(self, k: int) -> Ranked:
        """Empty arrays for the k best items, or for all where there are fewer."""
        size = min(k, len(self.item_factors))
        return np.empty(size, INT32), np.empty(size)

    def _boosted(
        self,
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        user: NDArray[np.float32],
        hidden: NDArray[np.int32],
        chosen: Candidates | None,
        best_ids: NDArray[np.int32],
        best_scores: NDArray[np.float64],
    ) -> Ranked:
        """The best by dot product and boost, from the best by dot product alone."""
        top_ids, top_scores = np.empty_like(best_ids), np.empty_like(best_scores)
        found = blend_one(
            self.folding.gram,
            user,
            self.item_factors,
            self.norms,
            *self.boosting.transitions.in_order,
            items,
            weights,
            self.boosting.powers(len(items)),
            *self.boosting.weights,
            hidden,
            NOTHING if chosen is None else chosen.indices,
            chosen is not None,
            best_ids,
            best_scores,
            top_ids,
            top_scores,
        )
        return top_ids[:found], top_scores[:found]
