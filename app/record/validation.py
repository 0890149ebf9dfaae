"""Whether a well-formed event can be accepted: does the item exist, and was it shown where the event says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.catalog import Catalog
from app.store.events import NewEvent
from app.values.interaction import HORIZON_S


class ServedSlate(Protocol):
    """The part of a logged slate that an event is checked against."""

    @property
    def visitor_id(self) -> str: ...
    @property
    def items(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Rejection:
    """Which field of an event cannot be accepted, and why."""

    field: str
    reason: str


def check_event(
    event: NewEvent,
    catalog: Catalog,
    find_slate: Callable[[str], ServedSlate | None],
    now: float | None = None,
) -> NewEvent | Rejection:
    """The event, with its position filled in from the slate where it names none, or the first reason to refuse it.

    now: the server's clock, Unix seconds, for an event that may tell its own time.
    """
    if event.item_id not in catalog:
        return Rejection("item_id", f"there is no item {event.item_id!r}")
    if now is not None and event.received_at > now + HORIZON_S:
        return Rejection("at", "lies ahead of now; write when it happened")
    if event.slate_id is None:
        return event
    slate = find_slate(event.slate_id)
    if slate is None or slate.visitor_id != event.visitor_id:
        # One sentence for both: whether somebody else's slate exists is nobody's business.
        return Rejection("slate_id", f"no slate {event.slate_id!r} was served to this visitor")
    if event.item_id not in slate.items:
        return Rejection("item_id", f"slate {event.slate_id!r} does not show item {event.item_id!r}")
    if event.position is None:
        return event._replace(position=slate.items.index(event.item_id) + 1)
    if event.position > len(slate.items) or slate.items[event.position - 1] != event.item_id:
        shown = slate.items.index(event.item_id) + 1
        return Rejection(
            "position", f"slate {event.slate_id!r} shows item {event.item_id!r} at {shown}, not {event.position}"
        )
    return event


def clamp_client_time(client_time: float | None, received_at: float, skew_s: float) -> tuple[float | None, bool]:
    """The client's time, moved to at most `skew_s` from `received_at`, and whether it was moved."""
    if client_time is None or abs(client_time - received_at) <= skew_s:
        return client_time, False
    clamped = min(max(client_time, received_at - skew_s), received_at + skew_s)
    return clamped, clamped != client_time
