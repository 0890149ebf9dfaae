"""The first row of a page: a model's best, balanced by what the visitor turns to, and what that changed, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np

from app.catalog import Catalog, label
from app.catalog.traits import item_traits, traits_of_some
from app.models.balance import CANDIDATES, balanced_row, learned_row, prior_row
from app.serve.builder import PageBuilder, Reason
from app.serve.first_row.visit_pools import PoolOf, VisitPools
from app.serve.kept.left_out import LeftOut
from app.serve.rankers import Ranked, Ranker, Ranking, Scores, ids_of
from app.serve.reasons import Explained
from app.serve.traits import Trait, traits_of
from app.settings import Settings
from app.store import Store
from app.store.wishes import MAX_LEVEL
from app.visitors import History
from recommender import ItemId
from recommender.reranking.balanced_row import BalancedRow, Taste
from recommender.reranking.bounds import RowBounds
from recommender.reranking.traits import ItemTraits

LEARN_EVERY_S = 600.0
_ROWS = 4
"""Of one visitor, with different numbers of entries or questions."""
_MAIN = ("type:", "genre:")  # what a visitor may ask for more of than a row holds otherwise
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class FirstRow:
    """Candidates in the order of a balanced row.

    ranked: the row, then the others in the model's order. reasons: by item, the sentence where the balance put it
    there. changes: what stepped back, as sentences. bounds: what keeps one type from filling the row; None where
    nothing was balanced. best: the ids of the candidates in the model's order.
    """

    ranked: Sequence[Ranked]
    reasons: Mapping[str, str]
    changes: tuple[str, ...] = ()
    bounds: RowBounds | None = None
    best: Sequence[str] = ()

    def why(self, why: Reason) -> Reason:
        """Why an entry is shown: what the balance says of it, and what the ranker says of the others."""
        reasons = self.reasons
        if not reasons:
            return why

        def in_balance(choice: Ranked, said: str | Explained) -> str | Explained:
            carried = reasons.get(choice.item_id)
            if carried is None or choice.source == "explore":
                return said
            return carried if isinstance(said, str) else said._replace(text=carried)

        return lambda choices: list(map(in_balance, choices, why(choices)))


class RowBalance:
    """Balances first rows, by one reference to an immutable `BalancedRow`: swapped whole when strengths are learned."""

    def __init__(self, settings: Settings, catalog: Catalog, store: Store) -> None:
        self._settings, self._catalog, self._store = settings, catalog, store
        self._usual: tuple[ItemTraits, Mapping[Trait, float]] | None = None
        self._row: BalancedRow = prior_row(ItemTraits(*item_traits(catalog.items)), settings)

    @property
    def candidates(self) -> int:
        """How many of a model's best a row is made from."""
        return max(CANDIDATES, self._settings.shelf_size + self._settings.exploration_pool)

    @property
    def row(self) -> BalancedRow:
        """What balances rows now."""
        return self._row

    @property
    def strengths(self) -> dict[str, float]:
        """By attribute, how alike visitors are in it: many choices, or few, say what somebody turns to."""
        row = self._row
        return {trait.name: strength for trait, strength in zip(row.traits.traits, row.strengths, strict=True)}

    @property
    def usual(self) -> Mapping[Trait, float]:
        """Share of the items on a list that have each trait."""
        traits, kept = self._row.traits, self._usual
        if kept is None or kept[0] is not traits:
            films = any(item.year is not None for item in self._catalog.items[:1])
            kinds = {"type": "genre", "style": "decade"} if films else {"palette": "colour"}
            shares = {
                Trait(kinds.get(trait.name, trait.name), value): share
                for trait in traits.traits
                for value, share in zip(trait.values, trait.presence.tolist(), strict=True)
                if share
            }
            kept = self._usual = traits, shares
        return kept[1]

    def learn(self) -> None:
        """Learn the strengths anew from the newest choices on record."""
        self._row = learned_row(self._row.traits, self._settings, self._store)

    def use_catalog(self, catalog: Catalog, changed: Collection[str] | None = None) -> None:
        """Balance by the attributes of this catalog from now on; what was learned of an attribute stays.

        changed: ids of the items that differ from before, the only ones that are looked at; None for any.
        """
        known, traits = self.strengths, self._traits_of(catalog, changed)
        fresh = prior_row(traits, self._settings)
        pairs = zip(traits.traits, fresh.strengths, strict=True)
        self._row = balanced_row(traits, [known.get(trait.name, prior) for trait, prior in pairs], self._settings)
        self._catalog = catalog

    def _traits_of(self, catalog: Catalog, changed: Collection[str] | None) -> ItemTraits:
        after = None
        if changed is not None:
            before = self._row.traits
            written = [item for item in map(catalog.get, changed) if item is not None and item.available]
            values_of = traits_of_some(written, [trait.name for trait in before.traits])
            gone = [item_id for item_id in changed if not catalog.shows(item_id)]
            after = None if values_of is None else before.with_changes(values_of, gone)
        return after or ItemTraits(*item_traits(catalog.items))

    def arrange(
        self,
        ranked: Sequence[Ranked],
        k: int,
        history: History,
        passes: Mapping[str, int],
        asked: Sequence[str] = (),
    ) -> FirstRow:
        """The row of `k` from a model's best; what has no score of the model follows in its order.

        asked: types (genres) that the question is about, beside those that the visitor asked for more of.
        """
        row = self._row  # one for the whole row: another may be swapped in meanwhile
        scored: Sequence[Ranked] = ranked
        if not isinstance(ranked, Ranking) or not row.traits.knows_all(ranked.item_ids):
            scored = [choice for choice in ranked if choice.score is not None and choice.item_id in row.traits.row_of]
        left_out = {key for key, level in history.wishes.items() if level == -MAX_LEVEL}
        if left_out:
            wanted = [choice for choice in scored if not left_out & self._keys(choice.item_id)]
            scored = wanted if len(wanted) >= k else scored
        wished = [key.partition(":")[2] for key, level in history.wishes.items() if level > 0 and key.startswith(_MAIN)]
        weights, counts = cast("Mapping[ItemId, float]", history.weights), cast("Mapping[ItemId, int]", passes)
        taste = Taste(weights, history.opinions.hidden, counts, [*wished, *asked])
        ids = ids_of(scored)
        found = row.arrange(ids, _scores_of(scored), k, taste)
        reasons = self._reasons(row.traits, found.lifted, history)
        ordered: Sequence[Ranked]
        if isinstance(scored, Ranking):
            ordered = scored.in_order(found.order)
        else:
            ordered = [scored[place] for place in found.order]
        if scored is not ranked:
            balanced = set(ids)
            ordered = [*ordered, *(choice for choice in ranked if choice.item_id not in balanced)]
        changes = _changes(len(found.stepped_back), len(found.tired), self._settings.row_passes)
        return FirstRow(ordered, reasons, tuple(changes), found.bounds, ids_of(ranked))

    def _keys(self, item_id: str) -> set[str]:
        item = self._catalog.get(item_id)
        return {trait.key for trait in traits_of(item)} if item is not None else set()

    def _reasons(
        self, traits: ItemTraits, lifted: Mapping[ItemId, tuple[str, str] | None], history: History
    ) -> dict[str, str]:
        """“Retro, like three you opened”; or that it is there for variety."""
        if not lifted:
            return {}
        carriers = list({carrier for carrier in lifted.values() if carrier is not None})
        alike = dict(zip(carriers, traits.counts(carriers, history.weights), strict=True))
        said = {}
        for item_id, carrier in lifted.items():
            item = self._catalog.get(str(item_id))
            if carrier is None or item is None:
                said[str(item_id)] = f"Something else: {label(item.type)}" if item is not None else "Something else"
            else:
                count = alike[carrier]
                number = _NUMBERS[count] if count < len(_NUMBERS) else count
                said[str(item_id)] = f"{label(carrier[1])}, like {number} you opened"
        return said


class KeptRow(NamedTuple):
    """A row, and what it was made from beside the number of its entries and what the question is about."""

    ranked: Sequence[Ranked]
    history: History
    passes: Mapping[str, int]
    balanced_by: BalancedRow
    row: FirstRow

    def is_of(
        self, ranked: Sequence[Ranked], history: History, passes: Mapping[str, int], balanced_by: BalancedRow
    ) -> bool:
        """Whether it was made from this very ranking and history, by the same, and as much had been on screen."""
        made_from_these = self.ranked is ranked and self.history is history and self.balanced_by is balanced_by
        return made_from_these and self.passes == passes


KeptRows = dict[tuple[int, tuple[str, ...]], KeptRow]
"""The rows of one visitor, by number of entries and types that the question was about."""


@dataclass(frozen=True, slots=True)
class FirstRowMaker:
    """Makes first rows for one visitor. passes: tells, at a time in Unix seconds, how often items were on screen.
    kept: those that were made. pools: what is drawn from in the visits under way. off_lists: ids of the items that the
    shop hides. asked: types that the question is about, which may fill the row. is_current: whether the visitor's
    history is still the one that the page was begun with.
    """

    balance: RowBalance
    visitor_id: str
    passes: Callable[[float], Mapping[str, int]]
    kept: KeptRows
    pools: VisitPools
    off_lists: frozenset[str] = frozenset()
    asked: tuple[str, ...] = ()
    is_current: Callable[[], bool] = lambda: True

    def arrange(self, ranked: Sequence[Ranked], k: int, history: History, now: float) -> FirstRow:
        """See `RowBalance.arrange`; history: of the visitor, as it is or as it might be."""
        passes, row, named = self.passes(now), self.balance.row, (k, self.asked)
        held = self.kept.get(named)
        if held is not None and held.is_of(ranked, history, passes, row):
            return held.row
        made = self.balance.arrange(ranked, k, history, passes, self.asked)
        if len(self.kept) >= _ROWS:
            self.kept.clear()
        self.kept[named] = KeptRow(ranked, history, passes, row, made)
        return made

    def exploration_seed(self, history: History, now: float) -> int:
        """The seed of the visit's wild cards, which keeps them through it; another visit or visitor draws anew."""
        name = f"{self.visitor_id}\n{history.visit(now)!r}"
        return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())

    def pool(
        self,
        row: FirstRow,
        ranker: Ranker,
        places: slice,
        history: History,
        page: PageBuilder,
        model_version: int | None,
        catalog: Catalog,
    ) -> Sequence[str]:
        """The ids of what the visit's wild cards are drawn from, without what was chosen since it began.

        It is what the ranker has at these places for what stood at the start of the visit. row: made by this ranker,
        which ranks what the catalog shows, for this page.
        """
        start = history.at_start(page.now)

        def rank() -> Sequence[str]:
            if list(start.items()) == list(history.weights.items()):
                return list(row.best[places])
            # A copy, as a ranker with levels remembers the spread of its newest scores, and reasons ask for it.
            return list(ids_of(copy(ranker).rank(start, places.stop, page.taken))[places])

        left_out, boosts = LeftOut.of(page.taken, self.off_lists), page.rules.boosts
        key = PoolOf(history.visit(page.now), start, history.wishes, model_version, places.stop, left_out, boosts)
        kept = left_out.is_worth_keeping
        pool = self.pools.of(self.visitor_id, key, catalog, rank, self.is_current) if kept else rank()
        return [name for name in pool if name not in history.weights]


def _scores_of(ranked: Sequence[Ranked]) -> Scores:
    return ranked.scores if isinstance(ranked, Ranking) else np.array([choice.score for choice in ranked], np.float64)


def _changes(stepped_back: int, tired: int, passes: int) -> list[str]:
    said = []
    if stepped_back:
        said.append(f"{stepped_back} like what you hid stepped back")
    if tired:
        said.append(f"{tired} that you passed over {passes} times stepped back")
    return said
