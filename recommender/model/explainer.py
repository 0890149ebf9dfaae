"""Why a history leads to an item: one explainer a history, for as many items as are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.als.factorized_history import FactorizedHistory
from recommender.als.fold_in import Folding
from recommender.interactions.checks import ItemId, check_count, check_number
from recommender.interactions.history import History, known_index, resolve_history
from recommender.model.answers import Contribution, Source
from recommender.model.leading import Named, Share, share_rows
from recommender.transitions.boost_kernels import transition_shares
from recommender.transitions.boosting import Boosting

Amounts = tuple[NDArray[np.float64], NDArray[np.int32]]
"""What adds to each of n scores, float64 (n, sources), and the number of its source, int32 alike; -1 for none."""


class Explainer:
    """Made by `FactorModel.explainer`. Holds what all items have in common: the history resolved, its equations
    factorized, and where its transitions lead. Not for use by several threads at once.
    """

    __slots__ = (
        "_boosting", "_factorized", "_folding", "_index_of", "_item_ids", "_items", "_name", "_nameable", "_named",
        "_names", "_score_norm", "_sources", "_wanted", "_weights",
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
        wanted = [place for place, weight in enumerate(self._weights.tolist()) if weight > 0]
        self._wanted = np.array(wanted, dtype=np.int64)
        # Sources by their number: the wanted items of the history, the trend, and what else a model knows.
        self._sources: dict[int, Source] = {len(wanted): Source(None)}
        items = self._items.tolist()
        for number, place in enumerate(wanted):
            self._sources[number] = Source(item_ids[items[place]])
        self._nameable: Set[int] = self._sources.keys()  # of what else adds to a score, no name is asked for
        self._factorized: FactorizedHistory | None = None
        self._score_norm: float | None = None
        self._name: Callable[[Source], Any] | None = None
        self._names: dict[int, Any] = {}
        self._named = np.empty(0, dtype=bool)

    def explain(self, item_id: ItemId) -> list[Contribution]:
        """What each item of the history adds to the score of `item_id`, largest first; see `FactorModel.explain`."""
        return self.explain_many([item_id])[0]

    def explain_many(self, item_ids: Iterable[ItemId]) -> list[list[Contribution]]:
        """`explain` for each of these items, the same answers, for less."""
        targets = self._targets(item_ids)
        if not len(self._wanted):
            return [[] for _ in targets]
        amounts, sources = self._amounts(targets)
        trend, found = len(self._wanted), []
        for row, numbers in zip(amounts.tolist(), sources.tolist(), strict=True):
            told = [
                Contribution(of.item_id, amount, of.cause, of.alike)
                for amount, number in zip(row, numbers, strict=True)
                if number >= 0 and (amount or number != trend)
                for of in (self._source(number),)
            ]
            told.sort(key=lambda contribution: -contribution.share)
            found.append(told)
        return found

    def leading(
        self,
        item_ids: Iterable[ItemId],
        name: Callable[[Source], Named | None],
        maximum: int = 3,
        minimum: float = 0.02,
        also: tuple[Named, Sequence[float]] | None = None,
    ) -> list[list[Share[Named]]]:
        """For each of these items, the sources that add most to its score, largest first, and last the rest of what
        adds to it: shares of all that adds. What takes away has no share, and an item to which nothing adds no rows.

        name: what a source is to be called in the answer, asked once a source; None for one that is part of the rest,
        as an attribute is that no item of the history has, which is not asked for.
        maximum: sources that are named at most; minimum: what share of all that adds a named source has at least.
        also: the name of a source of the caller's own, and what it adds to each of the items. Raises ValueError for an
        unknown item.
        """
        maximum, minimum = check_count(maximum, "maximum"), check_number(minimum, "minimum", 0, 1)
        targets, own = self._targets(item_ids), len(self._wanted) + 1
        if len(self._wanted):
            amounts, sources = self._amounts(targets)
        elif also is None:
            return [[] for _ in targets]
        else:
            amounts, sources = np.zeros((len(targets), 1)), np.zeros((len(targets), 1), np.int32)
        if also is not None:
            amounts = np.column_stack((amounts, np.asarray(also[1], np.float64)))
            sources = np.column_stack((sources, np.full(len(targets), own, np.int32)))
        self._name_sources(name, sources)
        names = self._names if also is None else {**self._names, own: also[0]}
        self._named[own] = also is not None
        return share_rows(amounts, sources, self._named, maximum, minimum, names)

    def strongest(self, item_id: ItemId) -> Contribution | None:
        """The item of the history that adds most to the score of `item_id`; None when none was wanted.

        The trend of the day is left out, as it comes from no item. Raises ValueError for an unknown item.
        """
        return next((found for found in self.explain(item_id) if found.item_id is not None), None)

    def _targets(self, item_ids: Iterable[ItemId]) -> NDArray[np.int32]:
        return np.array([known_index(item_id, self._index_of) for item_id in item_ids], dtype=np.int32)

    def _source(self, number: int) -> Source:
        return self._sources[number]

    def _count(self) -> int:
        """How many numbers of sources there are: one more than named, which is for a caller's own."""
        return len(self._wanted) + 2

    def _name_sources(self, name: Callable[[Source], Any], sources: NDArray[np.int32]) -> None:
        """Ask for the name of each of the sources int32 (n, m) that was not named yet."""
        own = len(self._wanted) + 1
        asked = set(chain.from_iterable(sources[:, own:].tolist()))
        if name is not self._name:
            self._name, self._names, self._named = name, {}, np.frombuffer(bytearray(self._count()), dtype=bool)
            asked.update(range(own))
        numbers = list((asked & self._nameable) - self._names.keys())
        names = list(map(name, map(self._source, numbers)))
        self._names.update(zip(numbers, names, strict=True))
        self._named[numbers] = [called is not None for called in names]

    def _amounts(self, targets: NDArray[np.int32]) -> Amounts:
        """What adds to the score of each of the dense items int32 (n,)."""
        amounts = self._with_trend(targets, self._factor_shares(targets) + self._transition_shares(targets), 1.0)
        return amounts, np.tile(np.arange(amounts.shape[1], dtype=np.int32), (len(targets), 1))

    def _with_trend(
        self, targets: NDArray[np.int32], shares: NDArray[np.float64], weight: float
    ) -> NDArray[np.float64]:
        """What the wanted items of the history add, of shares float64 (n, history), and last `weight` times the trend:
        float64 (n, wanted + 1).
        """
        amounts = np.zeros((len(targets), len(self._wanted) + 1))
        amounts[:, :-1] = shares if len(self._wanted) == shares.shape[1] else shares[:, self._wanted]
        if self._boosting.config.trend_weight:
            trend_weight = self._boosting.trend_weight(self._items, self._weights)
            unit = weight * self._norm_of_scores() * trend_weight
            amounts[:, -1] = [unit * self._boosting.transitions.trend(target) for target in targets.tolist()]
        return amounts

    def _factor_shares(self, targets: NDArray[np.int32]) -> NDArray[np.float64]:
        """What each item of the history adds to the dot product of each target, float64 (n, history)."""
        if self._factorized is None:
            self._factorized = self._folding.factorized(self._items, self._weights)
        return self._factorized.shares(targets)

    def _transition_shares(self, targets: NDArray[np.int32]) -> NDArray[np.float64]:
        """What the transitions from each item of the history add to each target, float64 (n, history)."""
        boosting, following = self._boosting, self._boosting.transitions
        if not boosting.config.transition_weight or not len(self._items):
            return np.zeros((len(targets), len(self._items)))
        shares = np.empty((len(targets), len(self._items)))
        transition_shares(
            following.indptr, following.next_ids, following.next_weights, self._items, self._weights,
            boosting.powers(len(self._items)), boosting.config.transition_weight, self._norm_of_scores(), targets,
            shares,
        )  # fmt: skip
        return shares

    def _norm_of_scores(self) -> float:
        if self._score_norm is None:
            self._score_norm = self._folding.score_norm(self._folding.fold_in(self._items, self._weights))
        return self._score_norm
