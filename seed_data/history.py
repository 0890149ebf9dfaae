"""Traffic from before there was any model: simulated visitors, shelves filled without learning, and what they did.

A visit is one session: a home page with shelves of the chosen policy, then two to six pages of types that the visitor
went looking for. Every slate carries the exact chance with which its policy put each entry where it stood:

    random      drawn uniformly without replacement from a pool of n items: 1/n for every slot
    popularity  the items clicked most often when seen so far, ties in editorial order: 1 (nothing was left to chance)
    editorial   the editors' order, another stretch of it every day: 1
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from app.values.item import Item
from seed_data.population import Population, SimulatedVisitor
from seed_data.visits import visit_slate

Policy = Literal["mixed", "random", "popularity", "editorial"]

DAYS = 14
SHELF_SIZE = 12
GRID_SIZE = 24
_DAY_S = 86_400.0
PRIOR_CLICKS, PRIOR_VIEWS = 1.0, 25.0
"""What popularity believes of an item that nobody has seen yet."""


@dataclass(frozen=True, slots=True)
class SeedSlate:
    """One ranked list as shown; `items`, `sources` and `propensities` run in parallel from position 1."""

    slate_id: str
    page_id: str
    shelf: str
    policy: str
    items: tuple[str, ...]
    sources: tuple[str, ...]
    propensities: tuple[float, ...]
    served_at: float


@dataclass(frozen=True, slots=True)
class SeedEvent:
    """One thing done with the entry at `position` (from 1) of a slate: view, click, like, save, use or dislike."""

    event_id: str
    item_id: str
    kind: str
    slate_id: str
    position: int
    at: float


@dataclass(frozen=True, slots=True)
class SeedVisit:
    """One session. `created_at` is when the visitor first came; slates and events are in time order."""

    visitor_id: str
    visitor_number: int
    created_at: float
    slates: tuple[SeedSlate, ...]
    events: tuple[SeedEvent, ...]


def seed_history(
    items: Sequence[Item],
    population: Population,
    visitors: int = 600,
    seed: int = 7,
    start_at: float = 0.0,
    policy: Policy = "mixed",
) -> Iterator[SeedVisit]:
    """Simulate `visitors` visitors over the 14 days before `start_at` (Unix s), one to four sessions each.

    Sessions come in the order in which they began, and every visitor's own one after another; since sessions of two
    visitors may overlap by minutes, sort by `at` where a strict order over everybody matters. The same arguments give
    the same ids, events and times.
    Raises ValueError for an unknown policy or a negative number of visitors.
    """
    if policy not in ("mixed", "random", "popularity", "editorial"):
        raise ValueError(f"policy {policy!r} is unknown; use mixed, random, popularity or editorial")
    if visitors < 0:
        raise ValueError(f"visitors must be 0 or more, got {visitors}")
    rng = np.random.default_rng((seed, 3))
    first_day = start_at - DAYS * _DAY_S
    shop = _Shop(items, policy)
    sessions = sorted(
        (began, number) for number in range(visitors) for began in _session_starts(rng, first_day, start_at)
    )
    first_seen: dict[int, float] = {}
    opened: dict[int, set[str]] = {}
    for began, number in sessions:
        created_at = first_seen.setdefault(number, began)
        session = _Session(
            name=f"seed-{seed}-{number}-{began - first_day:.0f}",
            visitor=population.visitor(number),
            day=(began - first_day) / _DAY_S,
            clock=began,
            rng=rng,
            opened=opened.setdefault(number, set()),
        )
        session.browse(shop)
        yield SeedVisit(f"seed-{seed}-{number}", number, created_at, tuple(session.slates), tuple(session.events))


def _session_starts(rng: np.random.Generator, first_day: float, start_at: float) -> list[float]:
    """One to four sessions, at least an hour apart, busier in the evening, all over an hour before `start_at`."""
    count = int(rng.choice(4, p=(0.35, 0.3, 0.2, 0.15))) + 1
    days = np.sort(rng.choice(DAYS, count, replace=False))
    hours = np.clip(rng.normal(15.5, 4.0, count), 0.0, 22.9)
    return [float(first_day + day * _DAY_S + hour * 3600.0) for day, hour in zip(days, hours, strict=True)]


class _Shop:
    """The shelves of a site without a model; it counts what is popular as events come in."""

    def __init__(self, items: Sequence[Item], policy: Policy) -> None:
        ordered = sorted(items, key=lambda item: item.position)
        self.ids = tuple(item.item_id for item in ordered)
        self.policies = ("popularity", "editorial", "random") if policy == "mixed" else (policy,)
        self._row = {item_id: row for row, item_id in enumerate(self.ids)}
        self._rows_of_type = {
            type_: np.array([row for row, item in enumerate(ordered) if item.type == type_])
            for type_ in {item.type for item in ordered}
        }
        self._everything = np.arange(len(ordered))
        self._clicks = np.zeros(len(ordered))
        self._views = np.zeros(len(ordered))

    def count(self, item_id: str, kind: str) -> None:
        """Take note of an event."""
        if kind == "view":
            self._views[self._row[item_id]] += 1
        elif kind == "click":
            self._clicks[self._row[item_id]] += 1

    def fill(
        self, policy: str, size: int, day: int, rng: np.random.Generator, type_: str | None = None
    ) -> tuple[tuple[str, ...], tuple[float, ...]]:
        """Item ids and propensities of one slate of at most `size` entries."""
        pool = self._everything if type_ is None else self._rows_of_type[type_]
        size = min(size, len(pool))
        chance = 1.0
        if policy == "random":
            chosen = rng.choice(pool, size, replace=False)
            chance = 1.0 / len(pool)
        elif policy == "popularity":
            # By rate, not by count: counts would lock in whatever happened to be clicked on the first day.
            rates = (self._clicks[pool] + PRIOR_CLICKS) / (self._views[pool] + PRIOR_VIEWS)
            chosen = pool[np.argsort(-rates, kind="stable")[:size]]
        else:
            chosen = np.roll(pool, -day * size)[:size]
        return tuple(self.ids[row] for row in chosen), (chance,) * size


@dataclass(slots=True)
class _Session:
    name: str
    visitor: SimulatedVisitor
    day: float
    clock: float
    rng: np.random.Generator
    opened: set[str]
    slates: list[SeedSlate] = field(default_factory=list)
    events: list[SeedEvent] = field(default_factory=list)

    def browse(self, shop: _Shop) -> None:
        """A home page, then pages of the types the visitor is after."""
        for policy in shop.policies:
            self._show(shop, "home", _SHELVES[policy], policy, SHELF_SIZE)
        for page in range(1, 1 + int(self.rng.integers(2, 7))):
            policy = shop.policies[int(self.rng.integers(len(shop.policies)))]
            self._show(shop, f"type{page}", "grid", policy, GRID_SIZE, self.visitor.seeks(self.day, self.rng))

    def _show(self, shop: _Shop, page: str, shelf: str, policy: str, size: int, type_: str | None = None) -> None:
        chosen, propensities = shop.fill(policy, size, int(self.day), self.rng, type_)
        slate_id = f"{self.name}-s{len(self.slates)}"
        served_at = self._tick(2.0)
        self.slates.append(
            SeedSlate(
                slate_id, f"{self.name}-{page}", shelf, policy, chosen, (policy,) * len(chosen), propensities, served_at
            )
        )
        visit = visit_slate(self.visitor, chosen, self.day, self.rng, self.opened)
        for index in visit.looked:
            self._record(shop, chosen[index], "view", slate_id, index + 1)
        for opening in visit.openings:
            item_id = chosen[opening.index]
            self.opened.add(item_id)
            for kind in ("click", *opening.reactions):
                self._record(shop, item_id, kind, slate_id, opening.index + 1)

    def _record(self, shop: _Shop, item_id: str, kind: str, slate_id: str, position: int) -> None:
        event_id = f"{self.name}-e{len(self.events)}"
        self.events.append(
            SeedEvent(event_id, item_id, kind, slate_id, position, self._tick(0.5 if kind == "view" else 6.0))
        )
        shop.count(item_id, kind)

    def _tick(self, typical_s: float) -> float:
        self.clock += typical_s * (0.5 + float(self.rng.random()))
        return self.clock


_SHELVES = {"popularity": "popular", "editorial": "editorial", "random": "discover"}
