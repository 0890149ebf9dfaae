"""What ranks for a visitor and says why, kept until their history, the model or the catalog changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from cachetools import LRUCache

from app.catalog import Catalog
from app.catalog.among import Among
from app.serve.first_row.row import KeptRows
from app.serve.kept.left_out import LeftOut
from app.serve.rankers import Ranked, Ranker
from app.serve.reasons import Reasons
from app.values.item import Item
from app.visitors import History
from recommender import FactorModel, ItemToItemModel

_KEPT = 500
"""Visitors; of each the equations of a history, some rankings, and what was said of a page or two: some 60 KiB."""
_RANKINGS = 4
"""Of one visitor: as many as a home page has."""

Asked = tuple[int, LeftOut, Among | None, bool]
Rankings = dict[Asked, Sequence[Ranked]]


class Kept(NamedTuple):
    """What follows from one history: what was ranked by it, by what was asked, the first rows of these rankings, and
    what says why.
    """

    history: History
    rankings: Rankings
    rows: KeptRows
    why: Reasons


class KeptByHistory:
    """What is held of the newest visitors of one model and catalog, least recently used dropped first; safe between
    threads. Nothing is held of another model or catalog, so that neither outlives its use.
    """

    def __init__(
        self, is_current: Callable[[str, History], bool], standing: Callable[[Item], str], size: int = _KEPT
    ) -> None:
        """is_current: whether a visitor's history is still this one. standing: says how popular an item is."""
        self._is_current, self._standing = is_current, standing
        self._made_for: tuple[FactorModel, Catalog] | None = None
        self._kept: LRUCache[str, Kept] = LRUCache(size)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(
        self, visitor_id: str, history: History, model: FactorModel | ItemToItemModel | None, catalog: Catalog
    ) -> Kept:
        """The visitor's, made where none is held of this very history, model and catalog."""
        if not isinstance(model, FactorModel):
            return self._made(history, model, catalog)
        with self._lock:
            if self._made_for is None or self._made_for[0] is not model or self._made_for[1] is not catalog:
                self._made_for = model, catalog
                self._kept.clear()
            held = self._kept.get(visitor_id)
            if held is not None and held.history is history:
                return held
            made = self._kept[visitor_id] = self._made(history, model, catalog)
        if not self._is_current(visitor_id, history):  # forgotten meanwhile, perhaps for good
            self.forget([visitor_id])
        return made

    def _made(self, history: History, model: FactorModel | ItemToItemModel | None, catalog: Catalog) -> Kept:
        return Kept(history, {}, {}, Reasons(history, model, catalog, None, self._standing))

    def forget(self, visitor_ids: Collection[str]) -> None:
        """Drop what is held of some visitors."""
        with self._lock:
            for visitor_id in visitor_ids:
                self._kept.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop what is held of everybody."""
        with self._lock:
            self._kept.clear()


class KeptRanker:
    """A ranker that looks up what it ranked for one history before; what fell short, and was filled up in an order that
    changes with the day, is ranked anew. Safe between threads, which at worst rank the same twice.
    """

    def __init__(self, ranker: Ranker, kept: Kept, off_lists: frozenset[str] = frozenset()) -> None:
        """off_lists: ids of the items that the shop hides, which most questions leave out."""
        self._ranker, self._kept, self._off_lists = ranker, kept, off_lists
        self.source = ranker.source

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
        if weights is not self._kept.history.weights or (among is not None and not among.lasts):
            return self._ranker.rank(weights, k, exclude, among, repeat=repeat)
        left_out, rankings = LeftOut.of(exclude, self._off_lists), self._kept.rankings
        asked = k, left_out, among, repeat
        ranked = rankings.get(asked)
        if ranked is None:
            ranked = self._ranker.rank(weights, k, exclude, among, repeat=repeat)
            if ranked and ranked[-1].source == self.source and left_out.is_worth_keeping:
                if len(rankings) >= _RANKINGS:
                    rankings.clear()
                rankings[asked] = ranked
        return ranked
