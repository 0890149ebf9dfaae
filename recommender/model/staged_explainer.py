"""Why a model with a second stage shows an item: the sum of its features, each laid to what it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History
from recommender.model.answers import Contribution, Source
from recommender.model.explainer import Explainer, Named, Rows
from recommender.second_stage.attributes import NONE
from recommender.second_stage.feature_kernels import attribute_shares
from recommender.second_stage.stage import CLASSES, RATE, SecondStage
from recommender.transitions.boosting import Boosting

_BY_CLASSES, _BY_RATE = Source(None, CLASSES), Source(None, RATE)


class StagedExplainer(Explainer):
    """Made by `FactorModel.explainer` where the model has a second stage."""

    __slots__ = ("_alike", "_class_likings", "_stage", "_view")

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
        # What the likely classes of the history make of each attribute, to first order: float32 (attributes,).
        self._class_likings = stage.classes.effects @ self._view.posterior
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
        return super().explain(item_id)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """What adds most to the score of `item_id`: an item of the history, or an attribute that items of it have."""
        for contribution in self.explain(item_id):
            if contribution.item_id is not None or contribution.alike:
                return contribution
        return None

    def _rows(self, targets: NDArray[np.int32], name: Callable[[Source], Named]) -> Rows[Named]:
        stage, norm = self._stage, self._norm_of_scores()
        unit = len(self._folding.item_factors) ** 0.5 / norm if norm > 0 else 0.0
        by_factors, by_transitions = (stage.weights[:2] * unit).tolist()
        shares = by_factors * self._factor_shares(targets) + by_transitions * self._transition_shares(targets)
        rows = self._of_history(shares, name)
        self._add_trend(rows, targets, by_transitions, name)
        self._add_attributes(rows, targets, name)
        rates = (stage.weights[-1] * stage.log_rates[targets]).tolist()
        by_rate = name(_BY_RATE)
        for row, rate in zip(rows, rates, strict=True):
            row.append((by_rate, rate))
        return rows

    def _add_attributes(self, rows: Rows[Named], targets: NDArray[np.int32], name: Callable[[Source], Named]) -> None:
        """Add what each attribute of each target adds, and what users of like mind make of it beyond them."""
        stage, view = self._stage, self._view
        described = stage.attributes
        shares, by_classes = np.empty((len(targets), described.values.shape[1])), np.empty(len(targets))
        attribute_shares(
            targets,
            described.values,
            described.kind_of,
            stage.weights,
            view.affinities,
            self._class_likings,
            view.posterior,
            stage.classes.lift,
            shares,
            by_classes,
        )
        values = described.values[targets]
        known = {
            attribute: name(Source(None, described.names[attribute], self._alike.get(attribute, ())))
            for attribute in np.unique(values).tolist()
            if attribute != NONE
        }
        for row, own, amounts in zip(rows, values.tolist(), shares.tolist(), strict=True):
            row += [(known[a], amount) for a, amount in zip(own, amounts, strict=True) if a != NONE]
        if len(view.posterior):
            of_classes = name(_BY_CLASSES)
            for row, amount in zip(rows, by_classes.tolist(), strict=True):
                row.append((of_classes, amount))
