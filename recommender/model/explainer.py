"""Why a history leads to an item: one explainer a history, for as many items as are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recommender.als.factorized_history import FactorizedHistory
from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History, known_index, resolve_history
from recommender.model.answers import Contribution, Source
from recommender.transitions.boost_kernels import add_transition_shares
from recommender.transitions.boosting import Boosting

Named = TypeVar("Named")
Rows = list[list[tuple[Named, float]]]
TREND = Source(None)


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
        return self.explain_many([item_id])[0]

    def explain_many(self, item_ids: Iterable[ItemId]) -> list[list[Contribution]]:
        """`explain` for each of these items, the same answers, for less."""
        rows = self.shares(item_ids, lambda source: source)
        found = [[Contribution(of.item_id, share, of.cause, of.alike) for of, share in row] for row in rows]
        for row in found:
            row.sort(key=lambda contribution: -contribution.share)
        return found

    def shares(self, item_ids: Iterable[ItemId], name: Callable[[Source], Named]) -> Rows[Named]:
        """For each of these items, what adds to its score and how much, in no order; the shares add up to the score.

        name: what a source is to be called in the answer, asked once a source and not once an item and source. Raises
        ValueError for an unknown item.
        """
        targets = np.array([known_index(item_id, self._index_of) for item_id in item_ids], dtype=np.int32)
        if not len(self._wanted):
            return [[] for _ in targets]
        return self._rows(targets, name)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """The item of the history that adds most to the score of `item_id`; None when none was wanted.

        The trend of the day is left out, as it comes from no item. Raises ValueError for an unknown item.
        """
        return next((found for found in self.explain(item_id) if found.item_id is not None), None)

    def _rows(self, targets: NDArray[np.int32], name: Callable[[Source], Named]) -> Rows[Named]:
        """`shares` of dense items int32 (n,), for a history in which something is wanted."""
        shares = self._factor_shares(targets) + self._transition_shares(targets)
        rows = self._of_history(shares, name)
        self._add_trend(rows, targets, 1.0, name)
        return rows

    def _of_history(self, shares: NDArray[np.float64], name: Callable[[Source], Named]) -> Rows[Named]:
        """What the wanted items of the history add, of shares float64 (n, history)."""
        own = [name(Source(self._item_ids[item])) for item in self._items[self._wanted].tolist()]
        return [list(zip(own, row, strict=True)) for row in shares[:, self._wanted].tolist()]

    def _add_trend(
        self, rows: Rows[Named], targets: NDArray[np.int32], weight: float, name: Callable[[Source], Named]
    ) -> None:
        """Add what the trend of the day adds to each item that is part of it, times `weight`."""
        trend_weight = self._boosting.config.trend_weight
        if not trend_weight:
            return
        named, unit = name(TREND), weight * self._norm_of_scores() * trend_weight
        for row, target in zip(rows, targets.tolist(), strict=True):
            trend = self._boosting.transitions.trend(target)
            if trend:
                row.append((named, unit * trend))

    def _factor_shares(self, targets: NDArray[np.int32]) -> NDArray[np.float64]:
        """What each item of the history adds to the dot product of each target, float64 (n, history)."""
        if self._factorized is None:
            self._factorized = self._folding.factorized(self._items, self._weights)
        return self._factorized.shares(targets)

    def _transition_shares(self, targets: NDArray[np.int32]) -> NDArray[np.float64]:
        """What the transitions from each item of the history add to each target, float64 (n, history)."""
        shares = np.zeros((len(targets), len(self._items)))
        if self._boosting.config.transition_weight and len(self._items):
            if self._following is None:
                self._following = self._boosting.followed(self._items, self._weights)
            add_transition_shares(*self._following, self._norm_of_scores(), targets, shares)  # type: ignore[call-arg]
        return shares

    def _norm_of_scores(self) -> float:
        if self._score_norm is None:
            self._score_norm = self._folding.score_norm(self._folding.fold_in(self._items, self._weights))
        return self._score_norm
