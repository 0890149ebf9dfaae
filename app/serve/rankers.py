"""The chain of rankers, best first: ALS, the model of a first hour, popularity, editorial order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from itertools import repeat as repeated
from typing import NamedTuple, Protocol, cast, overload
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog
from app.catalog.among import Among
from app.catalog.popular_order import Order
from app.serve.newcomers import Newcomers, merged
from recommender import Candidates, FactorModel, ItemToItemModel
from recommender.interactions.lookups import Picked, look_up_all


class Ranked(NamedTuple):
    """An item that a ranker chose, with the ranker's name and, where it has one, its score. There are hundreds a page,
    and a tuple is made in half the time of a frozen dataclass.
    """

    item_id: str
    source: str
    score: float | None


make_ranked: Callable[[tuple[str, str, float | None]], Ranked] = partial(tuple.__new__, Ranked)
"""`Ranked._make` without its check of the length, which takes as long again."""


Scores = NDArray[np.float64]
Columns = tuple[Sequence[str], Scores]
"""Ids and scores, best first."""


class Ranking(Sequence[Ranked]):
    """What one ranker chose, best first, as columns. A row is made from hundreds and shows a few: a `Ranked` is made of
    those that are asked for. Immutable.
    """

    __slots__ = ("item_ids", "scores", "source")

    def __init__(self, item_ids: Sequence[str], source: str, scores: Scores) -> None:
        self.item_ids, self.source, self.scores = item_ids, source, scores

    def __len__(self) -> int:
        return len(self.item_ids)

    @overload
    def __getitem__(self, place: int) -> Ranked: ...

    @overload
    def __getitem__(self, place: slice) -> Ranking: ...

    def __getitem__(self, place: int | slice) -> Ranked | Ranking:
        if isinstance(place, slice):
            return Ranking(self.item_ids[place], self.source, self.scores[place])
        return Ranked(self.item_ids[place], self.source, float(self.scores[place]))

    def __iter__(self) -> Iterator[Ranked]:
        return map(make_ranked, zip(self.item_ids, repeated(self.source), map(float, self.scores), strict=False))

    def in_order(self, places: NDArray[np.int64]) -> Ranking:
        """Those at some places (n,), in their order."""
        ids = self.item_ids
        picked = ids.at(places) if isinstance(ids, Picked) else look_up_all(ids, places.tolist())
        return Ranking(picked, self.source, self.scores[places])


def ids_of(ranked: Sequence[Ranked]) -> Sequence[str]:
    """The ids of what was chosen."""
    return ranked.item_ids if isinstance(ranked, Ranking) else [choice.item_id for choice in ranked]


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
    ) -> Sequence[Ranked]:
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
        unlisted: frozenset[str] | None = None,
    ) -> None:
        """unlisted: the items that the model knows and the catalog does not show, where they are known."""
        self._model = model
        self._newcomers = newcomers
        self._catalog = catalog
        self._unlisted = unlisted
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
    ) -> Sequence[Ranked]:
        """See `Ranker`."""
        if not weights:
            return self._rest.rank(weights, k, exclude, among)
        candidates: Candidates | Sequence[str] | None = None
        if among is not None:
            candidates = prepared(self._model, among) if among.lasts else among.item_ids
        ids, scores = self._shown(k, lambda count: self._columns(weights, count, exclude, candidates, repeat))
        ranked: Sequence[Ranked] = Ranking(ids, self.source, scores)
        if self._newcomers is not None and isinstance(self._model, FactorModel):
            new = self._newcomers.scores(
                self._model,
                weights,
                lambda item_id: item_id not in exclude and (among is None or item_id in among.members),
            )
            both = merged(zip(ids, scores.tolist(), strict=True), new, k)
            ranked = [Ranked(item_id, self.source, score) for item_id, score in both]
        if len(ranked) < k:
            taken = {*exclude, *ids_of(ranked)}
            ranked = [*ranked, *self._rest.rank(weights, k - len(ranked), taken, among, repeat=repeat)]
        return ranked

    def _shown(self, k: int, best: Callable[[int], Columns]) -> Columns:
        """The first `k` of the `best` that the catalog shows. Items that the model knows and the catalog does not show
        may be among them: then more are asked for.
        """
        catalog, asked = self._catalog, k
        while True:
            ids, scores = best(asked)
            if self._shows_all(ids):
                return (ids, scores) if len(ids) <= k else (ids[:k], scores[:k])
            shown = [place for place, item_id in enumerate(ids) if catalog.shows(item_id)]
            if len(shown) >= k or len(ids) < asked:
                return look_up_all(ids, shown[:k]), scores[shown[:k]]
            asked *= 2

    def _shows_all(self, ids: Sequence[str]) -> bool:
        if self._unlisted is None:
            return self._catalog.shows_all(ids)
        return not self._unlisted or self._unlisted.isdisjoint(ids)

    def _columns(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        candidates: Candidates | Sequence[str] | None,
        repeat: bool,
    ) -> Columns:
        """What the model recommends, as ids and scores."""
        model = self._model
        if isinstance(model, FactorModel):
            found = model.recommend_columns(weights, k, exclude, candidates, repeat=repeat)
            return cast("Sequence[str]", found[0]), found[1]
        hits = model.recommend(weights, k, exclude, candidates, repeat=repeat)
        return [str(hit.item_id) for hit in hits], np.array([hit.score for hit in hits], dtype=np.float64)


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


def keep_prepared(before: Among, after: Among, moved: Collection[str]) -> bool:
    """Take what models know of the items of a shelf over to the shelf that follows it, and answer whether all could be.

    moved: items of the catalog that came to the shelf or left it; a model that knows one is to be prepared anew. Items
    that left the catalog need not be told: no list shows them.
    """
    prepared = [(known, known[before]) for known in list(_prepared_for.values()) if before in known]
    kept = [(known, candidates) for known, candidates in prepared if candidates.index_of.keys().isdisjoint(moved)]
    for known, candidates in kept:
        known[after] = candidates
    return len(kept) == len(prepared)


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
            found = self._order.among(among, k)
        else:
            found = (item_id for item_id in self._order if item_id in among.members)
        left = (item_id for item_id in found if item_id not in exclude and (repeat or item_id not in weights))
        return [Ranked(item_id, self.source, None) for item_id in islice(left, k)]
