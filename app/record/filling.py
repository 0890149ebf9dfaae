"""Filling an empty database with a catalog and the traffic that it starts with: all of it or nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.record.folding import FoldReport, fold_stored
from app.store import Database, Store, StoreError
from app.store.events import NewEvent, insert_events, last_seq
from app.store.items import count_items, insert_items
from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import ensure_visitor
from app.values.item import Item
from app.values.visitor import Visitor

CHUNK = 10_000
"""Events that are folded at a time."""

_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Visitors, what they were shown, and what they did, each in time order. Events may answer any of the slates."""

    visitors: Sequence[Visitor]
    slates: Sequence[LoggedSlate]
    events: Sequence[NewEvent]


def fill(store: Store, items: Sequence[Item], traffic: Traffic) -> None:
    """Write a catalog and its traffic in one transaction into a database that has no items yet.

    Raises StoreError when there is a catalog already, WriterBusyError when another process writes.
    """

    def write(db: Database) -> None:
        if count_items(db.conn):
            raise StoreError(f"{store.name} has a catalog already; choose another folder with FLYWHEEL_VAR")
        insert_items(db, items)
        for visitor in traffic.visitors:
            ensure_visitor(db, visitor)
        log_slates(db, traffic.slates)
        store_events(db, traffic.events, time.time())

    with store.open_writer() as writer:
        writer.run(write, _TIMEOUT_S)
        writer.checkpoint()


def store_events(db: Database, events: Sequence[NewEvent], now: float) -> FoldReport:
    """Store events of any visitors in their order, and fold them, for use inside a writer task; known ones are ignored.

    now: the server's clock in Unix seconds; an event that is stamped further ahead counts as of now.
    """
    report = FoldReport()
    for start in range(0, len(events), CHUNK):
        before = last_seq(db.conn)
        report.stored += insert_events(db, events[start : start + CHUNK])
        report.add(fold_stored(db, before + 1, last_seq(db.conn), now))
    return report
