"""Why a history leads to an item: one explainer a history, for as many items as are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender._blend_kernels import add_transition_shares
from recommender._solvers import contributions
from recommender.checks import ItemId
from recommender.history import Contribution, History, resolve_history

if TYPE_CHECKING:
    from recommender.model import FactorModel


class Explainer:
    """Made by `FactorModel.explainer`. Holds what all items have in common: the history resolved, its equations
    factorized, and where its transitions lead. Not for use by several threads at once.
    """

    __slots__ = ("_confidences", "_following", "_items", "_model", "_reached", "_upper", "_wanted", "_weights")

    def __init__(self, model: FactorModel, history: History) -> None:
        self._model = model
        self._items, self._weights = resolve_history(history, model._index_of)
        self._confidences = model._folding.confidences(self._weights)
        self._wanted = np.flatnonzero(self._weights > 0)
        self._upper: NDArray[np.float64] | None = None
        self._following: tuple[Any, ...] | None = None
        self._reached: float | None = None

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What each item of the history adds to the score of `item_id`, largest first; see `FactorModel.explain`."""
        model = self._model
        index = model._known_index(item_id)
        shares = self._shares(index)
        found = [Contribution(model.item_ids[self._items[place]], float(shares[place])) for place in self._wanted]
        trend = model.config.trend_weight * model.transitions.trend(index)
        if trend and found:
            found.append(Contribution(None, self._reach() * trend))
        return sorted(found, key=lambda contribution: -contribution.share)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """The item of the history that adds most to the score of `item_id`; None when none was wanted.

        The trend of the day is left out, as it comes from no item. Raises ValueError for an unknown item.
        """
        index = self._model._known_index(item_id)
        if not len(self._wanted):
            return None
        shares = self._shares(index)
        best = self._wanted[shares[self._wanted].argmax()]
        return Contribution(self._model.item_ids[self._items[best]], float(shares[best]))

    def _shares(self, index: int) -> NDArray[np.float64]:
        """What each item of the history adds to the score of the item at `index`, float64 (history,)."""
        model = self._model
        if self._upper is None:
            self._upper = model._folding.factorized(self._items, self._confidences)
        shares = np.empty(len(self._items))
        factors = model.item_factors
        contributions(self._upper, factors, self._items, self._confidences, factors[index], shares)
        if model.config.transition_weight and len(self._items):
            if self._following is None:
                self._following = model._boosting.followed(self._items, self._weights)
            add_transition_shares(*self._following, self._reach(), index, shares)  # type: ignore[call-arg]
        return shares

    def _reach(self) -> float:
        if self._reached is None:
            self._reached = self._model._folding.reach(self._model._folding.fold_in(self._items, self._weights))
        return self._reached
