"""Exploration with exact propensities: some slots of a slate show something the ranking would not have shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.interactions.checks import ItemId, check_count, check_number

RANK, EXPLORE = "rank", "explore"


@dataclass(frozen=True, slots=True)
class SlateEntry:
    """One shown item, where it came from ('rank' or 'explore'), and how likely this item was at this slot."""

    item_id: ItemId
    source: str
    propensity: float


@dataclass(frozen=True, slots=True)
class SlatePolicy:
    """Each slot, independently, explores with probability `explore_share`."""

    explore_share: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "explore_share", check_number(self.explore_share, "explore_share", 0, 1))

    def draw(
        self, ranked: Sequence[ItemId], pool: Sequence[ItemId], k: int, rng: np.random.Generator
    ) -> list[SlateEntry]:
        """A slate of min(k, len(ranked)) entries, no item twice.

        The explorable items are those of `pool` that are not among the ranked top k; there are m of them, and a random
        order of them is drawn. Slot p (from 0) shows, with probability e = explore_share, the p-th of that order in
        place of its ranked item, if p < m; slots from m on always show their ranked item. The p-th of a random order
        is any item with probability 1/m, so the propensities are exact: 1 - e for a ranked item and e/m for an
        explored one where p < m, and 1 where p >= m. Raises ValueError for a k below 1 or a ranked id that occurs
        twice.
        """
        slots = list(ranked[: check_count(k)])
        shown = set(slots)
        if len(shown) != len(slots):
            raise ValueError(f"ranked must not name an item twice in its top {k}, got {slots!r}")
        e = self.explore_share
        explorable = [item_id for item_id in dict.fromkeys(pool) if item_id not in shown] if e > 0.0 else []
        m = len(explorable)
        open_slots = min(m, len(slots))
        coins = rng.random(open_slots) < e
        order = rng.choice(m, size=open_slots, replace=False) if coins.any() else np.empty(0, dtype=np.int64)
        slate = []
        for p, item_id in enumerate(slots):
            if p >= open_slots:
                slate.append(SlateEntry(item_id, RANK, 1.0))
            elif coins[p]:
                slate.append(SlateEntry(explorable[order[p]], EXPLORE, e / m))
            else:
                slate.append(SlateEntry(item_id, RANK, 1.0 - e))
        return slate
