"""Why a model with a second stage shows an item: the sum of its features, each laid to what it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.gather_kernels import gather
from recommender.interactions.history import History
from recommender.model.answers import Contribution, Source, make_source
from recommender.model.explainer import Amounts, Explainer
from recommender.second_stage.feature_kernels import score_amounts
from recommender.second_stage.stage import CLASSES, RATE, SecondStage
from recommender.transitions.boosting import Boosting


class StagedExplainer(Explainer):
    """Made by `FactorModel.explainer` where the model has a second stage."""

    __slots__ = ("_alike", "_stage", "_view")

    def __init__(
        self,
        history: History,
        item_ids: Sequence[ItemId],
        index_of: Mapping[ItemId, int],
        folding: Folding,
        boosting: Boosting,
        stage: SecondStage,
    ) -> None:
        super().__init__(history, item_ids, index_of, folding, boosting)
        self._stage = stage
        self._view = stage.view(self._items, self._weights)
        first, wanted = self._first_attribute(), self._view.history
        self._sources[first - 2] = Source(None, CLASSES)
        self._sources[first - 1] = Source(None, RATE)
        self._alike: dict[int, list[ItemId]] = {}  # the items of the history with an attribute, newest first
        values = np.empty((len(wanted), stage.attributes.values.shape[1]), np.int32)
        gather(stage.attributes.values, wanted, values)
        for item, row in zip(reversed(wanted.tolist()), reversed(values.tolist()), strict=True):
            for attribute in row:
                self._alike.setdefault(attribute, []).append(item_ids[item])
        self._nameable = {*self._sources, *(first + attribute for attribute in self._alike)}

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What adds to the score of `item_id` by the second stage, largest first; the shares add up to the score.

        Items of the history add by factors and transitions; each attribute of the item by how much the history has of
        it and by what users of like mind make of it; what neither explains of the latter is ``classes``, and ``rate``
        is how often anybody takes it. Empty for a history that says nothing.
        """
        return super().explain(item_id)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """What adds most to the score of `item_id`: an item of the history, or an attribute that items of it have."""
        for contribution in self.explain(item_id):
            if contribution.item_id is not None or contribution.alike:
                return contribution
        return None

    def _count(self) -> int:
        return self._first_attribute() + len(self._stage.attributes.names)

    def _first_attribute(self) -> int:
        """The number of the first attribute; classes and rate have the two before it."""
        return len(self._wanted) + 4

    def _source(self, number: int) -> Source:
        attribute = number - self._first_attribute()
        if attribute < 0:
            return super()._source(number)
        return make_source((None, self._stage.attributes.names[attribute], tuple(self._alike.get(attribute, ()))))

    def _amounts(self, targets: NDArray[np.int32]) -> Amounts:
        stage, view = self._stage, self._view
        unit = stage.unit(len(self._folding.item_factors), self._norm_of_scores())
        by_factors, by_transitions = (stage.weights[:2] * unit).tolist()
        shares = by_factors * self._factor_shares(targets) + by_transitions * self._transition_shares(targets)
        of_history = self._with_trend(targets, shares, by_transitions)
        described = stage.attributes
        size = len(targets), of_history.shape[1] + described.values.shape[1] + 2
        amounts, sources = np.empty(size), np.empty(size, np.int32)
        score_amounts(
            targets, of_history, described.values, described.kind_of, stage.weights, view.affinities,
            stage.classes.effects, view.posterior, stage.classes.lift, stage.log_rates, self._first_attribute(),
            amounts, sources,
        )  # fmt: skip
        return amounts, sources
