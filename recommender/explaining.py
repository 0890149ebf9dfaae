"""Why a history leads to an item: one explainer a history, for as many items as are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recommender._solvers import contributions
from recommender.history import Contribution, History, ItemId, resolve_history

if TYPE_CHECKING:
    from recommender.model import FactorModel


class Explainer:
    """Made by `FactorModel.explainer`. Holds what all items have in common: the history resolved, and where its
    transitions lead. Not for use by several threads at once.
    """

    __slots__ = ("_boosts", "_confidences", "_items", "_model", "_reached", "_weights")

    def __init__(self, model: FactorModel, history: History) -> None:
        self._model = model
        self._items, self._weights = resolve_history(history, model._index_of)
        self._confidences = model._folding.confidences(self._weights)
        self._boosts: dict[int, float] | None = None
        self._reached: float | None = None

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What each item of the history adds to the score of `item_id`, largest first; see `FactorModel.explain`."""
        model = self._model
        index = model._known_index(item_id)
        found = [
            Contribution(model.item_ids[item], float(share))
            for item, share, weight in zip(self._items, self._shares(index), self._weights, strict=True)
            if weight > 0
        ]
        trend = model.config.trend_weight * model.transitions.trend(index)
        if trend and found:
            found.append(Contribution(None, self._reach() * trend))
        return sorted(found, key=lambda contribution: -contribution.share)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """The item of the history that adds most to the score of `item_id`; None when none was wanted.

        The trend of the day is left out, as it comes from no item. Raises ValueError for an unknown item.
        """
        shares = self._shares(self._model._known_index(item_id))
        wanted = np.flatnonzero(self._weights > 0)
        if not len(wanted):
            return None
        best = wanted[np.argmax(shares[wanted])]
        return Contribution(self._model.item_ids[self._items[best]], float(shares[best]))

    def _shares(self, index: int) -> NDArray[np.float64]:
        """What each item of the history adds to the score of the item at `index`, float64 (history,)."""
        model = self._model
        shares = np.empty(len(self._items))
        solved = contributions(
            model._folding.gram,
            model._folding.regularization(len(self._items)),
            model.item_factors,
            self._items,
            self._confidences,
            model.item_factors[index],
            shares,
        )
        model._folding.check_solved(solved)
        self._add_transitions(shares, index)
        return shares

    def _add_transitions(self, shares: NDArray[np.float64], target: int) -> None:
        """Add what the transitions from the newest items give to `target`, each its part."""
        model = self._model
        if not model.config.transition_weight or not len(self._items):
            return
        if self._boosts is None:
            _, ids, boosts = model._boosting.gather(self._items, self._weights, trend=False)
            self._boosts = dict(zip(ids.tolist(), boosts.tolist(), strict=True))
        boost = self._boosts.get(target)
        if not boost:
            return
        steps = model._boosting.steps(self._weights)
        newest = self._items[::-1].tolist()
        parts = np.array(
            [step * model.transitions.weight(source, target) for source, step in zip(newest, steps, strict=False)]
        )
        if total := float(parts.sum()):
            shares[len(shares) - len(parts) :] += parts[::-1] * (self._reach() * boost / total)

    def _reach(self) -> float:
        if self._reached is None:
            self._reached = self._model._folding.reach(self._model._folding.fold_in(self._items, self._weights))
        return self._reached
