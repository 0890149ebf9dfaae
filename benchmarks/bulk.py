"""Many visits in little time: the hidden-taste population on the real site, in process, without HTTP between.

A visit asks `Serve` for pages and hands what the visitor did to `Recorder`, as the views do; only requests, cookies and
templates are left out. So slates are logged with their propensities, arm and holdout are drawn, histories forgotten and
the popularity board kept, exactly as behind the web. Every visit has chance of its own from the seed, the visitor and
the session; what a page shows also follows what others opened before, the policy's own chance and the model in use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from app.flywheel import Flywheel
from app.record import Event, EventBatch
from app.serve import Page, Shelf
from app.values.visitor import Visitor
from app.visitors import new_visitor
from seed_data.population import Population, SimulatedVisitor
from seed_data.visits import visit_slate

FOR_YOU = "for-you"
_LOOKS_AT_SHELVES = 2
_LOOKS_BELOW_AN_ITEM = 0.35


@dataclass(slots=True)
class ArmTally:
    """What visitors of one arm saw and opened on the "For you" shelf."""

    impressions: int = 0
    clicks: int = 0

    @property
    def click_through(self) -> float:
        """Clicks per impression; 0 before any."""
        return self.clicks / self.impressions if self.impressions else 0.0


@dataclass(slots=True)
class BulkTally:
    """What a number of visits came to. seconds: of the wall clock."""

    visits: int = 0
    pages: int = 0
    events: int = 0
    impressions: int = 0
    clicks: int = 0
    seconds: float = 0.0
    arms: dict[str, ArmTally] = field(default_factory=lambda: {"control": ArmTally(), "treatment": ArmTally()})

    def add(self, other: BulkTally) -> None:
        """Add what another tally counted; its seconds are left out, because they may have passed beside ours."""
        for name in ("visits", "pages", "events", "impressions", "clicks"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for arm, counted in other.arms.items():
            self.arms[arm].impressions += counted.impressions
            self.arms[arm].clicks += counted.clicks


def run_visits(
    flywheel: Flywheel,
    population: Population,
    visitors: Iterable[int],
    *,
    seed: int = 7,
    session: int = 0,
    day: float = 14.0,
    clock: Callable[[], float] = time.time,
    pages: int = 2,
    threads: int = 8,
    on_progress: Callable[[BulkTally], None] | None = None,
) -> BulkTally:
    """One visit of each of `visitors` (numbers of the population), `pages` home pages in each.

    A visitor keeps id, arm and history between calls, so another call with the next `session` is their return. `day` is
    that of the population's tastes. clock: Unix seconds that events and slates get; it must never go back.
    threads: visits at a time. They share one processor, but also commits, and waiting for those is most of a visit.
    """
    tally = BulkTally()
    started = time.perf_counter()

    def visit(number: int) -> BulkTally:
        own = BulkTally(visits=1)
        _visit(flywheel, population.visitor(number), seed, session, day, clock, pages, own)
        return own

    with ThreadPoolExecutor(threads) as pool:
        for own in pool.map(visit, visitors):
            tally.add(own)
            tally.seconds = time.perf_counter() - started
            if on_progress is not None:
                on_progress(tally)
    return tally


def simulated_id(seed: int, number: int) -> str:
    """The id under which visitor `number` of the population is known to the site."""
    return f"sim-{seed}-{number}"


def _visit(
    flywheel: Flywheel,
    taste: SimulatedVisitor,
    seed: int,
    session: int,
    day: float,
    clock: Callable[[], float],
    pages: int,
    tally: BulkTally,
) -> None:
    visitor = new_visitor(flywheel.settings, "simulated", now=clock(), visitor_id=simulated_id(seed, taste.number))
    rng = np.random.default_rng((seed, taste.number, session))
    for _ in range(pages):
        page = flywheel.serve.home(visitor, clock())
        opened = _look(flywheel, visitor, taste, page, page.shelves[:_LOOKS_AT_SHELVES], day, clock, rng, tally)
        for item_id in opened:
            if rng.random() < _LOOKS_BELOW_AN_ITEM:
                below = flywheel.serve.item(visitor, item_id, clock())
                if below is not None:
                    _look(flywheel, visitor, taste, below, below.shelves[:1], day, clock, rng, tally)


def _look(
    flywheel: Flywheel,
    visitor: Visitor,
    taste: SimulatedVisitor,
    page: Page,
    shelves: Iterable[Shelf],
    day: float,
    clock: Callable[[], float],
    rng: np.random.Generator,
    tally: BulkTally,
) -> list[str]:
    """Look at shelves of one page and record impressions, clicks and what follows; returns what was opened."""
    events: list[Event] = []
    opened: list[str] = []
    tally.pages += 1
    for shelf in shelves:
        ids = [entry.item.item_id for entry in shelf.entries]
        visit = visit_slate(taste, ids, day, rng)
        events += (_event("view", shelf, index) for index in visit.looked)
        openings = list(visit.openings)
        for opening in openings:
            events += (_event(kind, shelf, opening.index) for kind in ("click", *opening.reactions))
            opened.append(ids[opening.index])
        tally.impressions += len(visit.looked)
        tally.clicks += len(openings)
        if shelf.key == FOR_YOU:
            arm = tally.arms[visitor.arm]
            arm.impressions += len(visit.looked)
            arm.clicks += len(openings)
    most = flywheel.settings.max_event_batch
    for start in range(0, len(events), most):
        batch = EventBatch(events=events[start : start + most])
        tally.events += flywheel.recorder.record(batch, visitor, received_at=clock()).stored
    return opened


def _event(kind: str, shelf: Shelf, index: int) -> Event:
    entry = shelf.entries[index]
    return Event.model_validate(
        {
            "event_id": f"{kind[0]}{kind[-1]}-{shelf.slate_id}-{entry.position}",
            "kind": kind,
            "item_id": entry.item.item_id,
            "slate_id": shelf.slate_id,
            "position": entry.position,
        }
    )
