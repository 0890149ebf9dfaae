"""What goes on a page: the visitor's history, the arm, the shelves, the policy, the slate log."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

import numpy as np
import structlog

from app.catalog import Catalog, Selection
from app.catalog.selection import EVERYTHING
from app.models.first_model import source_of
from app.serve.builder import PageBuilder
from app.serve.by_lot.lot import CurrentLot, LotRanker
from app.serve.catalog_view import CatalogView
from app.serve.co_openings import CoOpenings
from app.serve.fallback import FirstModelFallback
from app.serve.first_row.interleaved import trial_challenger
from app.serve.first_row.passes import PassCounts
from app.serve.first_row.row import FirstRowMaker, RowBalance
from app.serve.first_row.visit_pools import VisitPools
from app.serve.histories import HistoryCache, read_history
from app.serve.home import add_home, add_more
from app.serve.insight.standings import Standings
from app.serve.kept.by_history import KeptByHistory, KeptRanker
from app.serve.model_holder import ModelHolder, ServedModel
from app.serve.page import Page, ServeState
from app.serve.pairs import add_pairs
from app.serve.popularity import PopularityBoard
from app.serve.rankers import LearnedRanker, OrderRanker, Ranker
from app.serve.recommending import Recommending
from app.serve.rules.applied import AppliedRules
from app.serve.rules.book import RuleBook
from app.serve.search import Searching
from app.serve.several.remembering import Remembering
from app.serve.shelves import Shelves
from app.serve.waiting import LOG_NOW, Logging, LogSlates
from app.serve.wishes import bonus_of, wished
from app.settings import Settings
from app.store import Store, Writer
from app.store.rules import items_done
from app.store.slates import page_items
from app.values.visitor import Visitor
from app.visitors import History, Opinions
from recommender import FactorModel, ItemToItemModel

NO_MODEL_NOTICE = "The learned model is not available right now, so this page uses a simpler ranking."

_log = structlog.get_logger(__name__)


class Serve(Remembering, Recommending):
    """Composes pages. Safe between request threads: what they share is immutable or locks for itself."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        writer: Writer,
        catalog: Catalog,
        models: ModelHolder,
        popularity: PopularityBoard,
        rng: Callable[[], np.random.Generator] = np.random.default_rng,
    ) -> None:
        self._settings, self._store = settings, store
        self._remember(settings, store, writer)
        self._models = models
        self._popularity, self._standings = popularity, Standings(popularity)
        self._rng = rng
        self._fallback = FirstModelFallback(store, settings)
        self.co_openings = CoOpenings(store)
        self._histories = HistoryCache(partial(read_history, store, settings), settings.history_cache)
        self._passes = PassCounts(store, settings.history_cache)
        self._kept = KeptByHistory(self._histories.holds, self._standings.sentence)
        self._pools = VisitPools()
        self.balance = RowBalance(settings, catalog, store)
        self._view = CatalogView(catalog, store.reader)
        self._lot = CurrentLot(settings.holdout_popular_share)
        self.rules = RuleBook(store, catalog)

    def prepare(self, model: FactorModel) -> None:
        """Make a new model ready to choose among the items of each type."""
        self._view.prepare(model)

    def use_catalog(self, catalog: Catalog, changed: Collection[str] | None = None) -> None:
        """Make pages of this catalog from now on, of which `changed` items differ, None for any; a page that is being
        made goes on with the one it began with.
        """
        view = CatalogView(catalog, self._store.reader) if changed is None else self._view.followed_by(catalog, changed)
        if (served := self._models.served) is not None:
            view.prepare(served.model)
        self.balance.use_catalog(catalog, changed)
        self.rules.use_catalog(catalog, changed)
        self._view = view

    def opinions(self, visitor_id: str) -> Opinions:
        """What the visitor liked, saved, used and hid."""
        return self._histories.get(visitor_id).opinions

    def models_in_use(self) -> dict[int, FactorModel]:
        """The published model and the one on trial, by version."""
        return {held.version: held.model for held in (self._models.served, self._models.challenger) if held}

    def opened(self, visitor_id: str) -> int:
        """How many items the visitor's pages are ranked by."""
        return len(self._histories.get(visitor_id).weights)

    def passed_over(self, visitor_id: str, now: float) -> list[str]:
        """Items that left the visitor's first row for having been on screen so often without being opened."""
        history = self._histories.get(visitor_id)
        often = self._passes.seen_often(visitor_id, self._settings.row_passes, now)
        return [name for name in often if name not in history.weights and name not in history.opinions.hidden]

    def state(self) -> ServeState:
        """What ranks pages right now, for health checks and the flywheel page."""
        served = self._models.served
        return ServeState(
            model_version=served.version if served else None,
            fallback=None if served else self._learned_chain(None, self._view)[0].source,
            loaded_at=served.loaded_at if served else None,
            items=len(self._view.catalog),
            history_cache_size=len(self._histories),
            problem=self._models.problem,
            watermark=served.watermark if served else 0,
        )

    def home(self, visitor: Visitor, now: float, logging: Logging = LOG_NOW, picks: bool = True) -> Page:
        """The home page; see `add_home`."""
        shelves, builder, notice = self._start(visitor, now)
        add_home(shelves, builder, picks)
        return self._finish(builder, visitor, notice, logging, more=True)

    def more(self, visitor: Visitor, now: float, number: int, after: str, logging: Logging = LOG_NOW) -> Page:
        """Page `number` (from 2) of what follows the home page `after`, without what that showed; see `add_more`."""
        shelves, builder, notice = self._start(visitor, now)
        builder.taken |= page_items(self._store.reader(), visitor.visitor_id, after)
        more = add_more(shelves, builder, number)
        return self._finish(builder, visitor, notice, logging, more=more)

    def history(self, visitor_id: str) -> History:
        """What stands of a visitor."""
        return self._histories.get(visitor_id)

    def history_items(self, visitor_id: str) -> list[str]:
        """What the visitor turned to, the newest first."""
        return list(reversed(list(self._histories.get(visitor_id).weights)))

    def browse(
        self,
        visitor: Visitor,
        now: float,
        selection: Selection = EVERYTHING,
        page: int = 1,
        sort: str = "best",
        logging: Logging = LOG_NOW,
    ) -> Page:
        """A grid of the selected items, page by page (from 1), in one of the orders of `SORTS`."""
        shelves, builder, notice = self._start(visitor, now)
        more = shelves.add_grid(builder, selection, page, sort)
        return self._finish(builder, visitor, notice, logging, more=more)

    def item(
        self, visitor: Visitor, item_id: str, now: float, k: int | None = None, logging: Logging = LOG_NOW
    ) -> Page | None:
        """The shelf of `k` items under one item; without `k` as many as a shelf holds, and the shelf of what goes with
        it. None when there is no such item.
        """
        item = self._view.catalog.get(item_id)
        if item is None:
            return None
        shelves, builder, notice = self._start(visitor, now)
        shelves.add_similar(builder, item, k or self._settings.shelf_size)
        if k is None:
            add_pairs(shelves, builder, item)
        return self._finish(builder, visitor, notice, logging)

    @property
    def searching(self) -> Searching:
        """What finds items by words and properties, in the catalog of now."""
        return Searching(self._view, self._popularity)

    def search(
        self,
        visitor: Visitor,
        text: str,
        now: float,
        selection: Selection = EVERYTHING,
        page: int = 1,
        sort: str = "best",
        logging: Logging = LOG_NOW,
    ) -> Page:
        """What a search text finds of the selected items, page by page (from 1). No shelf when nothing is left."""
        shelves, builder, _ = self._start(visitor, now)
        more = self.searching.add_results(builder, shelves, text, selection, page, sort)
        return self._finish(builder, visitor, None, logging, more=more)

    @property
    def model_version(self) -> int | None:
        """The published model in use; None without one."""
        served = self._models.served
        return served.version if served else None

    def learns(self, visitor: Visitor) -> bool:
        """Whether the visitor's pages follow them: not in the control arm, and not where pages are drawn by lot."""
        return not visitor.judges and (visitor.arm == "treatment" or self._settings.aa_mode)

    def shelves(self, visitor: Visitor, rules: AppliedRules | None = None) -> Shelves:
        """What the visitor's pages are composed from right now: history, ranker, model, and the rules of the shop."""
        rules = rules or self.rules.applied
        history = self._histories.get(visitor.visitor_id)
        view = self._view
        baseline = self._baseline(view)
        lot = self._lot.of(view.among(None, None), self._popularity.order()) if visitor.judges else None
        learns = self.learns(visitor)
        served = self._models.served if learns else None
        ranker: Ranker = baseline if lot is None else LotRanker(lot.everything, visitor.visitor_id)
        model: FactorModel | ItemToItemModel | None = None
        if learns:
            ranker, model = self._learned_chain(served, view)
        kept, off_lists = self._kept.of(visitor.visitor_id, history, model, view.catalog), self.rules.applied.hidden
        ranker = KeptRanker(ranker, kept, off_lists) if isinstance(model, FactorModel) else ranker
        ranker = rules.boosted(ranker) if lot is None else ranker
        if learns:
            ranker = wished(ranker, history.wishes, view.catalog)
        return Shelves(
            self._settings,
            view.catalog,
            learns,
            history,
            ranker,
            model,
            baseline,
            kept.why.with_wish(bonus_of(ranker)),
            view.newest,
            view.among,
            view.selected,
            trial_challenger(
                self._settings, view.catalog, self._models, visitor, served, baseline, history.wishes, rules.boosted
            ),
            served.version if served else None,
            self.co_openings.evidence,
            FirstRowMaker(
                self.balance,
                visitor.visitor_id,
                partial(self._passes.of, visitor.visitor_id),
                kept.rows,
                self._pools,
                off_lists,
                is_current=partial(self._histories.holds, visitor.visitor_id, history),
            ),
            view.fresh,
            lot,
        )

    def _start(
        self, visitor: Visitor, now: float, rules: AppliedRules | None = None
    ) -> tuple[Shelves, PageBuilder, str | None]:
        """What every page starts with: its shelves, an empty page, and the notice of a fallback."""
        rules = rules or self.rules.applied
        shelves = self.shelves(visitor, rules)
        version, hidden = shelves.model_version, shelves.history.opinions.hidden
        gone = shelves.learns and version is None and self._models.problem is not None
        notice = NO_MODEL_NOTICE if gone else None
        if rules.bought_kinds:
            hidden |= items_done(self._store.reader(), visitor.visitor_id, rules.bought_kinds)
        return shelves, PageBuilder(shelves.catalog, visitor, hidden, self._rng, version, now, rules), notice

    def _finish(
        self, builder: PageBuilder, visitor: Visitor, notice: str | None, logging: Logging, more: bool = False
    ) -> Page:
        slates = builder.slates()
        if logging.when is LogSlates.NOW:
            kept = self._slate_log.queue(visitor, slates)
        else:
            kept = logging.when is not LogSlates.NEVER
            if kept:
                self._waiting.keep(builder.page_id, visitor, slates, logging)
        return builder.page(logged=kept, notice=notice, more=more)

    def _learned_chain(
        self, served: ServedModel | None, view: CatalogView
    ) -> tuple[Ranker, FactorModel | ItemToItemModel | None]:
        """The first usable of a published model, a first one, popularity and editorial order."""
        baseline = self._baseline(view)
        if served is not None:
            model = served.model
            ranker = LearnedRanker(model, "als", view.catalog, baseline, view.newcomers(model), view.unlisted(model))
            return ranker, model
        first = self._fallback.model()
        if first is not None:
            return LearnedRanker(first, source_of(first), view.catalog, baseline), first
        return baseline, None

    def _baseline(self, view: CatalogView) -> OrderRanker:
        order = self._popularity.order()
        if order.catalog is not view.catalog:  # the board is told of the next catalog before pages are
            order = replace(order, catalog=view.catalog)
        return OrderRanker(order, "popularity" if self._popularity.any_clicks() else "editorial")
