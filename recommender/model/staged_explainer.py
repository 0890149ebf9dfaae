"""Why a model with a second stage shows an item: the sum of its features, each laid to what it comes from."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History, known_index
from recommender.model.answers import Contribution
from recommender.model.explainer import Explainer
from recommender.second_stage.stage import CLASSES, RATE, SecondStage
from recommender.transitions.boosting import Boosting


class StagedExplainer(Explainer):
    """Made by `FactorModel.explainer` where the model has a second stage."""

    __slots__ = ("_alike", "_class_likings", "_kind_of", "_likings", "_stage", "_view", "_weights_of_stage")

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
        self._weights_of_stage: list[float] = stage.weights.tolist()
        self._view = stage.view(self._items, self._weights)
        # What the likely classes of the history make of each attribute, to first order: float64 (attributes,).
        self._class_likings: list[float] = (stage.classes.effects @ self._view.posterior).tolist()
        self._likings: list[float] = self._view.affinities.tolist()
        self._kind_of: list[int] = stage.attributes.kind_of.tolist()
        self._alike: dict[int, tuple[ItemId, ...]] = {}  # the items of the history with an attribute, newest first
        newest_first = self._view.history[::-1]
        for item, row in zip(newest_first.tolist(), stage.attributes.values[newest_first].tolist(), strict=True):
            for attribute in row:
                self._alike[attribute] = (*self._alike.get(attribute, ()), item_ids[item])

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
        own = stage.attributes.of_item(index)
        kinds = [self._kind_of[attribute] for attribute in own]
        sizes = Counter(kinds)
        weights = self._weights_of_stage
        by_class = weights[-2]
        found = []
        explained = 0.0
        for attribute, kind in zip(own, kinds, strict=True):
            of_classes = self._class_likings[attribute]
            explained += of_classes
            share = weights[2 + kind] * self._likings[attribute] / sizes[kind] + by_class * of_classes
            name = stage.attributes.names[attribute]
            found.append(Contribution(None, share, name, self._alike.get(attribute, ())))
        if len(self._view.posterior):
            lift = math.log(float(stage.classes.lift[index] @ self._view.posterior))
            found.append(Contribution(None, by_class * (lift - explained), CLASSES))
        return found
