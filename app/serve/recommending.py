"""What the API recommends: for a visitor, for a history of nobody in particular, and what a rule would change of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.catalog.among import Among
from app.serve.builder import PageBuilder
from app.serve.by_lot.rows import add_by_lot
from app.serve.catalog_view import CatalogView
from app.serve.home import add_home
from app.serve.model_holder import ModelHolder, ServedModel
from app.serve.page import Page, Recommended
from app.serve.rankers import Ranker
from app.serve.reasons import Reasons
from app.serve.rules.applied import API_SHELF, AppliedRules
from app.serve.rules.book import RuleBook
from app.serve.rules.recommenders import HOME
from app.serve.rules.want import ANYTHING, RulePreview, Want
from app.serve.shelves import Shelves
from app.serve.waiting import LOG_NOW, Logging, LogSlates
from app.serve.wishes import bonus_of
from app.store import Store
from app.store.slates import page_items
from app.values.rule import Rule
from app.values.visitor import Visitor
from recommender import FactorModel, ItemToItemModel


class Recommending(ABC):
    """The part of `Serve` that recommends; how a page begins and ends, and what ranks, is that of all pages."""

    rules: RuleBook
    _view: CatalogView
    _store: Store
    _models: ModelHolder

    @abstractmethod
    def _start(
        self, visitor: Visitor, now: float, rules: AppliedRules | None = None
    ) -> tuple[Shelves, PageBuilder, str | None]: ...

    @abstractmethod
    def _finish(
        self, builder: PageBuilder, visitor: Visitor, notice: str | None, logging: Logging, more: bool = False
    ) -> Page: ...

    @abstractmethod
    def _learned_chain(
        self, served: ServedModel | None, view: CatalogView
    ) -> tuple[Ranker, FactorModel | ItemToItemModel | None]: ...

    def recommend(
        self, visitor: Visitor, now: float, k: int, want: Want = ANYTHING, logging: Logging = LOG_NOW
    ) -> Page:
        """The `k` best for a visitor: a page with the slate `api`, or without one when nothing is left to recommend."""
        view = self._view
        among = view.wanted(want.type, want.filters)
        rules = self.rules.applied.with_question(want.rules, want.exclude, among)
        shelves, builder, _ = self._start(visitor, now, rules)
        if want.after:
            builder.go_on(want.after, page_items(self._store.reader(), visitor.visitor_id, want.after))
        key = API_SHELF if want.name == HOME else f"{API_SHELF}-{want.name}"
        if want.items:
            builder.taken.update(want.items)
            shelves = ranked_by(shelves, want.items)
        if shelves.lot is None:
            if want.types and shelves.first_row is not None:
                shelves = replace(shelves, first_row=replace(shelves.first_row, asked=want.types))
            shelves.add_for_you(builder, key=key, among=among, k=k)
        else:
            add_by_lot(shelves, builder, key, "Drawn by lot", among, k)
        return self._finish(builder, visitor, None, logging)

    def recommend_for(self, history: Sequence[str], k: int, want: Want = ANYTHING) -> Recommended:
        """The `k` best for a history of item ids, newest last, of nobody in particular; nothing is logged."""
        among = self._view.wanted(want.type, want.filters)
        rules = self.rules.applied.with_question(want.rules, want.exclude, among)
        return self._recommended(history, k, among, rules)

    def _recommended(self, history: Sequence[str], k: int, among: Among | None, applied: AppliedRules) -> Recommended:
        served = self._models.served
        ranker, _ = self._learned_chain(served, self._view)
        ranked = applied.recommend(ranker, history, k, among)
        return Recommended(served.version if served else None, tuple(ranked))

    def preview(self, rule: Rule, history: Sequence[str], k: int) -> RulePreview:
        """What a rule that is not in force would change of what a history of nobody in particular gets."""
        applied = self.rules.applied
        with_rule = AppliedRules.of((*applied.rules, rule), self._view.catalog)
        before, after = (
            tuple(choice.item_id for choice in self._recommended(history, k, None, rules).ranked)
            for rules in (applied, with_rule)
        )
        return RulePreview(before, after, len(with_rule.hidden - applied.hidden))

    def preview_home(self, visitor: Visitor, now: float, rule: Rule) -> tuple[Page, Page, int]:
        """The home page as it is and with a rule that is not in force, and how many items the rule takes off all lists.

        Nothing is logged, and chance falls alike on both.
        """
        applied = self.rules.applied
        with_rule = AppliedRules.of((*applied.rules, rule), self._view.catalog)
        pages = []
        for rules in (applied, with_rule):
            shelves, builder, notice = self._start(visitor, now, rules)
            builder.rng = np.random.default_rng(0)
            add_home(shelves, builder, picks=False)
            pages.append(self._finish(builder, visitor, notice, Logging(LogSlates.NEVER)))
        return pages[0], pages[1], len(with_rule.hidden - applied.hidden)

    def shown(self, visitor: Visitor, page_id: str) -> bool:
        """Whether a page of this id was logged for the visitor."""
        return bool(page_items(self._store.reader(), visitor.visitor_id, page_id))


def ranked_by(shelves: Shelves, items: Sequence[str]) -> Shelves:
    """The shelves for items in place of the visitor's history, such as a cart; what is hidden stays so."""
    weights = dict.fromkeys(items, 1.0)
    history = replace(shelves.history, weights=weights, start=weights)  # it is no page of the visit
    why = Reasons(history, shelves.model, shelves.catalog, bonus_of(shelves.ranker))
    return replace(shelves, history=history, why=why, trial_challenger=None)
