"""Pages drawn by lot, for holdout visitors: what they open there was put before them by nobody's ranking.

A visitor opens what a slate puts before them, so clicks on what a ranking chose flatter that ranking. The exam of
models therefore asks only about entries that were drawn by lot, each with the exact chance with which it was, so that
clicks can be weighted by its inverse. A part of the slots is drawn from what is popular, evenly: the best of every
ranking are among these more often than not, and models are told apart with less than half of the clicks.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.catalog.among import Among
from app.catalog.popular_order import Order
from app.serve.rankers import Ranked

POPULAR_PART = 0.2
"""Share of the items, most popular first, that the popular slots are drawn from."""

LOT = "lot"
_SPARSE = 0.5  # below this share of items left, listing them costs less than drawing until one is left


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item that was drawn, and the chance it had of standing where it does, given what the page held before."""

    item_id: str
    propensity: float


@dataclass(frozen=True, slots=True)
class Lot:
    """What pages of one moment are drawn from: all items, the most popular of them, and the share of slots of these."""

    everything: Among
    popular: Among
    popular_share: float

    @classmethod
    def of(cls, everything: Among, best_first: Order, popular_share: float) -> Lot:
        """The lot over `everything`. best_first: the order of popularity."""
        size = round(POPULAR_PART * len(everything.item_ids))
        return cls(everything, Among.of(tuple(islice(best_first.among(everything, size), size))), popular_share)

    def draw(self, k: int, taken: Collection[str], rng: np.random.Generator) -> list[Drawn]:
        """`k` items, none of `taken` and none twice; fewer when fewer are left.

        Slot by slot: with chance s = popular_share any of the m popular items left, else any of the n items left, so
        that an item has the propensity s/m (if popular) + (1 − s)/n; 1/n each when no popular one is left.
        """
        gone = {item_id for item_id in taken if item_id in self.everything.members}
        drawn: list[Drawn] = []
        left = len(self.everything.item_ids) - len(gone)
        popular_left = len(self.popular.item_ids) - sum(item_id in self.popular.members for item_id in gone)
        while len(drawn) < k and left > 0:
            share = self.popular_share if popular_left else 0.0
            item_id = _any_left(self.popular if rng.random() < share else self.everything, gone, rng)
            is_popular = item_id in self.popular.members
            drawn.append(Drawn(item_id, (share / popular_left if is_popular else 0.0) + (1.0 - share) / left))
            gone.add(item_id)
            left -= 1
            popular_left -= is_popular
        return drawn


class CurrentLot:
    """The lot of now: made anew when the catalog or what is popular has changed. Safe between threads."""

    def __init__(self, popular_share: float) -> None:
        self._popular_share = popular_share
        self._made: tuple[Among, Order, Lot] | None = None

    def of(self, everything: Among, best_first: Order) -> Lot:
        """See `Lot.of`; the same objects give the same lot."""
        made = self._made
        if made is None or made[0] is not everything or made[1] is not best_first:
            made = self._made = (everything, best_first, Lot.of(everything, best_first, self._popular_share))
        return made[2]


class LotRanker:
    """An order by lot that is the visitor's own: the same on every page, so that a list goes on where it stopped."""

    source = LOT

    def __init__(self, everything: Among, visitor_id: str) -> None:
        self._everything = everything
        self._seed = zlib.crc32(visitor_id.encode())

    def rank(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        among: Among | None = None,
        *,
        repeat: bool = False,
    ) -> list[Ranked]:
        """See `Ranker`; no item is better than another."""
        item_ids = (among or self._everything).item_ids
        order = np.random.default_rng(self._seed).permutation(len(item_ids)).tolist()
        left = (item_ids[place] for place in order)
        return [
            Ranked(item_id, LOT, None)
            for item_id in islice((one for one in left if one not in exclude and (repeat or one not in weights)), k)
        ]


def _any_left(among: Among, gone: Collection[str], rng: np.random.Generator) -> str:
    """Any of the items that are not gone, each as likely as any other; there is one at least."""
    item_ids = among.item_ids
    if len(gone) > _SPARSE * len(item_ids):
        item_ids = tuple(item_id for item_id in item_ids if item_id not in gone)
        return item_ids[int(rng.integers(len(item_ids)))]
    while True:
        item_id = item_ids[int(rng.integers(len(item_ids)))]
        if item_id not in gone:
            return item_id
