"""The shelves of a page: where each one's candidates come from, in what order, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from app.catalog import Catalog, Selection, label
from app.catalog.among import Among
from app.catalog.catalog import count_arrivals
from app.serve.builder import PageBuilder
from app.serve.by_lot.lot import Lot
from app.serve.first_row.interleaved import TrialChallenger, interleave
from app.serve.first_row.row import FirstRow, FirstRowMaker
from app.serve.rankers import OrderRanker, Ranked, Ranker, ids_of
from app.serve.reasons import Explained, Reasons, verb_for
from app.serve.wishes import bonus_of
from app.settings import Settings
from app.store.slates import GRID_SHELF, SIMILAR_SHELF
from app.values.item import Item
from app.visitors import History
from recommender import FactorModel, ItemToItemModel

GRID_SIZE = 24
_ASK = 3  # times a shelf's size: it skips what the page shows already
_JUST_S = 30 * 86_400.0  # what was added since was added just now
_NEAREST = 5  # times a shelf's size: of these neighbours of an item a visitor sees what suits them best


@dataclass(frozen=True, slots=True)
class Shelves:
    """What the shelves of one page are composed from.

    learns: whether the page follows this visitor; not so in the control arm.
    ranker: the first usable link of the chain for this visitor; the baseline itself in the control arm.
    model: the model behind `ranker`, or None when there is none.
    baseline: popularity, the same for everybody.
    why: says the reason under an entry.
    newest: item ids, newest in the catalog first.
    among: the items of a type and a style. selected: those of a selection.
    trial_challenger: the challenger, for a visitor who takes part in its trial. model_version: of the model behind
    `ranker` where it is a published one. evidence: what links two items, in words. first_row: balances the shelf that
    follows the visitor, and keeps its wild cards through a visit; without it, the shelf is as the model ranks it.
    fresh: the newest items of the catalog. lot: what rows are drawn from, for a visitor whose pages judge models.
    """

    settings: Settings
    catalog: Catalog
    learns: bool
    history: History
    ranker: Ranker
    model: FactorModel | ItemToItemModel | None
    baseline: OrderRanker
    why: Reasons
    newest: Sequence[str]
    among: Callable[[str | None, str | None], Among]
    selected: Callable[[Selection], Among]
    trial_challenger: TrialChallenger | None = None
    model_version: int | None = None
    evidence: Callable[[str, str, Catalog], str] | None = None
    first_row: FirstRowMaker | None = None
    fresh: Among | None = None
    lot: Lot | None = None

    @property
    def arrivals(self) -> int:
        """How many of `newest` joined the catalog after most others, so that they may be called new."""
        return count_arrivals(self.catalog.newest)

    @property
    def size(self) -> int:
        """Items on one shelf."""
        return self.settings.shelf_size

    def link(self, item: Item, other_id: str) -> str:
        """What links an item of the shelf to the one that the shelf is about, as a sentence."""
        said = self.evidence(item.item_id, other_id, self.catalog) if self.evidence else "close in taste"
        return said[:1].upper() + said[1:]

    def add_for_you(
        self, page: PageBuilder, key: str = "for-you", among: Among | None = None, k: int | None = None
    ) -> None:
        """The shelf that the experiment compares: the ranker's best, with exploration slots where a model ranks."""
        k = k or self.size
        learned = self.model is not None and bool(self.history.weights)
        pool_size = self.settings.exploration_pool if learned else 0
        row = self._first_row(self.ranker, k, pool_size, page, among) if learned else None
        asked = k + pool_size + page.rules.spare(k)
        ranked = row.ranked if row else self.ranker.rank(self.history.weights, asked, page.taken, among)
        if self.trial_challenger is not None and row and key == "for-you":
            self._add_interleaved(page, row, self.trial_challenger)
            return
        page.add(
            key,
            "For you",
            self._for_you_reason(row),
            ranked,
            row.why(self.why) if row else self.why,
            size=k,
            policy=f"{ranked[0].source if ranked else self.ranker.source}{'+balance+explore' if row else ''}",
            explore_share=self.settings.exploration_share if learned else 0.0,
            pool=self._pool(page, row, k, among) if row else (),
            first_place=self.settings.exploration_first_place,
            seed=self._seed(page),
            bounds=row.bounds if row else None,
        )

    def _first_row(
        self, ranker: Ranker, k: int, pool_size: int, page: PageBuilder, among: Among | None = None
    ) -> FirstRow:
        """The ranker's best in the order of a balanced row, with enough behind it for exploration to draw from."""
        return self.row_of(ranker, self.history, k, page.taken, page.now, among, k + pool_size)

    def row_of(
        self,
        ranker: Ranker,
        history: History,
        k: int,
        without: Collection[str],
        now: float,
        among: Among | None = None,
        minimum: int = 0,
    ) -> FirstRow:
        """The row of `k` that a history gets without exploration, and behind it others up to `minimum` candidates."""
        if self.first_row is None:
            ranked = ranker.rank(history.weights, max(k, minimum), without, among)
            return FirstRow(ranked, {}, best=ids_of(ranked))
        count = max(self.first_row.balance.candidates, minimum)
        return self.first_row.arrange(ranker.rank(history.weights, count, without, among), k, history, now)

    def _pool(self, page: PageBuilder, row: FirstRow, k: int, among: Among | None = None) -> Sequence[str]:
        """What wild cards are drawn from: for the row of everything what the visit began with, else what ranks now."""
        first = max(k, self.size)  # one pool for a page and for short answers of the API
        places = slice(first, first + self.settings.exploration_pool)
        if self.first_row is None or among is not None:
            return row.best[places]
        return self.first_row.pool(row, self.ranker, places, self.history, page, self.model_version, self.catalog)

    def _seed(self, page: PageBuilder) -> int | None:
        return None if self.first_row is None else self.first_row.exploration_seed(self.history, page.now)

    def _add_interleaved(self, page: PageBuilder, champion: FirstRow, trial_challenger: TrialChallenger) -> None:
        """The shelf "For you" that the challenger fills together with the champion, both balanced alike."""
        challenger = self._first_row(trial_challenger.ranker, self.size, 0, page)
        shelf = interleave(
            champion.ranked,
            challenger.ranked,
            self.size,
            trial_challenger.version,
            page.rng,
            self._pool(page, champion, self.size),
            champion.bounds,
        )
        champions_why = champion.why(self.why)
        challengers_why = challenger.why(
            Reasons(self.history, trial_challenger.model, self.catalog, bonus_of(trial_challenger.ranker))
        )

        def why(choices: Sequence[Ranked]) -> list[str | Explained]:
            sides: dict[bool, list[Ranked]] = {True: [], False: []}
            for choice in choices:
                sides[shelf.draft.is_challengers(choice.item_id)].append(choice)
            said = {True: iter(challengers_why(sides[True])), False: iter(champions_why(sides[False]))}
            return [next(said[shelf.draft.is_challengers(choice.item_id)]) for choice in choices]

        page.add(
            "for-you",
            "For you",
            self._for_you_reason(champion),
            shelf.ranked,
            why,
            size=self.size,
            policy=f"{self.ranker.source}+balance+interleave+explore",
            explore_share=self.settings.exploration_share,
            pool=shelf.pool,
            draft=shelf.draft,
            first_place=self.settings.exploration_first_place,
            seed=self._seed(page),
        )

    def _for_you_reason(self, row: FirstRow | None) -> str:
        if row is not None:
            return "; ".join(("Ranked by what you opened, the newest counting most", *row.changes))
        return "What everybody opens" + ("; open three things and this row follows you" if self.learns else "")

    def add_because(self, page: PageBuilder) -> None:
        """Neighbours of the item that the visitor opened last."""
        last = next(reversed(list(self.history.weights)), None)
        item = self.catalog.get(last) if last else None
        if item is None or not isinstance(self.model, FactorModel):
            return
        page.add(
            "because",
            f"Because you {verb_for(item.item_id, self.history)} “{item.title}”",
            "Of what is closest to it, what suits you best",
            self.neighbours(item.item_id, self.size),
            lambda choices: [self.link(item, choice.item_id) for choice in choices],
            size=self.size,
            policy="als-similar",
            link=f"/item/{item.item_id}",
        )

    def neighbours(self, item_id: str, size: int) -> list[Ranked]:
        """Items whose factors point the same way, more than `size`, those first that suit the visitor best; none for an
        item that the model does not know.
        """
        if not isinstance(self.model, FactorModel) or item_id not in self.model:
            return []
        known = self.history.opinions.hidden | self.history.weights.keys()
        near = [
            Ranked(str(hit.item_id), self.ranker.source, hit.score)
            for hit in self.model.similar(item_id, k=_NEAREST * size)
            if hit.item_id not in known and self.catalog.shows(str(hit.item_id))
        ]
        if not self.history.weights or not near:
            return near[: _ASK * size]
        ids = tuple(choice.item_id for choice in near)
        return list(self.ranker.rank(self.history.weights, _ASK * size, known, Among.of(ids, lasts=False)))

    def add_more_of_type(self, page: PageBuilder) -> None:
        """More of the type that the visitor turns to most."""
        type = self.favourite("type")
        if type is None:
            return
        ranked = self.ranker.rank(self.history.weights, _ASK * self.size, page.taken, self.among(type, None))
        page.add(
            "more-of-type",
            f"More: {label(type)}",
            "The kind you open most",
            ranked,
            self.why,
            size=self.size,
            policy=self.ranker.source,
            link=f"/type/{type}",
        )

    def favourite(self, category: str) -> str | None:
        """The type or style that the visitor turns to most; None without one."""
        weights: dict[str, float] = defaultdict(float)
        for item_id, weight in self.history.weights.items():
            item = self.catalog.get(item_id)
            if item is not None:
                weights[getattr(item, category)] += weight
        return max(weights, key=weights.__getitem__, default=None)

    def add_new(self, page: PageBuilder) -> None:
        """The newest items of the catalog, as far as they joined after most others."""
        left_out = {*self.history.weights, *page.taken}
        fresh = (item_id for item_id in islice(self.newest, self.arrivals) if item_id not in left_out)
        ranked = [Ranked(item_id, "new", None) for item_id in islice(fresh, self.size)]
        if not ranked:
            return
        oldest = self.catalog[ranked[-1].item_id].added_at
        said = "Just added" if oldest > page.now - _JUST_S else "The newest there are"
        page.add("new", "New here", said, ranked, self.why, size=self.size, policy="newest")

    def add_grid(self, page: PageBuilder, selection: Selection, number: int, sort: str) -> bool:
        """One page (from 1) of the selected items, in one of the orders of `SORTS`; whether another page follows."""
        among = self.selected(selection)
        start, end = (number - 1) * GRID_SIZE, number * GRID_SIZE
        ranker = {"best": self.ranker, "popular": self.baseline, "new": OrderRanker(self.newest, "new")}[sort]
        ranked = ranker.rank(self.history.weights, end + 1, page.taken, among, repeat=True)
        page.add(
            GRID_SHELF,
            " · ".join(label(slug) for slug in (*selection.type, *selection.style)) or "Everything",
            f"{len(among.item_ids):,} in all",
            ranked[start:end],
            self.why,
            size=GRID_SIZE,
            policy="newest" if sort == "new" else ranker.source,
        )
        return len(ranked) > end

    def add_similar(self, page: PageBuilder, item: Item, size: int) -> None:
        """More like one item: its neighbours in taste, then others of its type and style."""
        page.taken.add(item.item_id)
        near = self.neighbours(item.item_id, size)
        taken = {*page.taken, *(choice.item_id for choice in near)}
        rest: Ranker = self.baseline if self.lot is None else self.ranker
        same = rest.rank(self.history.weights, size, taken, self.among(item.type, item.style))
        same_style = [Ranked(choice.item_id, "browse", None) for choice in same]
        page.add(
            SIMILAR_SHELF,
            "More like this",
            f"Goes with “{item.title}”",
            near + same_style,
            lambda choices: [self.link(item, choice.item_id) for choice in choices],
            size=size,
            policy="als-similar" if near else "same-style",
        )
