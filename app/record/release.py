"""Releasing a quarantined event: recorded after all, through the same fold as every other."""

from __future__ import annotations

import json
from typing import Any

from app.record.folding import fold_events
from app.store import Database, StoreError
from app.store.events import EventRow, NewEvent, append_if_new, mark_released
from app.store.items import has_item
from app.store.measures.quarantine import find_held, settle
from app.store.visitors import get_visitor


def release(db: Database, quarantine_id: int, reason: str, by: str, at: float) -> EventRow:
    """Record a held event after all, marked as released, for use inside a writer task; returns it as stored.

    It answers no slate: that it was shown where it says is just what could not be accepted, and an organic event
    counts in no click-through. Raises StoreError when it is not held (any more), its visitor or item does not exist, or
    its visitor sent an event of its id meanwhile.
    """
    held = find_held(db, quarantine_id)
    sent: dict[str, Any] = json.loads(held.payload)
    visitor = None if held.visitor_id is None else get_visitor(db.conn, held.visitor_id)
    if visitor is None:
        raise StoreError(f"quarantined event {quarantine_id} is of a visitor who is not known; it can only be dropped")
    if not has_item(db.conn, sent["item_id"]):
        raise StoreError(
            f"quarantined event {quarantine_id} names item {sent['item_id']!r}, which does not exist; "
            "it can only be dropped"
        )
    event = NewEvent(
        event_id=str(sent["event_id"]),
        visitor_id=visitor.visitor_id,
        item_id=sent["item_id"],
        kind=sent["kind"],
        received_at=held.received_at,
        origin=visitor.origin,
        undo=bool(sent.get("undo", False)),
        value=sent.get("value"),
    )
    rows = append_if_new(db, [event], visitor.holdout)
    if rows is None:
        raise StoreError(
            f"quarantined event {quarantine_id} cannot be recorded: its visitor sent event {event.event_id!r} meanwhile"
        )
    stored = rows[0]
    mark_released(db, stored.seq)
    fold_events(db, [stored], {visitor.visitor_id: visitor.created_at}, now=at)
    settle(db, quarantine_id, "released", reason, by, at)
    return stored
