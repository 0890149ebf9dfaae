"""The traffic that a catalog starts with, in the store's terms: simulated visits, or the ratings of a data set.

Used by the commands of this folder only: nothing that serves a request reaches `seed_data`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from app.record.filling import Traffic
from app.settings import Settings
from app.store.events import NewEvent
from app.store.slates import LoggedSlate
from app.values.visitor import Visitor
from app.visitors import new_visitor
from seed_data.history import SeedEvent, SeedSlate, SeedVisit

LIKED_FROM = 4.0
"""The rating from which a film counts as liked; below it, the rating says only that it was watched."""


def seed_traffic(visits: Iterable[SeedVisit], settings: Settings) -> Traffic:
    """Visits of origin `seed`. All of them are of the control arm: they came before there was a model."""
    visitors: dict[str, Visitor] = {}
    slates: list[LoggedSlate] = []
    events: list[NewEvent] = []
    for visit in visits:
        if visit.visitor_id not in visitors:
            visitors[visit.visitor_id] = _past_visitor(visit.visitor_id, visit.created_at, "seed", settings)
        slates += (_logged(slate, visit.visitor_id) for slate in visit.slates)
        events += (_stored(event, visit.visitor_id) for event in visit.events)
    slates.sort(key=attrgetter("served_at"))
    events.sort(key=attrgetter("received_at"))
    return Traffic(list(visitors.values()), slates, events)


def imported_traffic(
    rows: Sequence[tuple[str, str, float, float]], settings: Settings, now: float, timed: bool = True
) -> Traffic:
    """Rows of (user_id, item_id, rating, time in s), oldest first, as events of origin `imported` that end `now`.

    timed: whether the times are the data set's own, which are then kept beside the moved ones.
    """
    shift = now - rows[-1][3] if rows else 0.0
    visitors: dict[str, Visitor] = {}
    events = []
    for user_id, item_id, value, timestamp in rows:
        visitor_id = f"imported-{user_id}"
        at = timestamp + shift
        if visitor_id not in visitors:
            visitors[visitor_id] = _past_visitor(visitor_id, at, "imported", settings)
        events.append(
            NewEvent(
                # A space, which no id has, so that "a-b" on "c" is not "a" on "b-c".
                event_id=f"imported-{user_id} {item_id}",
                visitor_id=visitor_id,
                item_id=item_id,
                kind="like" if value >= LIKED_FROM else "click",
                received_at=at,
                origin="imported",
                client_at=timestamp if timed else None,
            )
        )
    return Traffic(list(visitors.values()), [], events)


def _past_visitor(visitor_id: str, created_at: float, origin: str, settings: Settings) -> Visitor:
    return replace(new_visitor(settings, origin, now=created_at, visitor_id=visitor_id), arm="control")


def _logged(slate: SeedSlate, visitor_id: str) -> LoggedSlate:
    return LoggedSlate(
        slate_id=slate.slate_id,
        page_id=slate.page_id,
        visitor_id=visitor_id,
        shelf=slate.shelf,
        policy=slate.policy,
        arm="control",
        model_version=None,
        served_at=slate.served_at,
        origin="seed",
        items=slate.items,
        sources=slate.sources,
        propensities=slate.propensities,
        scores=(None,) * len(slate.items),
    )


def _stored(event: SeedEvent, visitor_id: str) -> NewEvent:
    return NewEvent(
        event_id=event.event_id,
        visitor_id=visitor_id,
        item_id=event.item_id,
        kind=event.kind,
        received_at=event.at,
        origin="seed",
        slate_id=event.slate_id,
        position=event.position,
    )
