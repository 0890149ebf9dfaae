"""Importing a feed of what customers did: each line becomes an event of its own, all of them in one transaction."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from app.catalog.feed.columns import Columns, settle_columns
from app.catalog.feed.errors import FieldError
from app.catalog.feed.fields import is_empty, read_id, read_number, read_time
from app.catalog.feed.items import SAMPLE
from app.catalog.feed.report import Report
from app.catalog.feed.rows import BadRow, FeedRow
from app.record.catalog_import import TIMEOUT_S, refuse_many
from app.record.filling import store_events
from app.settings import Settings
from app.store import Database, Store, StoreError
from app.store.events import NewEvent
from app.store.items import all_item_ids
from app.store.merges import present_ids
from app.store.visitors import ensure_visitor
from app.values.interaction import HORIZON_S
from app.values.kind import Kinds
from app.visitors import new_visitor

FIELDS: Mapping[str, tuple[str, ...]] = {
    "user": ("user", "user_id", "visitor", "visitor_id", "customer", "customer_id", "client_id", "account"),
    "item": ("item", "item_id", "sku", "product_id", "article_id", "article", "isbn", "asin", "ean", "product"),
    "kind": ("kind", "event", "event_type", "action", "type", "behaviour", "behavior"),
    "value": ("value", "price", "amount", "revenue", "rating", "minutes", "share", "total"),
    "time": ("time", "timestamp", "at", "date", "datetime", "created_at", "event_time", "when", "ts"),
}
"""Fields of what was done, and the usual names of their columns."""

CHUNK = 10_000
UNDO = "undo "
"""Before the kind of a line that takes it back, such as a refund: ``undo purchase``."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One line: what a user did with an item. value: None of a kind that carries none. at: Unix seconds. undo: the line
    takes back all that the user did of the kind with the item.
    """

    line: int
    user: str
    item: str
    kind: str
    value: float | None
    at: float
    undo: bool = False


@dataclass(slots=True)
class ImportedHistory:
    """What importing came to. stored: events; known: lines that an import before had stored; visitors: new ones.

    repeated: events that say again what their visitor had said of the item; they are stored, and count less.
    """

    stored: int = 0
    known: int = 0
    visitors: int = 0
    repeated: int = 0


def read_deeds(
    path: Path,
    rows: Iterable[FeedRow | BadRow],
    stated: Columns,
    report: Report,
    kinds: Kinds,
    *,
    kind: str | None,
    items: frozenset[str],
    now: float,
) -> tuple[Columns, Iterator[Deed]]:
    """The columns as settled, and what was done line by line. kind: of every line, where no column tells it.

    A line needs a user, an item of the catalog, a known kind and a time that is not to come, and a value where its kind
    carries one. Raises FeedError when a column is missing.
    """
    waiting = iter(rows)
    sample = list(islice(waiting, SAMPLE))
    found = list(dict.fromkeys(name for row in sample if isinstance(row, FeedRow) for name in row.values))
    required = ("user", "item", "time") if kind else ("user", "item", "kind", "time")
    columns = settle_columns(stated, found, FIELDS, required, path) if sample else stated
    return columns, _deeds(chain(sample, waiting), columns, report, kinds, kind, items, now)


def _deeds(
    rows: Iterable[FeedRow | BadRow],
    columns: Columns,
    report: Report,
    kinds: Kinds,
    one_kind: str | None,
    items: frozenset[str],
    now: float,
) -> Iterator[Deed]:
    for row in rows:
        report.lines += 1
        if isinstance(row, BadRow):
            report.refuse(row.line, "line", row.error)
            continue
        given = {field: row.values.get(column) for field in FIELDS if (column := columns.column(field)) is not None}
        field = "user"
        try:
            user = read_id(given["user"])
            field = "item"
            item = read_id(given["item"])
            if item not in items:
                raise FieldError(item, "is no item of the catalog", "import it first, or leave its lines out")
            field = "kind"
            kind, undo = _kind(one_kind or read_id(given["kind"]), columns, kinds)
            field = "value"
            value = None if undo else _value(given.get("value"), kinds[kind].value, columns.decimal)
            field = "time"
            at = read_time(given["time"])
            if at > now + HORIZON_S:
                raise FieldError(given["time"], "lies ahead of now", "write when it happened")
        except FieldError as error:
            report.refuse(row.line, field, error)
            continue
        yield Deed(row.line, user, item, kind, value, at, undo)


def _kind(word: str, columns: Columns, kinds: Kinds) -> tuple[str, bool]:
    """The kind that a word of the feed means, and whether the line takes back what was done of it."""
    meant = columns.kinds.get(word, word).lower()
    name = meant.removeprefix(UNDO)
    if name not in kinds:
        fix = f"use {', '.join(kinds)}, state it in the use case, or say in --mapping which it is: [kinds]"
        complaint = (f"stands for {meant!r}, which " if word in columns.kinds else "") + "is no kind of event"
        raise FieldError(word, complaint, f'{fix} "{word}" = "{list(kinds)[-1]}"')
    return name, name != meant


def _value(given: object, carried: str, decimal: str) -> float | None:
    if not carried:
        return None  # one column may hold the values of several kinds
    if is_empty(given):
        raise FieldError(given, "is empty", f"give every line of this kind its {carried}")
    return read_number(given, decimal)


def import_history(
    store: Store, deeds: Iterable[Deed], report: Report, settings: Settings, *, force: bool = False
) -> ImportedHistory:
    """Store what was done, oldest first, as events of origin ``imported`` with the times that they tell.

    Visitors have the ids of the users. They are assigned to an arm when they come (see `returning_visitor`), not by
    having been imported. The same line is never stored twice, whoever imports it again; equal lines of one feed are as
    many events. Raises RefusedError when too many lines are refused, WriterBusyError when another process writes.
    """
    kinds, done = settings.kinds(), ImportedHistory()

    def write(db: Database) -> None:
        ordered = sorted(deeds, key=lambda deed: (deed.at, deed.line))
        refuse_many(report, force)
        now_of = present_ids(db.conn, {deed.user for deed in ordered})
        ordered = [replace(deed, user=now_of.get(deed.user, deed.user)) for deed in ordered] if now_of else ordered
        first_seen: dict[str, float] = {}
        for deed in ordered:
            first_seen.setdefault(deed.user, deed.at)
        for user, at in first_seen.items():
            done.visitors += ensure_visitor(db, new_visitor(settings, "imported", now=at, visitor_id=user))
        folded = store_events(db, _events(ordered, kinds), time.time())
        done.stored = folded.stored
        done.known = len(ordered) - done.stored
        done.repeated = folded.repeated.total()

    with store.open_writer() as writer:
        writer.run(write, TIMEOUT_S)
        writer.checkpoint()
    return done


def catalog_ids(store: Store) -> frozenset[str]:
    """Ids of the items that something can have been done with. Raises StoreError while there is none."""
    found = all_item_ids(store.reader())
    if not found:
        raise StoreError("there is no catalog yet; run `flask import-catalog FILE` first")
    return found


def _events(deeds: Iterable[Deed], kinds: Kinds) -> list[NewEvent]:
    equal: Counter[str] = Counter()
    events = []
    for deed in deeds:
        # By what it says, so that the same line is known again; the number tells equal lines of one feed apart.
        said = f"{deed.user}\n{deed.item}\n{deed.kind}\n{deed.value}\n{deed.at}" + ("\nundo" if deed.undo else "")
        digest = hashlib.sha256(said.encode()).hexdigest()[:40]
        equal[digest] += 1
        events.append(
            NewEvent(
                event_id=f"h-{digest}-{equal[digest]}",
                visitor_id=deed.user,
                item_id=deed.item,
                kind=deed.kind,
                undo=deed.undo,
                received_at=deed.at,
                origin="imported",
                client_at=deed.at,
                weight=kinds[deed.kind].strength(deed.value),
                value=deed.value,
            )
        )
    return events
