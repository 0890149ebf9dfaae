"""Data quality: what was recorded, sent twice or refused, who is suspected, and what is never shown or clicked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binom

from app.measure.governance.suspects import find_suspects
from app.settings import Settings
from app.store import Store
from app.store.events import last_seq
from app.store.items import count_items
from app.store.measures.behaviour import ShelfEntries, shelf_entries
from app.store.measures.curation import duplicates_received, items_never_shown, released_events
from app.store.measures.exclusions import Exclusion, NewExclusion, excluded_visitors, read_exclusions
from app.store.measures.experiments import DayEvents, events_by_day
from app.store.measures.quarantine import HeldEvent, ReasonCount, quarantine_reasons, read_quarantine
from app.values.origin import ORIGINS

DEAD_BELOW = 0.001
NEWEST_EVENTS = 100_000
_NEWEST_HELD = 50
_FIRST_UNSEEN = 60


@dataclass(frozen=True, slots=True)
class DeadShelf:
    """A shelf that is seen and never clicked. p_value: chance of that if it were clicked as much as the others."""

    shelf: str
    seen: int
    p_value: float


@dataclass(frozen=True, slots=True)
class DataQuality:
    """The state of the data.

    days: events by day, origin and kind, newest day first. duplicates: events received once more, never stored twice.
    released: recorded events that came out of quarantine. quarantined: counts by field and state; held: the newest.
    suspects: whom the rules find among the newest events and who is not excluded. exclusions: those in force.
    never_shown: how many of the `items` never had an impression; unseen: ids of the first of these. dead_shelves,
    suspects: of the newest `newest_events` events of visitors whom the site served, real and simulated together.
    """

    taken_at: float
    days: tuple[DayEvents, ...]
    duplicates: int
    released: int
    quarantined: tuple[ReasonCount, ...]
    held: tuple[HeldEvent, ...]
    suspects: tuple[NewExclusion, ...]
    exclusions: tuple[Exclusion, ...]
    items: int
    never_shown: int
    unseen: tuple[str, ...]
    dead_shelves: tuple[DeadShelf, ...]
    newest_events: int


def data_quality(store: Store, settings: Settings, now: float, newest_events: int = NEWEST_EVENTS) -> DataQuality:
    """Read the state of the data. now: Unix seconds. It reads every event once: take it seldom, never for a request."""
    conn = store.reader()
    first_seq = max(0, last_seq(conn) - newest_events)
    excluded = excluded_visitors(conn)
    suspected = [row for row in find_suspects(store, settings, first_seq) if row.visitor_id not in excluded]
    never_shown, unseen = items_never_shown(conn, _FIRST_UNSEEN)
    return DataQuality(
        taken_at=now,
        days=tuple(events_by_day(conn, ORIGINS)),
        duplicates=duplicates_received(conn),
        released=released_events(conn),
        quarantined=tuple(quarantine_reasons(conn)),
        held=tuple(read_quarantine(conn, "held", _NEWEST_HELD)),
        suspects=tuple(suspected),
        exclusions=tuple(read_exclusions(conn, in_force=True)),
        items=count_items(conn),
        never_shown=never_shown,
        unseen=tuple(unseen),
        dead_shelves=tuple(dead_shelves(shelf_entries(conn, first_seq))),
        newest_events=newest_events,
    )


def dead_shelves(shelves: Sequence[ShelfEntries]) -> list[DeadShelf]:
    """Shelves without a click whose chance of it, (1 − share of the others)^seen times the shelves tested, is small."""
    seen, clicked = sum(row.seen for row in shelves), sum(row.clicked for row in shelves)
    dead = []
    for row in shelves:
        others_seen = seen - row.seen
        if row.clicked or not others_seen:
            continue
        p_value = min(1.0, float(binom.pmf(0, row.seen, clicked / others_seen)) * len(shelves))
        if p_value < DEAD_BELOW:
            dead.append(DeadShelf(row.shelf, row.seen, p_value))
    return dead
