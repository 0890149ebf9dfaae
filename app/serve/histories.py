"""Histories of visitors, in memory: read once from the database, forgotten as soon as the visitor does something."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.store.events import EventRow
from app.visitors import Opinions, fold_opinions


@dataclass(frozen=True, slots=True)
class History:
    """What a visitor did, as ranking needs it.

    weights: item id to summed weight of positive events, in the order of the last of them: the newest is last.
    opinions: liked, saved, used and hidden items.
    """

    weights: Mapping[str, float]
    opinions: Opinions


def fold_history(rows: Sequence[EventRow], kind_weights: Mapping[str, float], length: int) -> History:
    """Fold a visitor's events, oldest first, to a history of the newest `length` items.

    What was undone counts for nothing, and an item marked not interested leaves the history.
    """
    weights: dict[str, dict[str, float]] = {}
    for row in rows:
        weight = kind_weights.get(row.kind, 0.0)
        if not weight:
            continue
        if row.undo:
            weights.get(row.item_id, {}).pop(row.kind, None)
            continue
        by_kind = weights.pop(row.item_id, {})
        by_kind[row.kind] = by_kind.get(row.kind, 0.0) + weight
        weights[row.item_id] = by_kind
    opinions = fold_opinions(rows)
    kept = [item_id for item_id, by_kind in weights.items() if by_kind and item_id not in opinions.hidden][-length:]
    return History({item_id: sum(weights[item_id].values()) for item_id in kept}, opinions)


class HistoryCache:
    """The newest histories, least recently used dropped first; safe between threads."""

    def __init__(self, read: Callable[[str], History], size: int) -> None:
        self._read = read
        self._size = size
        self._histories: OrderedDict[str, History] = OrderedDict()
        self._forgotten = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._histories)

    def get(self, visitor_id: str) -> History:
        """The visitor's history as of the last commit."""
        with self._lock:
            cached = self._histories.get(visitor_id)
            if cached is not None:
                self._histories.move_to_end(visitor_id)
                return cached
            forgotten_before = self._forgotten
        history = self._read(visitor_id)
        with self._lock:
            # A commit during the read may have made what was read stale: hand it out once, but do not keep it.
            if forgotten_before == self._forgotten:
                self._histories[visitor_id] = history
                while len(self._histories) > self._size:
                    self._histories.popitem(last=False)
        return history

    def forget(self, visitor_ids: Iterable[str]) -> None:
        """Drop these visitors' histories, because something of theirs was committed or erased."""
        with self._lock:
            self._forgotten += 1
            for visitor_id in visitor_ids:
                self._histories.pop(visitor_id, None)
