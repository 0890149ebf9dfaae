"""Exploration with exact propensities: some slots of a slate show something the ranking would not have shown."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, check_count, check_number

RANK, EXPLORE = "rank", "explore"


class SlateEntry(NamedTuple):
    """One shown item, where it came from ('rank' or 'explore'), and how likely this item was at this slot."""

    item_id: ItemId
    source: str
    propensity: float


@dataclass(frozen=True, slots=True)
class SlatePolicy:
    """Each slot from `first_slot` (from 0) on explores with probability `explore_share`, independent of the others."""

    explore_share: float
    first_slot: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "explore_share", check_number(self.explore_share, "explore_share", 0, 1))
        object.__setattr__(self, "first_slot", int(check_number(self.first_slot, "first_slot", 0)))

    def draw(
        self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int, rng: np.random.Generator
    ) -> list[SlateEntry]:
        """A slate of min(k, len(ranked)) entries, no item twice.

        The explorable items are those of `pool` that are not among the ranked top k; there are m of them, and a random
        order of them is drawn. The first `first_slot` slots show their ranked items. Slot number p after them (from 0)
        shows, with probability e = explore_share, the p-th of that order in place of its ranked item, if p < m; slots
        from m on always show their ranked item. The p-th of a random order is any item with probability 1/m, so the
        propensities are exact: 1 - e for a ranked item and e/m for an explored one where p < m, and 1 elsewhere. Raises
        ValueError for a k below 1 or a ranked id that occurs twice.
        """
        slots, explorable, count = self._open(ranked, pool, k)
        coins = rng.random(count) < self.explore_share
        found: dict[int, ItemId] = {}
        if coins.any():
            order = rng.choice(len(explorable), size=count, replace=False)
            found = {p: explorable[order[p]] for p in np.flatnonzero(coins).tolist()}
        return self._slate(slots, coins, found, len(explorable))

    def draw_again(self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int, seed: int) -> list[SlateEntry]:
        """`draw` by a seed instead of a generator, such that the next slate with the same seed keeps its draws.

        Coins belong to slots, and each slot has an order of its own of all items, by a hash of seed, slot and item: an
        exploring slot shows the first of its order that is explorable and that no slot before it shows. So what a slot
        explores stays, however ranking and pool change, until that item is ranked or leaves the pool. Over seeds every
        explorable item is equally likely, as all are treated alike: the propensities are those of `draw`.
        """
        slots, explorable, count = self._open(ranked, pool, k)
        slot_keys = _mixed(np.arange(1, count + 1, dtype=np.uint64) * _GOLDEN + np.uint64(seed % 2**64))
        coins = (slot_keys >> np.uint64(11)) * 2.0**-53 < self.explore_share
        found: dict[int, ItemId] = {}
        if coins.any():
            hashes = np.fromiter(map(_item_key, explorable), np.uint64, len(explorable))
            free = np.ones(len(explorable), dtype=bool)
            for p in np.flatnonzero(coins).tolist():
                keys = _mixed(hashes ^ slot_keys[p])
                first = int(np.where(free, keys, np.iinfo(np.uint64).max).argmin())
                free[first] = False
                found[p] = explorable[first]
        return self._slate(slots, coins, found, len(explorable))

    def _open(self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int) -> tuple[list[ItemId], list[ItemId], int]:
        """The ranked slots, the explorable items, and how many slots may explore."""
        slots = list(ranked[: check_count(k)])
        shown, distinct = set(slots), set(pool) if self.explore_share else set()
        if len(shown) != len(slots):
            raise ValueError(f"ranked must not name an item twice in its top {k}, got {slots!r}")
        explorable = list(pool if len(distinct) == len(pool) else dict.fromkeys(pool)) if distinct else []
        if not shown.isdisjoint(distinct):
            explorable = [item_id for item_id in explorable if item_id not in shown]
        return slots, explorable, max(0, min(len(explorable), len(slots) - self.first_slot))

    def _slate(
        self, slots: Sequence[ItemId], coins: NDArray[np.bool_], explored: dict[int, ItemId], explorable: int
    ) -> list[SlateEntry]:
        e, slate = self.explore_share, []
        for place, item_id in enumerate(slots):
            p = place - self.first_slot
            if not 0 <= p < len(coins):
                slate.append(SlateEntry(item_id, RANK, 1.0))
            elif coins[p]:
                slate.append(SlateEntry(explored[p], EXPLORE, e / explorable))
            else:
                slate.append(SlateEntry(item_id, RANK, 1.0 - e))
        return slate


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@lru_cache(100_000)
def _item_key(item_id: ItemId) -> int:
    """A number of an item, the same in every process."""
    return zlib.crc32(str(item_id).encode())


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Well-mixed 64-bit numbers: the finalizer of splitmix64 (Steele, Lea and Flood, 2014)."""
    mixed = values.copy()
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
