"""Filling an empty database with a catalog and the traffic that it starts with: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from app.store.errors import StoreError
from app.store.events import NewEvent, insert_events
from app.store.items import insert_items
from app.store.slates import LoggedSlate, log_slates
from app.store.store import Store
from app.store.visitors import ensure_visitor
from app.values.item import Item
from app.values.visitor import Visitor

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
        if db.conn.execute("SELECT 1 FROM items LIMIT 1").fetchone():
            raise StoreError(f"{store.path} has a catalog already; choose another folder with FLYWHEEL_VAR")
        insert_items(db, items)
        for visitor in traffic.visitors:
            ensure_visitor(db, visitor)
        log_slates(db, traffic.slates)
        insert_events(db, traffic.events)

    with store.open_writer() as writer:
        writer.run(write, _TIMEOUT_S)
        writer.checkpoint()
