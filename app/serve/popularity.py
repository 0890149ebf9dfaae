"""What is popular now: clicks by item, older ones counting less."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from app.catalog import Catalog
from app.store.events import EventRow

HALF_LIFE_DAYS = 14.0
_SECONDS_PER_DAY = 86_400.0
# Forward decay multiplies by 2^(age of the epoch / half-life): beyond this exponent the sums are rescaled.
_LARGEST_EXPONENT = 60.0


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
        self._order: tuple[str, ...] = self._ids
        self._sorted_at = -np.inf
        self._changed = False
        self._clicked = False
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = threading.Lock()

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

    def order(self) -> tuple[str, ...]:
        """All item ids, most popular first, ties in editorial order; at most `refresh_s` seconds old.

        Sorting is the one step that grows with the catalog, so a busy site does it once a second and not once a click.
        """
        with self._lock:
            if self._changed and self._clock() - self._sorted_at >= self._refresh_s:
                best_first = np.argsort(-self._sums, kind="stable")
                self._order = tuple(self._ids[index] for index in best_first)
                self._sorted_at = self._clock()
                self._changed = False
            return self._order

    def any_clicks(self) -> bool:
        """Whether anything has been clicked at all; without, the order is the editorial one."""
        return self._clicked
