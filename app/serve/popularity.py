"""What is popular now: what trusted visitors chose, by item, older choices counting less."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from app.catalog import Catalog, Item
from app.catalog.popular_order import Order
from app.store import Store
from app.store.interactions import interactions_of, last_interaction, visitors_since
from app.store.measures.exclusions import excluded_visitors, last_curation
from app.store.merges import last_merge
from app.store.visitors import created_at_of, last_erasure
from app.values.interaction import Interaction
from app.visitors.contribution import ContributionRules, popular_choices

HALF_LIFE_DAYS = 14.0
NEWEST_ROWS = 200_000
"""Popularity forgets within days: visitors of so many of the newest interactions are enough to start from."""

MAX_CHOICES = 200_000
"""Choices that are kept in memory; beyond, the visitors who did something longest ago are left out first."""

_SECONDS_PER_DAY = 86_400.0
# Forward decay multiplies by 2^(age of the epoch / half-life): beyond this exponent the sums are rescaled.
_LARGEST_EXPONENT = 60.0
_SHARE_STEPS = 10_000.0  # a hundredth of the most popular item's choices is half as popular as that item
_TIE = 1e-9  # of the largest sum: what adding and taking away leaves behind is no difference

_FIRST_PLACES = 1_024

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Say:
    """What one visitor adds. places: of items on the board, intp (n,); amounts: scaled to the epoch, float64 (n,)."""

    places: NDArray[np.intp]
    amounts: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Shares:
    """Shares of items that stand at `positions` of the editorial order, as of an order."""

    positions: NDArray[np.int64]
    order: Order
    shares: NDArray[np.float32]


class PopularityBoard:
    """Sums of what visitors chose, by item, with an exponential half-life; it follows the interactions of one database.

    A choice counts by what stands of it, up to `popularity_weight`, and is as old as the last row that raised it; see
    `popular_choices` for whose choices count. Forward decay (Cormode et al., 2009): a choice of time t adds
    weight · 2^((t − epoch) / half-life), so that the order at any later moment needs no pass over the past.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        rules: ContributionRules,
        epoch: float,
        *,
        refresh_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """epoch: Unix seconds. now: Unix seconds; a choice that is dated later counts as of now."""
        self._store = store
        # Only what was chosen has a place, and for good: an item that leaves the catalog and comes back has it again.
        self._places: dict[str, int] = {}
        self._ids: list[str] = []
        self._catalog = catalog
        self._rules = rules
        self._epoch = epoch
        self._says: OrderedDict[str, _Say] = OrderedDict()
        self._choices = 0
        self._sums: NDArray[np.float64] = np.zeros(_FIRST_PLACES)
        self._voters: NDArray[np.int64] = np.zeros(_FIRST_PLACES, dtype=np.int64)
        self._order = Order({}, catalog)
        self._shares: _Shares | None = None
        self._excluded: frozenset[str] = frozenset()
        self._state: tuple[int, int, int, int] | None = None  # newest erasure, merge, curation, interaction seen
        self._sorted_at = -np.inf
        self._refresh_s = refresh_s
        self._clock = clock
        self._now = now
        self._sorting = threading.Lock()
        self._sorted_beside = False

    def order(self) -> Order:
        """All item ids, most popular first, ties in editorial order; about `refresh_s` seconds old at most.

        Reading and sorting grow with what is new and with the items that were chosen: a busy site does both once a
        second, beside its pages.
        """
        if not self._sorted_beside:
            self.sort()
        return self._order

    @property
    def catalog(self) -> Catalog:
        """Whose items are in order."""
        return self._catalog

    def visitors(self, item_id: str) -> int:
        """How many visitors that count for others chose an item; see `popular_choices`."""
        place = self._places.get(item_id)
        return 0 if place is None else int(self._voters[place])

    def any_clicks(self) -> bool:
        """Whether anything has been chosen at all; without, the order is the editorial one."""
        return bool(self._order.clicked)

    def shares(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """How popular items are beside the most popular one, on a logarithmic scale of 0 to 1, float32 (items,).

        positions: of the items in the editorial order, sorted, int64 (items,).
        """
        order, kept = self.order(), self._shares
        if kept is None or kept.order is not order or kept.positions is not positions:
            kept = self._shares = _Shares(positions, order, self._shares_at(positions, order))
        return kept.shares

    def _shares_at(self, positions: NDArray[np.int64], order: Order) -> NDArray[np.float32]:
        shares = np.zeros(len(positions), dtype=np.float32)
        items = filter(None, map(order.catalog.get, order.clicked))
        chosen = [(self._places[item.item_id], item.position) for item in items]
        if chosen and len(positions):
            places, where = np.array(chosen, dtype=np.int64).T
            rows = np.minimum(np.searchsorted(positions, where), len(positions) - 1)
            known = positions[rows] == where  # what came since these positions were read has none of them
            shares[rows[known]] = _shares_of(self._sums[places])[known]
        return shares

    @property
    def refresh_s(self) -> float:
        """How old an order becomes, seconds."""
        return self._refresh_s

    def sort_beside(self) -> None:
        """Read and sort now, and from now on only when somebody calls `sort`, so that no page waits for it."""
        self.sort()
        self._sorted_beside = True

    def sort(self) -> None:
        """Read what is new and sort, if the order is old enough. What fails is made up for at the next call."""
        with self._sorting:
            if self._clock() - self._sorted_at < self._refresh_s:
                return
            if self._follow():
                self._make_order()
            self._sorted_at = self._clock()

    def use_catalog(self, catalog: Catalog, changed: Collection[str] | None = None) -> None:
        """Order the items of this catalog from now on; what is on no list is in no order.

        changed: ids of the items that differ from before; None for any. While none that was chosen came, went or moved,
        the order of what was chosen stays as it is.
        """
        with self._sorting:
            before, self._catalog = self._catalog, catalog
            if changed is None or any(
                item_id in self._places and _listed(before.get(item_id)) != _listed(catalog.get(item_id))
                for item_id in changed
            ):
                self._make_order()
            else:
                self._order = Order(self._order.clicked, catalog)

    def _make_order(self) -> None:
        """The order of what can be shown; the caller holds the lock."""
        items = [self._catalog.get(self._ids[place]) for place in np.flatnonzero(self._voters > 0).tolist()]
        chosen = [item for item in items if item is not None and item.available]
        clicked: dict[str, int] = {}
        if chosen:
            sums = self._sums[[self._places[item.item_id] for item in chosen]]
            ranks = np.round(sums / sums.max() / _TIE)
            best = np.lexsort(([item.position for item in chosen], -ranks))
            clicked = {chosen[row].item_id: place for place, row in enumerate(best.tolist())}
        self._order = Order(clicked, self._catalog)

    def _follow(self) -> bool:
        """Take up what changed in the database; whether anything did."""
        conn = self._store.reader()
        # Read before the rows: a change in between is then noticed at the next call.
        state = (last_erasure(conn), last_merge(conn), last_curation(conn), last_interaction(conn))
        if state == self._state:
            return False
        excluded, newest = excluded_visitors(conn), state[-1]
        seen = max(0, newest - NEWEST_ROWS) if self._state is None else self._state[-1]
        changed = [*visitors_since(conn, seen), *sorted(self._excluded - excluded)]
        for visitor_id, rows in interactions_of(conn, changed).items():  # none of whoever is excluded
            self._replace(visitor_id, rows)
        known = created_at_of(conn, self._says) if self._state and state[:2] != self._state[:2] else self._says
        for visitor_id in [name for name in self._says if name in excluded or name not in known]:
            self._take_out(visitor_id)
        self._excluded, self._state = excluded, state
        while self._choices > MAX_CHOICES and len(self._says) > 1:
            self._take_out(next(iter(self._says)))
        return True

    def _replace(self, visitor_id: str, rows: Sequence[Interaction]) -> None:
        if visitor_id in self._says:
            self._take_out(visitor_id)
        chosen = {self._place(item_id): choice for item_id, choice in popular_choices(rows, self._rules).items()}
        if not chosen:
            return
        now = self._now()
        times = np.array([min(choice.at, now) for choice in chosen.values()])
        self._keep_in_range(float(times.max()))
        weights = np.array([choice.weight for choice in chosen.values()])
        amounts = weights * 2.0 ** np.maximum(self._exponents(times), -_LARGEST_EXPONENT * 10)
        say = _Say(np.fromiter(chosen, dtype=np.intp, count=len(chosen)), amounts)
        self._says[visitor_id] = say
        self._choices += len(say.places)
        self._sums[say.places] += say.amounts
        self._voters[say.places] += 1

    def _place(self, item_id: str) -> int:
        place = self._places.setdefault(item_id, len(self._ids))
        if place == len(self._ids):
            self._ids.append(item_id)
            if place == len(self._sums):  # room for as many again
                self._sums = np.append(self._sums, np.zeros_like(self._sums))
                self._voters = np.append(self._voters, np.zeros_like(self._voters))
        return place

    def _take_out(self, visitor_id: str) -> None:
        say = self._says.pop(visitor_id)
        self._choices -= len(say.places)
        self._sums[say.places] -= say.amounts
        self._voters[say.places] -= 1
        self._sums[self._voters == 0] = 0.0

    def _exponents(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        exponents: NDArray[np.float64] = (times - self._epoch) / (HALF_LIFE_DAYS * _SECONDS_PER_DAY)
        return exponents

    def _keep_in_range(self, newest: float) -> None:
        exponent = float(self._exponents(np.array([newest]))[0])
        if exponent > _LARGEST_EXPONENT:
            scale = 2.0**-exponent
            self._sums *= scale
            self._says = OrderedDict((name, _Say(say.places, say.amounts * scale)) for name, say in self._says.items())
            self._epoch = newest


def _listed(item: Item | None) -> int | None:
    """Where an item stands in the editorial order of what is shown; None where it does not."""
    return item.position if item is not None and item.available else None


def _shares_of(sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """Sums beside the largest one, on a logarithmic scale of 0 to 1."""
    most = float(sums.max(initial=0.0))
    if most <= 0:
        return np.zeros(len(sums), dtype=np.float32)
    scaled: NDArray[np.float64] = np.log1p(np.maximum(sums, 0.0) / most * _SHARE_STEPS) / np.log1p(_SHARE_STEPS)
    return scaled.astype(np.float32)
