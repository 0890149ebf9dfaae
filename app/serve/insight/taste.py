"""What the page thinks a visitor likes: traits that stand out among what would be recommended to them next."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.catalog import Catalog
from app.serve.insight.memo import HistoryMemo
from app.serve.serve import Serve
from app.serve.shelves import Shelves
from app.serve.traits import Trait, parse_trait, traits_of
from app.values.visitor import Visitor

_MIN_BEST, _MAX_BEST = 12, 100
MAX_CHIPS = 6
_OF_ONE_KIND = 3
_MIN_SHARE = 0.05
_MIN_LIFT = 1.25


@dataclass(frozen=True, slots=True)
class TasteChip:
    """A trait that the visitor seems to like, or of which they asked for more or less.

    share: of the ranker's best for them. usual: of the whole catalog. opened: items of their history that have it.
    level: what they asked for, -2 to 2.
    """

    trait: Trait
    share: float
    usual: float
    opened: int
    level: int

    @property
    def lift(self) -> float:
        """How many times as frequent the trait is for the visitor as in the catalog."""
        return self.share / self.usual if self.usual else 0.0


class Tastes:
    """Reads the taste of each visitor once a history and model. Safe between threads."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._known: HistoryMemo[tuple[TasteChip, ...]] = HistoryMemo()

    def of(self, visitor: Visitor) -> tuple[TasteChip, ...]:
        """The chips of a visitor, the likes with the largest share first; none before they opened anything."""
        serve = self._serve
        history = serve.history(visitor.visitor_id)
        if not serve.learns(visitor) or not (history.weights or history.wishes):
            return ()
        return self._known.get(
            visitor.visitor_id, history, serve.model_version, lambda: self._read(serve.shelves(visitor))
        )

    def forget(self, visitor_id: str) -> None:
        """Drop what is known of a visitor who was erased."""
        self._known.forget(visitor_id)

    def forget_some(self, visitor_ids: Collection[str] | None) -> None:
        """Drop what is known of some visitors, of everybody for None."""
        self._known.forget_some(visitor_ids)

    def _read(self, shelves: Shelves) -> tuple[TasteChip, ...]:
        history, catalog = shelves.history, shelves.catalog
        best = shelves.ranker.rank(history.weights, best_items(catalog), history.opinions.hidden)
        shares = trait_shares(catalog, [choice.item_id for choice in best])
        return chips(shares, self._serve.balance.usual, _counts(catalog, history.weights), history.wishes)


def best_items(catalog: Catalog) -> int:
    """How many of the ranker's best a taste is read from: 100, of a small catalog a tenth."""
    return max(_MIN_BEST, min(_MAX_BEST, len(catalog) // 10))


def chips(
    shares: Mapping[Trait, float], usual: Mapping[Trait, float], opened: Mapping[Trait, int], wishes: Mapping[str, int]
) -> tuple[TasteChip, ...]:
    """At most `MAX_CHIPS` likes, at most three of a kind, and beside them every trait that something was asked about.

    A like is a trait of something that was opened and that is clearly more frequent than usual; it stands out by what
    its share tells, ``share * log(share / usual)``. What was asked for stands first, then likes by share, which is the
    figure that people see.
    """
    found: list[TasteChip] = []
    likes: list[TasteChip] = []
    kinds: Counter[str] = Counter()

    def telling(trait: Trait) -> float:
        # People think of a type or style first; a colour is told when it says far more.
        part = 0.5 if trait.kind == "colour" else 1.0
        return part * shares[trait] * math.log(shares[trait] / usual[trait])

    liked = [
        trait
        for trait, share in shares.items()
        if opened.get(trait) and share >= max(_MIN_SHARE, _MIN_LIFT * usual[trait]) and not wishes.get(trait.key)
    ]
    for key, level in wishes.items():
        asked = parse_trait(key)
        if asked is not None and asked in usual:
            found.append(TasteChip(asked, shares.get(asked, 0.0), usual[asked], opened.get(asked, 0), level))
    for trait in sorted(liked, key=telling, reverse=True):
        if sum(kinds.values()) < MAX_CHIPS and kinds[trait.kind] < _OF_ONE_KIND:
            kinds[trait.kind] += 1
            likes.append(TasteChip(trait, shares[trait], usual[trait], opened[trait], 0))
    return (*found, *sorted(likes, key=lambda like: like.share, reverse=True))


def trait_shares(catalog: Catalog, item_ids: Iterable[str]) -> dict[Trait, float]:
    """Share of the items that have each trait."""
    ids = list(item_ids)
    return {trait: count / len(ids) for trait, count in _counts(catalog, ids).items()}


def _counts(catalog: Catalog, item_ids: Iterable[str]) -> Counter[Trait]:
    items = filter(None, map(catalog.get, item_ids))
    return Counter(trait for item in items for trait in traits_of(item))
