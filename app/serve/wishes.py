"""What a visitor, or a shop, wants to see more or less of, added to the score of a ranker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from statistics import pstdev

from app.catalog import Catalog
from app.catalog.among import Among
from app.serve.rankers import Ranked, Ranker
from app.serve.traits import traits_of
from app.store.wishes import MAX_LEVEL

POOL = 600
"""Items that a wish chooses from: the best of the ranker, so that more of a trait is not what suits nobody."""
_STEP = 1.0
_LEFT_OUT = -8.0
"""What a trait that is left out costs an item, in spreads: more than any score gives."""


def wished(ranker: Ranker, wishes: Mapping[str, int], catalog: Catalog) -> Ranker:
    """The ranker with the wishes of one visitor; itself where there are none."""
    return WishRanker(ranker, wishes, catalog) if wishes else ranker


def bonus_of(ranker: Ranker) -> Callable[[str], float] | None:
    """What the wishes of a ranker add to the score of an item; None for a ranker without wishes."""
    return ranker.bonus if isinstance(ranker, WishRanker) else None


class LevelRanker:
    """Adds to the score of an item one spread of the pool's scores for each level of it.

    inner: the ranker without levels. The order is decided without chance, so what a page shows keeps the propensity
    that its policy gives it.
    """

    def __init__(self, ranker: Ranker, level: Callable[[str], float]) -> None:
        """level: how many spreads are added to an item."""
        self.inner = ranker
        self._levels = lru_cache(maxsize=None)(level)
        self._spread = 0.0
        self.source = ranker.source

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
        pool = self.inner.rank(weights, max(k, POOL), exclude, among, repeat=repeat)
        scores = [choice.score for choice in pool if choice.score is not None]
        self._spread = pstdev(scores) if len(scores) > 1 else 0.0
        if not self._spread:
            # An order without scores: the first stands one above the last, and a level is worth a quarter of the way.
            place = {choice.item_id: 1 - index / len(pool) for index, choice in enumerate(pool)}
            return sorted(pool, key=lambda choice: -place[choice.item_id] - self._levels(choice.item_id) / 4)[:k]
        scored = [
            choice._replace(score=choice.score + self.bonus(choice.item_id))
            for choice in pool
            if choice.score is not None
        ]
        rest = [choice for choice in pool if choice.score is None]
        best = sorted(scored, key=lambda choice: -(choice.score or 0.0))
        return [*best, *sorted(rest, key=lambda choice: self._levels(choice.item_id) <= _LEFT_OUT / 2)][:k]

    def bonus(self, item_id: str) -> float:
        """What the levels add to the score of an item, on the scale of the newest `rank`."""
        return _STEP * self._spread * self._levels(item_id)


class BoostRanker(LevelRanker):
    """Levels that the shop decides, the same for every visitor."""


class WishRanker(LevelRanker):
    """Levels of the traits that a visitor asked for more or less of."""

    def __init__(self, ranker: Ranker, wishes: Mapping[str, int], catalog: Catalog) -> None:
        super().__init__(ranker, self._level)
        self._catalog = catalog
        self._wishes = wishes

    def _level(self, item_id: str) -> float:
        item = self._catalog.get(item_id)
        levels = [self._wishes.get(trait.key, 0) for trait in traits_of(item)] if item else []
        return _LEFT_OUT if -MAX_LEVEL in levels else float(sum(levels))
