"""Exploration with exact propensities: some slots of a slate show something the ranking would not have shown."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, check_count, check_number
from recommender.reranking.bounds_kernels import chances_of_stand_ins, places_of_stand_ins
from recommender.reranking.exploration_kernels import draw_slots, first_of_order

RANK, EXPLORE = "rank", "explore"


class SlateEntry(NamedTuple):
    """One shown item, where it came from ('rank' or 'explore'), and how likely this item was at this slot."""

    item_id: ItemId
    source: str
    propensity: float


_make_entry: Callable[[tuple[ItemId, str, float]], SlateEntry] = partial(tuple.__new__, SlateEntry)


@dataclass(frozen=True, slots=True)
class StandIns:
    """What may stand in for the ranked items of a slate. values: int64 (pool,), which value each item of the pool has.
    allowed: bool (slots, values), which values may stand in each slot.
    """

    values: NDArray[np.int64]
    allowed: NDArray[np.bool_]

    def of(self, places: NDArray[np.int64]) -> StandIns:
        """The same of some places of the pool."""
        return StandIns(self.values[places], self.allowed)

    def places(self, slot: int) -> NDArray[np.int64]:
        """Places of the pool that may stand in a slot, in order."""
        places = np.empty(len(self.values), dtype=np.int64)
        return places[: places_of_stand_ins(self.values, self.allowed[slot], places)]

    def chances(self, explore_share: float, first_slot: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Chances to stand in each slot: of each item of a value, (slots, values), and of the ranked one, (slots,); see
        `SlatePolicy.draw`.
        """
        chances, of_ranked = np.empty(self.allowed.shape), np.empty(len(self.allowed))
        chances_of_stand_ins(self.values, self.allowed, explore_share, first_slot, chances, of_ranked)
        return chances, of_ranked


@dataclass(frozen=True, slots=True)
class SlatePolicy:
    """Each slot from `first_slot` (from 0) on explores with probability `explore_share`, independent of the others."""

    explore_share: float
    first_slot: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "explore_share", check_number(self.explore_share, "explore_share", 0, 1))
        object.__setattr__(self, "first_slot", int(check_number(self.first_slot, "first_slot", 0)))

    def draw(
        self,
        ranked: Sequence[ItemId],
        pool: Sequence[ItemId],
        k: int,
        rng: np.random.Generator,
        stand_ins: StandIns | None = None,
    ) -> list[SlateEntry]:
        """A slate of min(k, len(ranked)) entries, no item twice.

        The explorable items are those of `pool` that are not among the ranked top k; there are m of them, and a random
        order of them is drawn. The first `first_slot` slots show their ranked items. Slot number p after them (from 0)
        shows, with probability e = explore_share, the p-th of that order in place of its ranked item, if p < m; slots
        from m on always show their ranked item. The p-th of a random order is any item with probability 1/m, so the
        propensities are exact: 1 - e for a ranked item and e/m for an explored one where p < m, and 1 elsewhere.

        With `stand_ins` a slot draws, with probability e, one of the a_p explorable items that may stand in it, each
        alike and whatever other slots draw, and shows it unless a slot before it drew it: an explored item has the
        propensity e/a_p times the product of 1 - e/a_q over the slots q before p in which it may stand, the ranked one
        the rest. Raises ValueError for a k below 1 or a ranked id that occurs twice.
        """
        opened = self._open(ranked, pool, k, stand_ins)
        coins = rng.random(opened.open_slots) < self.explore_share
        if opened.stand_ins is not None:
            return self._with_stand_ins(
                opened, _places_of(coins), lambda p, places: int(places[rng.integers(len(places))])
            )
        found: dict[int, ItemId] = {}
        if coins.any():
            order = rng.choice(len(opened.explorable), size=opened.open_slots, replace=False)
            found = {p: opened.explorable[order[p]] for p in _places_of(coins)}
        return self._slate(opened, found)

    def draw_again(
        self,
        ranked: Sequence[ItemId],
        pool: Sequence[ItemId],
        k: int,
        seed: int,
        stand_ins: StandIns | None = None,
    ) -> list[SlateEntry]:
        """`draw` by a seed instead of a generator, such that the next slate with the same seed keeps its draws.

        Coins belong to slots, and each slot has an order of its own of all items, by a hash of seed, slot and item: an
        exploring slot shows the first of its order that is explorable and that no slot before it shows; with
        `stand_ins` the first that may stand in it. So what a slot explores stays, however ranking and pool change,
        until that item is ranked, leaves the pool or may stand there no more. Over seeds every explorable item is
        equally likely, as all are treated alike: the propensities are those of `draw`.
        """
        opened = self._open(ranked, pool, k, stand_ins)
        slot_keys, coins = np.empty(opened.open_slots, np.uint64), np.empty(opened.open_slots, dtype=bool)
        draw_slots(np.uint64(seed % 2**64), self.explore_share, slot_keys, coins)
        exploring = _places_of(coins)
        item_keys = np.empty(0, np.uint64)
        if exploring:
            item_keys = np.fromiter(map(_item_key, opened.explorable), np.uint64, len(opened.explorable))
        if opened.stand_ins is not None:
            return self._with_stand_ins(
                opened, exploring, lambda p, places: int(first_of_order(item_keys, places, slot_keys[p]))
            )
        found: dict[int, ItemId] = {}
        left = np.arange(len(opened.explorable))
        for p in exploring:
            place = first_of_order(item_keys, left, slot_keys[p])
            left = left[left != place]
            found[p] = opened.explorable[place]
        return self._slate(opened, found)

    def _open(self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int, stand_ins: StandIns | None) -> _Opened:
        slots = list(ranked[: check_count(k)])
        shown, distinct = set(slots), set(pool) if self.explore_share else set()
        if len(shown) != len(slots):
            raise ValueError(f"ranked must not name an item twice in its top {k}, got {slots!r}")
        explorable = list(pool) if distinct else []
        if len(distinct) != len(explorable) or not shown.isdisjoint(distinct):
            places = {item_id: place for place, item_id in reversed(list(enumerate(explorable)))}
            kept = sorted(place for item_id, place in places.items() if item_id not in shown)
            explorable = [explorable[place] for place in kept]
            stand_ins = None if stand_ins is None else stand_ins.of(np.array(kept, dtype=np.int64))
        open_slots = max(0, len(slots) - self.first_slot)
        if stand_ins is None or not explorable:
            return _Opened(slots, explorable, min(len(explorable), open_slots), None)
        return _Opened(slots, explorable, open_slots, stand_ins)

    def _slate(self, opened: _Opened, explored: Mapping[int, ItemId]) -> list[SlateEntry]:
        e, slate = self.explore_share, []
        for place, item_id in enumerate(opened.slots):
            p = place - self.first_slot
            if not 0 <= p < opened.open_slots:
                slate.append(SlateEntry(item_id, RANK, 1.0))
            elif p in explored:
                slate.append(SlateEntry(explored[p], EXPLORE, e / len(opened.explorable)))
            else:
                slate.append(SlateEntry(item_id, RANK, 1.0 - e))
        return slate

    def _with_stand_ins(
        self, opened: _Opened, exploring: list[int], pick: Callable[[int, NDArray[np.int64]], int]
    ) -> list[SlateEntry]:
        """The slate, where `pick` draws for each exploring slot one of the places of the items that may stand in it."""
        stand_ins = opened.stand_ins
        assert stand_ins is not None
        chances, of_ranked = stand_ins.chances(self.explore_share, self.first_slot)
        slate = list(map(_make_entry, zip(opened.slots, repeat(RANK), of_ranked.tolist(), strict=False)))
        drawn: set[int] = set()
        for p in exploring:
            slot = p + self.first_slot
            places = stand_ins.places(slot)
            if not len(places):
                continue
            place = pick(p, places)
            if place not in drawn:
                chance = float(chances[slot, stand_ins.values[place]])
                slate[slot] = SlateEntry(opened.explorable[place], EXPLORE, chance)
                drawn.add(place)
        return slate


class _Opened(NamedTuple):
    """The ranked slots, the explorable items, how many slots after the first ones may explore, and what may in them."""

    slots: list[ItemId]
    explorable: list[ItemId]
    open_slots: int
    stand_ins: StandIns | None


@lru_cache(100_000)
def _item_key(item_id: ItemId) -> int:
    """A number of an item, the same in every process."""
    return zlib.crc32(str(item_id).encode())


def _places_of(coins: NDArray[np.bool_]) -> list[int]:
    """Where there is True; like `argmin`, `flatnonzero` gives the interpreter away."""
    return [place for place, coin in enumerate(coins.tolist()) if coin]
