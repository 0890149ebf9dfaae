"""Why a model with a second stage shows an item: the sum of its features, each laid to what it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History, known_index
from recommender.model.answers import Contribution
from recommender.model.explainer import Explainer
from recommender.second_stage.stage import CLASSES, RATE, SecondStage
from recommender.transitions.boosting import Boosting


class StagedExplainer(Explainer):
    """Made by `FactorModel.explainer` where the model has a second stage."""

    __slots__ = ("_class_likings", "_stage", "_view")

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
        # What the likely classes of the history make of each attribute, to first order: float64 (attributes,).
        self._class_likings = stage.classes.effects.astype(np.float64) @ self._view.posterior

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What adds to the score of `item_id` by the second stage, largest first; the shares add up to the score.

        Items of the history add by factors and transitions; each attribute of the item by how much the history has of
        it and by what users of like mind make of it; what neither explains of the latter is ``classes``, and ``rate``
        is how often anybody takes it. Empty for a history that says nothing.
        """
        index = known_index(item_id, self._index_of)
        if not len(self._wanted):
            return []
        stage, norm = self._stage, self._norm_of_scores()
        unit = len(self._folding.item_factors) ** 0.5 / norm if norm > 0 else 0.0
        by_factors, by_transitions = stage.weights[:2] * unit
        shares = by_factors * self._factor_shares(index) + by_transitions * self._transition_shares(index)
        found = [Contribution(self._item_ids[self._items[place]], float(shares[place])) for place in self._wanted]
        trend = self._boosting.config.trend_weight * self._boosting.transitions.trend(index)
        if trend:
            found.append(Contribution(None, float(by_transitions * norm * trend)))
        found += self._of_attributes(index)
        found.append(Contribution(None, float(stage.weights[-1] * stage.log_rates[index]), RATE))
        return sorted(found, key=lambda contribution: -contribution.share)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """What adds most to the score of `item_id`: an item of the history, or an attribute that items of it have."""
        for contribution in self.explain(item_id):
            if contribution.item_id is not None or contribution.alike:
                return contribution
        return None

    def _of_attributes(self, index: int) -> list[Contribution]:
        stage = self._stage
        attributes = stage.attributes
        own = attributes.of_item(index)
        kinds = attributes.kind_of[own]
        found = []
        explained = 0.0
        by_class = float(stage.weights[-2])
        lift = float(stage.classes.lift[index] @ self._view.posterior) if len(self._view.posterior) else 1.0
        for attribute, kind in zip(own, kinds.tolist(), strict=True):
            liking = float(self._view.affinities[attribute]) / int((kinds == kind).sum())
            of_classes = float(self._class_likings[attribute])
            explained += of_classes
            share = float(stage.weights[2 + kind]) * liking + by_class * of_classes
            found.append(Contribution(None, share, attributes.names[attribute], self._alike(attribute)))
        if len(self._view.posterior):
            found.append(Contribution(None, by_class * (float(np.log(lift)) - explained), CLASSES))
        return found

    def _alike(self, attribute: int) -> tuple[ItemId, ...]:
        """The items of the history that have an attribute, newest first."""
        values = self._stage.attributes.values
        return tuple(self._item_ids[item] for item in self._view.history[::-1] if attribute in values[item])
