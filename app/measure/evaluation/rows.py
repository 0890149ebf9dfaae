"""From events to training rows: which of a visitor's events say something good about an item, and still stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from app.store.events import EventRow


class TrainingRow(NamedTuple):
    """One row of the library's log. timestamp: Unix seconds by the server's clock."""

    visitor_id: str
    item_id: str
    weight: float
    timestamp: float


def fold_rows(events: Iterable[EventRow], kind_weights: Mapping[str, float]) -> dict[int, TrainingRow]:
    """Training rows by event seq after `events`, oldest first.

    A row's weight is that of its kind, or the event's own where it has one; a kind without weight, such as `view`,
    makes no row. An undo takes the visitor's earlier rows of that kind on that item away. While an item is marked not
    interested (by a dislike that was neither undone nor followed by a like), the visitor has no rows on it.
    Whether a visitor is on the jury is not looked at: see `training_events`.
    """
    rows: dict[int, TrainingRow] = {}
    standing: dict[tuple[str, str, str], list[int]] = {}
    hidden: set[tuple[str, str]] = set()
    for event in events:
        pair = (event.visitor_id, event.item_id)
        if event.kind == "dislike":
            if event.undo:
                hidden.discard(pair)
            else:
                hidden.add(pair)
            continue
        weight = kind_weights.get(event.kind, 0.0) if event.weight is None else event.weight
        if event.kind not in kind_weights or weight <= 0:
            continue
        if event.undo:
            for seq in standing.pop((*pair, event.kind), ()):
                del rows[seq]
            continue
        if event.kind == "like":
            hidden.discard(pair)
        standing.setdefault((*pair, event.kind), []).append(event.seq)
        rows[event.seq] = TrainingRow(event.visitor_id, event.item_id, weight, event.received_at)
    if not hidden:
        return rows
    return {seq: row for seq, row in rows.items() if (row.visitor_id, row.item_id) not in hidden}


def training_events(events: Iterable[EventRow], excluded: Collection[str] = ()) -> list[EventRow]:
    """The events that may train: of visitors who are neither on the jury nor excluded, without impressions."""
    return [event for event in events if not event.jury and event.kind != "view" and event.visitor_id not in excluded]


def jury_events(events: Iterable[EventRow], excluded: Collection[str] = ()) -> list[EventRow]:
    """The events that judge: of visitors on the jury who are not excluded, without impressions."""
    return [event for event in events if event.jury and event.kind != "view" and event.visitor_id not in excluded]
