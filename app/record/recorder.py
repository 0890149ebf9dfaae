"""Recording events: what is believable is stored, the rest is set aside with its reason, nothing counts twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from pydantic import ValidationError

from app.catalog import Catalog
from app.record.batch import Event, EventBatch, batch_error
from app.record.folding import fold_events
from app.record.validation import Rejection, check_event, clamp_client_time
from app.settings import Settings
from app.store import Database, StoreError, VisitorErasedError, Writer
from app.store.events import (
    EventRow,
    NewEvent,
    QuarantineRow,
    append_events,
    append_if_new,
    known_event_ids,
    quarantine,
)
from app.store.measures.curation import count_duplicates
from app.store.merges import merged_into
from app.store.slates import ASKED_SHELVES, ServedItems, get_served
from app.store.visitors import ensure_visitor, get_visitor
from app.values.kind import Kinds
from app.values.opening import Opening
from app.values.visitor import Visitor

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An event that was set aside: its place in the batch, from 0, the field that is not accepted, and why."""

    index: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch: how many events were stored, were known already, or were set aside."""

    stored: int
    duplicates: int
    quarantined: tuple[Quarantined, ...] = ()


@dataclass(frozen=True, slots=True)
class _Recorded:
    rows: tuple[EventRow, ...]
    receipt: Receipt


class Recorder:
    """Records events through the one writer.

    `on_recorded(rows)` gets the stored rows of each batch after the commit and before `record` returns, on the writer's
    thread and in the order of seq: it must be quick and must not write. It is not called when nothing was stored.
    """

    def __init__(
        self,
        writer: Writer,
        catalog: Catalog,
        settings: Settings,
        on_recorded: Callable[[Sequence[EventRow]], None],
    ) -> None:
        self._writer = writer
        self._catalog = catalog
        self._settings = settings
        self._on_recorded = on_recorded

    def use_catalog(self, catalog: Catalog, changed: Collection[str] | None = None) -> None:
        """Accept events on the items of this catalog from now on, whichever changed."""
        self._catalog = catalog

    def record(self, batch: EventBatch, visitor: Visitor, received_at: float) -> Receipt:
        """Store the events of `visitor` that came at `received_at` (Unix seconds); returns after the commit.

        Raises QueueFullError or WriteTimeoutError when the database cannot keep up; sending the batch again is safe.
        """
        kinds = self._settings.kinds()
        task = partial(self._store, batch=batch, visitor=visitor, received_at=received_at, kinds=kinds)
        return self._writer.run(task, after_commit=self._tell).receipt

    def record_one(
        self,
        visitor: Visitor,
        kind: str,
        item_id: str,
        *,
        received_at: float,
        event_id: str | None = None,
        slate_id: str | None = None,
        position: int | None = None,
        undo: bool = False,
    ) -> Receipt:
        """Store one event that the server saw itself, such as a click on a plain link; see `record`.

        Raises EventBatchError when a value does not fit, for example an unknown kind.
        """
        event = _checked_event(
            self._settings.kinds(),
            event_id=event_id or uuid.uuid4().hex,
            kind=kind,
            item_id=item_id,
            slate_id=slate_id,
            position=position,
            undo=undo,
        )
        return self.record(EventBatch(events=[event]), visitor, received_at)

    def record_opening(
        self, visitor: Visitor, item_id: str, slate: tuple[str, int] | None, organic_id: str, *, received_at: float
    ) -> Receipt:
        """Store a click: `visitor` opened an item; without a slate of theirs under `organic_id`. See `record_act`."""
        answer_id = None if slate is None else f"c-{slate[0]}-{slate[1]}"
        return self.record_act(
            visitor, "click", item_id, slate, received_at=received_at, event_id=organic_id, answer_id=answer_id
        )

    def record_act(
        self,
        visitor: Visitor,
        kind: str,
        item_id: str,
        slate: tuple[str, int] | None,
        *,
        received_at: float,
        event_id: str | None = None,
        answer_id: str | None = None,
        undo: bool = False,
    ) -> Receipt:
        """Store what `visitor` did with an item, from a slate at a position if given. Returns after the commit.

        A slate of somebody else (an address that was sent on) or of nobody (a page whose record was lost) makes it an
        event without slate: it was done all the same. answer_id: its id where it answers the slate, if another than
        `event_id`. Raises what `record` raises.
        """
        kinds, name = self._settings.kinds(), event_id or uuid.uuid4().hex
        act = {"kind": kind, "item_id": item_id, "undo": undo}
        answer = organic = _checked_event(kinds, event_id=name, **act)
        if slate is not None:
            place = {"slate_id": slate[0], "position": slate[1]}
            answer = _checked_event(kinds, event_id=answer_id or name, **act, **place)

        def store(db: Database) -> _Recorded:
            served = get_served(db.conn, {answer.slate_id} if answer.slate_id else set())
            known_as = merged_into(db.conn, visitor.visitor_id) or visitor.visitor_id
            own = any(found.visitor_id == known_as for found in served.values())
            return self._store(db, EventBatch(events=[answer if own else organic]), visitor, received_at, kinds)

        return self._writer.run(store, after_commit=self._tell).receipt

    def record_opened(self, opening: Opening) -> bool:
        """Store a click as far as that is possible: the page matters more than the record, and what cannot be stored is
        logged. False of who was erased meanwhile.
        """
        try:
            self.record_opening(
                opening.visitor,
                opening.item_id,
                opening.slate,
                opening.organic_id,
                received_at=opening.received_at,
            )
        except VisitorErasedError:
            return False
        except StoreError as error:
            _log.warning("click_not_recorded", item_id=opening.item_id, problem=str(error))
        return True

    def _store(self, db: Database, batch: EventBatch, visitor: Visitor, received_at: float, kinds: Kinds) -> _Recorded:
        """The writer's task: slates are queued before the events that answer them, so they are found here."""
        slates = get_served(db.conn, {event.slate_id for event in batch.events if event.slate_id is not None})
        skew_s = self._settings.client_clock_skew_s
        checked = [
            check_event(_new_event(event, visitor, received_at, kinds, skew_s), self._catalog, slates.get, received_at)
            for event in batch.events
        ]
        accepted = [found for found in checked if isinstance(found, NewEvent)]
        if len(accepted) == len(checked):
            rows = append_if_new(db, accepted, visitor.holdout)
            if rows is not None:
                _fold(db, rows, visitor, slates)
                return _Recorded(tuple(rows), Receipt(len(rows), 0))
        return self._store_with_care(db, batch, checked, visitor, received_at, slates, kinds)

    def _store_with_care(
        self,
        db: Database,
        batch: EventBatch,
        checked: Sequence[NewEvent | Rejection],
        visitor: Visitor,
        received_at: float,
        slates: Mapping[str, ServedItems],
        kinds: Kinds,
    ) -> _Recorded:
        """A batch of a new visitor, or with events that were sent before or are not accepted."""
        if merged_into(db.conn, visitor.visitor_id) is not None:  # while the request was under way
            present = get_visitor(db.conn, visitor.visitor_id)
            assert present is not None
            return self._store(db, batch, present, received_at, kinds)
        ensure_visitor(db, visitor)
        known = known_event_ids(db.conn, visitor.visitor_id, [event.event_id for event in batch.events])
        accepted: list[NewEvent] = []
        refused: list[QuarantineRow] = []
        quarantined: list[Quarantined] = []
        duplicates = 0
        for index, (event, found) in enumerate(zip(batch.events, checked, strict=True)):
            if event.event_id in known:
                duplicates += 1
                continue
            known.add(event.event_id)
            if isinstance(found, Rejection):
                quarantined.append(Quarantined(index, found.field, found.reason))
                refused.append(_quarantine_row(event, found, visitor, received_at))
            else:
                accepted.append(found)
        rows = append_events(db, accepted, visitor.holdout)
        _fold(db, rows, visitor, slates)
        if refused:
            quarantine(db, refused)
        if duplicates:
            count_duplicates(db, visitor.origin, duplicates, received_at)
        return _Recorded(tuple(rows), Receipt(len(rows), duplicates, tuple(quarantined)))

    def _tell(self, recorded: _Recorded) -> None:
        if recorded.rows:
            self._on_recorded(recorded.rows)


def _checked_event(kinds: Kinds, **values: object) -> Event:
    try:
        return Event.model_validate(values, context={"kinds": kinds})
    except ValidationError as error:
        raise batch_error(error) from error


def _fold(db: Database, rows: Sequence[EventRow], visitor: Visitor, slates: Mapping[str, ServedItems]) -> None:
    asked = {
        row.seq
        for row in rows
        if row.slate_id is not None
        # What a business rule had put there was no choice of the site's rankings either.
        and (slates[row.slate_id].shelf in ASKED_SHELVES or row.position in slates[row.slate_id].pinned)
    }
    fold_events(db, rows, {visitor.visitor_id: visitor.created_at}, asked, neutral=_neutral(rows, slates))


def _neutral(rows: Sequence[EventRow], slates: Mapping[str, ServedItems]) -> dict[int, float]:
    """By seq, of events that answer an entry of a slate of a neutral policy, the propensity of the entry."""
    found: dict[int, float] = {}
    for row in rows:
        propensities = None if row.slate_id is None else slates[row.slate_id].propensities
        if (
            propensities is not None
            and row.position is not None
            and row.position not in slates[row.slate_id or ""].pinned
        ):
            found[row.seq] = propensities[row.position - 1]
    return found


def _new_event(event: Event, visitor: Visitor, received_at: float, kinds: Kinds, skew_s: float) -> NewEvent:
    client_at, clamped = clamp_client_time(event.client_time, received_at, skew_s)
    return NewEvent(
        event.event_id,
        visitor.visitor_id,
        event.item_id,
        event.kind,
        received_at if event.at is None else event.at,
        visitor.origin,
        event.undo,
        event.slate_id,
        event.position,
        client_at,
        clamped,
        kinds[event.kind].strength(event.value),
        event.value,
    )


def _quarantine_row(event: Event, rejection: Rejection, visitor: Visitor, received_at: float) -> QuarantineRow:
    return QuarantineRow(
        received_at, rejection.reason, rejection.field, event.model_dump_json(), visitor.visitor_id, event.event_id
    )
