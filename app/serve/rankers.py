"""The chain of rankers, best first: ALS, the model of a first hour, popularity, editorial order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple, Protocol
from weakref import WeakKeyDictionary

from app.catalog import Catalog
from app.serve.newcomers import Newcomers, merged
from app.serve.popularity import Order
from recommender import Candidates, FactorModel, ItemToItemModel, Recommendation


class Ranked(NamedTuple):
    """An item that a ranker chose, with the ranker's name and, where it has one, its score. There are hundreds a page,
    and a tuple is made in half the time of a frozen dataclass.
    """

    item_id: str
    source: str
    score: float | None


make_ranked: Callable[[tuple[str, str, float | None]], Ranked] = partial(tuple.__new__, Ranked)
"""`Ranked._make` without its check of the length, which takes as long again."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Among:
    """The items that a shelf chooses from, in catalog order, and as a set. Made once, used by every page."""

    item_ids: tuple[str, ...]
    members: frozenset[str]


class Ranker(Protocol):
    """Chooses items for a history, best first."""

    source: str

    def rank(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        among: Among | None = None,
        *,
        repeat: bool = False,
    ) -> list[Ranked]:
        """The best `k`, or fewer when fewer are left: none of `exclude`, only `among` those given.

        Items of the history are left out unless `repeat`.
        """
        ...


class LearnedRanker:
    """A model of the library. Items newer than it stand among their like (`newcomers`); what it cannot rank follows in
    the order of `rest`.
    """

    def __init__(
        self,
        model: FactorModel | ItemToItemModel,
        source: str,
        catalog: Catalog,
        rest: Ranker,
        newcomers: Newcomers | None = None,
    ) -> None:
        self._model = model
        self._newcomers = newcomers
        self._catalog = catalog
        self._rest = rest
        self.source = source

    def rank(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        among: Among | None = None,
        *,
        repeat: bool = False,
    ) -> list[Ranked]:
        """See `Ranker`."""
        if not weights:
            return self._rest.rank(weights, k, exclude, among)
        candidates = None if among is None else prepared(self._model, among)
        hits: list[Recommendation] = []
        known, gone = self._catalog.by_id, self._catalog.unavailable
        asked = k
        while len(hits) < k:
            found = self._model.recommend(weights, k=asked, exclude=exclude, candidates=candidates, repeat=repeat)
            hits = [hit for hit in found if hit[0] in known and hit[0] not in gone]
            if len(found) < asked:
                break
            # Items that the model knows and the catalog does not show were among the best: more are asked for.
            asked *= 2
        ranked = [make_ranked((str(item_id), self.source, score)) for item_id, score in hits[:k]]
        if self._newcomers is not None and isinstance(self._model, FactorModel):
            new = self._newcomers.scores(
                self._model,
                weights,
                lambda item_id: item_id not in exclude and (among is None or item_id in among.members),
            )
            both = merged([(choice.item_id, choice.score or 0.0) for choice in ranked], new, k)
            ranked = [Ranked(item_id, self.source, score) for item_id, score in both]
        if len(ranked) < k:
            taken = {*exclude, *(choice.item_id for choice in ranked)}
            ranked += self._rest.rank(weights, k - len(ranked), taken, among, repeat=repeat)
        return ranked


_prepared_for: WeakKeyDictionary[FactorModel | ItemToItemModel, WeakKeyDictionary[Among, Candidates]] = (
    WeakKeyDictionary()
)
"""What each model that is still served knows of the items of each shelf of the catalog in use."""


def prepared(model: FactorModel | ItemToItemModel, among: Among) -> Candidates:
    """The items of a shelf, made ready once for each model: that costs far more than the ranking among them."""
    known = _prepared_for.setdefault(model, WeakKeyDictionary())
    candidates = known.get(among)
    if candidates is None:
        candidates = known[among] = model.candidates(among.item_ids)
    return candidates


class OrderRanker:
    """One order for everybody, such as popularity or the editors'."""

    def __init__(self, order: Iterable[str], source: str) -> None:
        self._order = order
        self.source = source

    def rank(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        among: Among | None = None,
        *,
        repeat: bool = False,
    ) -> list[Ranked]:
        """See `Ranker`."""
        if among is None:
            found = iter(self._order)
        elif isinstance(self._order, Order):
            found = self._order.among(among.members, k)
        else:
            found = (item_id for item_id in self._order if item_id in among.members)
        left = (item_id for item_id in found if item_id not in exclude and (repeat or item_id not in weights))
        return [Ranked(item_id, self.source, None) for item_id in islice(left, k)]
