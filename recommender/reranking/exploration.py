"""Exploration with exact propensities: some slots of a slate show something the ranking would not have shown."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, check_count, check_number
from recommender.reranking.exploration_kernels import draw_slots, first_of_order
from recommender.reranking.stand_ins import RowByChance, StandIns

RANK, EXPLORE = "rank", "explore"


class SlateEntry(NamedTuple):
    """One shown item, where it came from ('rank' or 'explore'), and how likely this item was at this slot."""

    item_id: ItemId
    source: str
    propensity: float


_make_entry: Callable[[tuple[ItemId, str, float]], SlateEntry] = partial(tuple.__new__, SlateEntry)


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

        A random order of the m items of `pool` is drawn. The first `first_slot` slots show their ranked items. Slot
        number p after them (from 0) draws, with probability e = explore_share, the p-th of that order if p < m, and
        shows it in place of its ranked item, unless it is among the ranked top k itself, as b of the pool are. The p-th
        of a random order is any item with probability 1/m, so the propensities are exact: e/m for an explored item and
        1 - e (m - b)/m for a ranked one where p < m, and 1 elsewhere.

        With `stand_ins` an item is shown where the row has room for it within its bounds; there the ranked item of the
        slot may take the place of another one. A propensity is then what it is given what the slots before have drawn:
        of the u items that none of them has, where the row has room for r, e/u for an explored item and 1 - e r/u for
        the ranked item that the other slots leave there.
        Raises ValueError for a k below 1 or a ranked id that occurs twice.
        """
        opened = self._open(ranked, pool, k)
        coins = rng.random(opened.open_slots) < self.explore_share
        drawn: dict[int, int] = {}
        if coins.any():
            order = rng.choice(len(opened.pool), size=opened.open_slots, replace=False)
            drawn = {p: int(order[p]) for p in _places_of(coins)}
        return self._slate(opened, drawn, stand_ins)

    def draw_again(
        self,
        ranked: Sequence[ItemId],
        pool: Sequence[ItemId],
        k: int,
        seed: int,
        stand_ins: StandIns | None = None,
    ) -> list[SlateEntry]:
        """`draw` by a seed instead of a generator, such that the next slate of the same seed and pool keeps its draws.

        Coins belong to slots, and each slot has an order of its own of all items, by a hash of seed, slot and item: an
        exploring slot draws the first of its order that no slot before it drew. So what a slot shows stays, however the
        ranking changes, until that item is ranked or leaves the pool. Over seeds every item of the pool is equally
        likely, as all are treated alike: the propensities are those of `draw`.
        """
        opened = self._open(ranked, pool, k)
        slot_keys, coins = np.empty(opened.open_slots, np.uint64), np.empty(opened.open_slots, dtype=bool)
        draw_slots(np.uint64(seed % 2**64), self.explore_share, slot_keys, coins)
        drawn: dict[int, int] = {}
        exploring = _places_of(coins)
        if exploring:
            item_keys = np.fromiter(map(_item_key, opened.pool), np.uint64, len(opened.pool))
            left = np.arange(len(opened.pool))
            for p in exploring:
                drawn[p] = int(first_of_order(item_keys, left, slot_keys[p]))
                left = left[left != drawn[p]]
        return self._slate(opened, drawn, stand_ins)

    def _open(self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int) -> _Opened:
        slots = list(ranked[: check_count(k)])
        shown, distinct = set(slots), set(pool) if self.explore_share else set()
        if len(shown) != len(slots):
            raise ValueError(f"ranked must not name an item twice in its top {k}, got {slots!r}")
        items = pool if len(distinct) == len(pool) else [name for name in dict.fromkeys(pool) if name in distinct]
        return _Opened(slots, items, shown & distinct, min(len(items), max(0, len(slots) - self.first_slot)))

    def _slate(self, opened: _Opened, drawn: Mapping[int, int], stand_ins: StandIns | None) -> list[SlateEntry]:
        """The slate where slots, from `first_slot` on, have drawn these places of the pool."""
        row: RowByChance | None = None
        if stand_ins is not None and opened.open_slots:
            row = RowByChance(stand_ins, opened.pool, tuple(opened.ranked), self.first_slot)
        items, e, left = list(opened.slots), self.explore_share, len(opened.pool)
        sources, chances = [RANK] * len(items), [1.0] * len(items)
        for p in range(opened.open_slots):
            slot = p + self.first_slot
            room = left - len(opened.ranked) if row is None else row.room[slot]
            chances[slot] = 1.0 - e * (room / left)
            if p not in drawn:
                continue
            item_id = opened.pool[drawn[p]]
            if item_id not in opened.ranked:
                leaves = slot if row is None else row.put(slot, drawn[p])
                if leaves is not None:
                    items[leaves] = items[slot]
                    items[slot], sources[slot], chances[slot] = item_id, EXPLORE, e / left
            left -= row is not None
        return list(map(_make_entry, zip(items, sources, chances, strict=True)))


class _Opened(NamedTuple):
    """The ranked slots, the items of the pool, those of them that are ranked, and how many slots after the first ones
    may explore.
    """

    slots: list[ItemId]
    pool: Sequence[ItemId]
    ranked: set[ItemId]
    open_slots: int


@lru_cache(100_000)
def _item_key(item_id: ItemId) -> int:
    """A number of an item, the same in every process."""
    return zlib.crc32(str(item_id).encode())


def _places_of(coins: NDArray[np.bool_]) -> list[int]:
    """Where there is True; like `argmin`, `flatnonzero` gives the interpreter away."""
    return [place for place, coin in enumerate(coins.tolist()) if coin]
