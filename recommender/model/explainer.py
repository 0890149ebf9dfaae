"""Why a history leads to an item: one explainer a history, for as many items as are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.als.factorized_history import FactorizedHistory
from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History, known_index, resolve_history
from recommender.model.answers import Contribution
from recommender.transitions.boost_kernels import add_transition_shares
from recommender.transitions.boosting import Boosting


class Explainer:
    """Made by `FactorModel.explainer`. Holds what all items have in common: the history resolved, its equations
    factorized, and where its transitions lead. Not for use by several threads at once.
    """

    __slots__ = (
        "_boosting", "_factorized", "_folding", "_following", "_index_of", "_item_ids", "_items", "_score_norm",
        "_wanted", "_weights",
    )  # fmt: skip

    def __init__(
        self,
        history: History,
        item_ids: Sequence[ItemId],
        index_of: Mapping[ItemId, int],
        folding: Folding,
        boosting: Boosting,
    ) -> None:
        """item_ids in catalog order and index_of of the same; folding and boosting of these items."""
        self._item_ids, self._index_of, self._folding, self._boosting = item_ids, index_of, folding, boosting
        self._items, self._weights = resolve_history(history, index_of)
        self._wanted = np.flatnonzero(self._weights > 0)
        self._factorized: FactorizedHistory | None = None
        self._following: tuple[Any, ...] | None = None
        self._score_norm: float | None = None

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What each item of the history adds to the score of `item_id`, largest first; see `FactorModel.explain`."""
        index = known_index(item_id, self._index_of)
        shares = self._shares(index)
        found = [Contribution(self._item_ids[self._items[place]], float(shares[place])) for place in self._wanted]
        trend = self._boosting.config.trend_weight * self._boosting.transitions.trend(index)
        if trend and found:
            found.append(Contribution(None, self._norm_of_scores() * trend))
        return sorted(found, key=lambda contribution: -contribution.share)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """The item of the history that adds most to the score of `item_id`; None when none was wanted.

        The trend of the day is left out, as it comes from no item. Raises ValueError for an unknown item.
        """
        index = known_index(item_id, self._index_of)
        if not len(self._wanted):
            return None
        shares = self._shares(index)
        best = self._wanted[shares[self._wanted].argmax()]
        return Contribution(self._item_ids[self._items[best]], float(shares[best]))

    def _shares(self, index: int) -> NDArray[np.float64]:
        """What each item of the history adds to the score of the item at `index`, float64 (history,)."""
        return self._factor_shares(index) + self._transition_shares(index)

    def _factor_shares(self, index: int) -> NDArray[np.float64]:
        """What each item of the history adds to the dot product."""
        if self._factorized is None:
            self._factorized = self._folding.factorized(self._items, self._weights)
        return self._factorized.shares(index)

    def _transition_shares(self, index: int) -> NDArray[np.float64]:
        """What the transitions from each item of the history add."""
        shares = np.zeros(len(self._items))
        if self._boosting.config.transition_weight and len(self._items):
            if self._following is None:
                self._following = self._boosting.followed(self._items, self._weights)
            add_transition_shares(*self._following, self._norm_of_scores(), index, shares)  # type: ignore[call-arg]
        return shares

    def _norm_of_scores(self) -> float:
        if self._score_norm is None:
            self._score_norm = self._folding.score_norm(self._folding.fold_in(self._items, self._weights))
        return self._score_norm
