"""What is popular now: clicks by item, older ones counting less."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog
from app.store.events import EventRow

HALF_LIFE_DAYS = 14.0
_SECONDS_PER_DAY = 86_400.0
# Forward decay multiplies by 2^(age of the epoch / half-life): beyond this exponent the sums are rescaled.
_LARGEST_EXPONENT = 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """All item ids: `clicked` first, then the rest of `editorial` as it is met, so that a refresh need not touch what
    nobody has clicked.
    """

    clicked: Mapping[str, None]
    editorial: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        yield from self.clicked
        yield from (item_id for item_id in self.editorial if item_id not in self.clicked)


class PopularityBoard:
    """Weights of positive events by item with an exponential half-life, kept up to date event by event.

    Forward decay (Cormode et al., 2009): an event at time t adds weight · 2^((t − epoch) / half-life), so that the
    order at any later moment needs no pass over the past.
    """

    def __init__(
        self,
        catalog: Catalog,
        kind_weights: Mapping[str, float],
        epoch: float,
        *,
        refresh_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._positions = {item.item_id: index for index, item in enumerate(catalog.items)}
        self._ids = tuple(item.item_id for item in catalog.items)
        self._kind_weights = dict(kind_weights)
        self._epoch = epoch
        self._sums: NDArray[np.float64] = np.zeros(len(self._ids))
        self._order = Order({}, self._ids)
        self._sorted_at = -np.inf
        self._changed = False
        self._clicked = False
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._sorting = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, rows: Iterable[EventRow]) -> None:
        """Count events; kinds without a weight and items outside the catalog are left out."""
        with self._lock:
            for row in rows:
                index = self._positions.get(row.item_id)
                weight = self._kind_weights.get(row.kind, 0.0)
                if index is None or not weight:
                    continue
                exponent = self._exponent(row.received_at)
                self._sums[index] += (-weight if row.undo else weight) * 2.0**exponent
                self._changed = self._clicked = True

    def _exponent(self, at: float) -> float:
        exponent = (at - self._epoch) / (HALF_LIFE_DAYS * _SECONDS_PER_DAY)
        if exponent > _LARGEST_EXPONENT:
            self._sums *= 2.0**-exponent
            self._epoch = at
            return 0.0
        return exponent

    def order(self) -> Order:
        """All item ids, most popular first, ties in editorial order; about `refresh_s` seconds old at most.

        Sorting grows with the items that were clicked: a busy site does it once a second and, between `start` and
        `stop`, on a thread of its own, so that no page waits for it.
        """
        if self._thread is None:
            self._sort_if_due()
        return self._order

    def any_clicks(self) -> bool:
        """Whether anything has been clicked at all; without, the order is the editorial one."""
        return self._clicked

    def start(self) -> None:
        """Sort now, and from now on beside the pages."""
        self._sort_if_due()
        self._thread = threading.Thread(target=self._keep_sorting, name="popularity", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _keep_sorting(self) -> None:
        while not self._stopping.wait(self._refresh_s):
            self._sort_if_due()

    def _sort_if_due(self) -> None:
        with self._sorting:
            with self._lock:
                if not self._changed or self._clock() - self._sorted_at < self._refresh_s:
                    return
                sums = self._sums.copy()
                self._changed = False
            clicked = np.flatnonzero(sums > 0)
            best_first = clicked[np.argsort(-sums[clicked], kind="stable")].tolist()
            self._order = Order(dict.fromkeys(map(self._ids.__getitem__, best_first)), self._ids)
            self._sorted_at = self._clock()
