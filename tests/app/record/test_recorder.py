"""Recording: believable events are stored once and in order, the others are set aside with their reason."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings

from app.catalog import Catalog
from app.record import EventBatch, EventBatchError, Quarantined, Receipt, Recorder
from app.record.validation import clamp_client_time
from app.settings import Settings, load_settings
from app.store import QueueFullError, Store, Writer
from app.store.events import EventRow, events_since
from app.store.interactions import visitor_interactions
from app.store.items import insert_items
from app.store.slates import ASKED_SHELVES, log_slates
from app.store.visitors import ensure_visitor, export_visitor, get_visitor
from app.values.visitor import Visitor
from app.visitors import new_visitor
from tests.app.store.test_slates import SLATE
from tests.app.store.writes import erasure, one_group
from tests.conftest import NOW, make_items

Record = Callable[..., Receipt]


@pytest.fixture
def told() -> list[EventRow]:
    """What the recorder told its listener, in order."""
    return []


@pytest.fixture
def recorder(writer: Writer, catalog: Catalog, settings: Settings, told: list[EventRow]) -> Recorder:
    return Recorder(writer, catalog, settings, told.extend)


@pytest.fixture
def record(recorder: Recorder, visitor: Visitor, now: float) -> Record:
    """Record events of `visitor`, given as dicts; event ids are made up where none is given."""

    def send(*events: dict[str, Any], by: Visitor = visitor) -> Receipt:
        filled = [
            {"event_id": f"e{n}", "kind": "click", "item_id": "item-001"} | event for n, event in enumerate(events)
        ]
        return recorder.record(EventBatch.model_validate({"events": filled}), by, now)

    return send


@pytest.fixture
def slate(writer: Writer, visitor: Visitor) -> str:
    """Id of a slate that showed `visitor` item-002 at 1 and item-000 at 2."""
    slates = [replace(SLATE, visitor_id=visitor.visitor_id)]
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, slates)))
    return SLATE.slate_id


def stored(store: Store) -> Sequence[EventRow]:
    return events_since(store.reader(), 0, 1000)


def set_aside(store: Store) -> list[tuple[str, str]]:
    rows = store.reader().execute("SELECT event_id, field FROM quarantine ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def test_believable_events_are_stored_in_the_order_of_the_batch(record: Record, store: Store, visitor: Visitor) -> None:
    receipt = record({"kind": "view"}, {}, {"kind": "like", "undo": True})
    assert receipt == Receipt(stored=3, duplicates=0)
    assert [(row.kind, row.undo) for row in stored(store)] == [("view", False), ("click", False), ("like", True)]
    assert get_visitor(store.reader(), visitor.visitor_id) == visitor


def test_an_event_that_comes_again_is_ignored(record: Record, store: Store) -> None:
    assert record({"event_id": "a"}, {"event_id": "b"}, {"event_id": "a", "kind": "like"}) == Receipt(2, 1)
    assert record({"event_id": "b"}, {"event_id": "c"}) == Receipt(1, 1)
    assert [row.event_id for row in stored(store)] == ["a", "b", "c"]


def test_an_event_id_is_the_visitors_own(record: Record, store: Store, settings: Settings, now: float) -> None:
    another = new_visitor(settings, now=now, visitor_id="another")
    assert record({"event_id": "1"}) == Receipt(1, 0)
    assert record({"event_id": "1"}, by=another) == Receipt(1, 0), "clients know nothing of each other's ids"
    assert record({"event_id": "1"}, by=another) == Receipt(0, 1)
    assert [row.visitor_id for row in stored(store)] == ["visitor-1", "another"]


@pytest.mark.sqlite_only("traces its statements")
def test_a_batch_is_four_statements_whatever_its_length_and_one_of_views_two(
    record: Record, writer: Writer, slate: str
) -> None:
    asked: list[str] = []
    writer.run(lambda db: cast(sqlite3.Connection, db.conn).set_trace_callback(asked.append))
    record(
        *({"item_id": f"item-{n % 60:03}", "kind": "like"} for n in range(99)),
        {"item_id": "item-002", "slate_id": slate},
    )
    verbs = [statement.split()[0] for statement in asked if statement.split()[0] in {"SELECT", "INSERT", "UPDATE"}]
    assert verbs == ["SELECT", "INSERT", "SELECT", "INSERT"], "slates, events, what stands, what changes"
    asked.clear()
    record({"event_id": "v", "kind": "view", "item_id": "item-002", "slate_id": slate})
    assert [statement.split()[0] for statement in asked if "INTO" in statement or "FROM" in statement] == [
        "SELECT",
        "INSERT",
    ]


def test_what_an_event_changes_is_stored_with_it(
    record: Record, recorder: Recorder, store: Store, slate: str, visitor: Visitor, now: float
) -> None:
    record({"item_id": "item-002", "slate_id": slate}, {"kind": "like"}, {"kind": "dislike"}, {"kind": "view"})
    rows = visitor_interactions(store.reader(), visitor.visitor_id)
    assert [(row.item_id, row.kind, row.weight, row.held, row.event_seq, row.served) for row in rows] == [
        ("item-002", "click", 1.0, 0.0, 1, True),
        ("item-001", "like", 1.0, 0.0, 2, False),
        ("item-001", "like", -1.0, 1.0, 3, False),
        ("item-001", "dislike", 1.0, 0.0, 3, False),
    ]
    assert {(row.at, row.origin, row.holdout, row.age_s) for row in rows} == {(now, "real", visitor.holdout, 0.0)}
    recorder.record_one(visitor, "save", "item-005", received_at=now + 60.0)
    assert visitor_interactions(store.reader(), visitor.visitor_id)[-1].age_s == 60.0


@pytest.mark.parametrize("shelf", sorted(ASKED_SHELVES))
def test_an_answer_to_what_the_visitor_asked_for_is_no_answer_to_what_the_site_chose(
    record: Record, store: Store, writer: Writer, visitor: Visitor, shelf: str
) -> None:
    found = replace(SLATE, slate_id="found", shelf=shelf, visitor_id=visitor.visitor_id)
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [found])))
    record({"item_id": "item-002", "slate_id": "found"})
    assert [row.served for row in visitor_interactions(store.reader(), visitor.visitor_id)] == [False]


def test_an_unknown_item_is_set_aside_and_the_others_are_stored(record: Record, store: Store) -> None:
    receipt = record({"item_id": "unicorn"}, {})
    assert receipt.stored == 1
    assert receipt.quarantined == (Quarantined(0, "item_id", "there is no item 'unicorn'"),)
    row = store.reader().execute("SELECT * FROM quarantine").fetchone()
    assert (row["reason"], row["visitor_id"]) == ("there is no item 'unicorn'", "visitor-1")
    assert json.loads(row["payload"])["item_id"] == "unicorn"


def test_a_refused_event_that_is_sent_again_is_set_aside_once(record: Record, store: Store) -> None:
    assert record({"item_id": "unicorn"}).quarantined == record({"item_id": "unicorn"}).quarantined
    assert set_aside(store) == [("e0", "item_id")]


@pytest.mark.parametrize(
    ("event", "field", "reason"),
    [
        ({"slate_id": "no-such-slate"}, "slate_id", "no slate 'no-such-slate' was served to this visitor"),
        ({"item_id": "item-007"}, "item_id", "slate 'slate-1' does not show item 'item-007'"),
        ({"position": 2}, "position", "slate 'slate-1' shows item 'item-002' at 1, not 2"),
        ({"position": 99}, "position", "slate 'slate-1' shows item 'item-002' at 1, not 99"),
    ],
)
def test_what_the_slate_does_not_bear_out_is_set_aside(
    record: Record, store: Store, slate: str, event: dict[str, Any], field: str, reason: str
) -> None:
    receipt = record({"slate_id": slate, "item_id": "item-002"} | event)
    assert receipt.quarantined == (Quarantined(0, field, reason),)
    assert stored(store) == []


def test_somebody_elses_slate_is_as_good_as_none(record: Record, slate: str, settings: Settings, now: float) -> None:
    thief = new_visitor(settings, now=now, visitor_id="thief")
    receipt = record({"slate_id": slate, "item_id": "item-002"}, by=thief)
    assert receipt.quarantined == (Quarantined(0, "slate_id", f"no slate {slate!r} was served to this visitor"),)


def test_an_answer_to_a_slate_keeps_its_position_or_learns_it(record: Record, store: Store, slate: str) -> None:
    record(
        {"slate_id": slate, "item_id": "item-002", "position": 1},
        {"slate_id": slate, "item_id": "item-000"},
    )
    assert [(row.slate_id, row.position) for row in stored(store)] == [(slate, 1), (slate, 2)]


def test_a_slate_queued_just_before_is_found(recorder: Recorder, writer: Writer, visitor: Visitor, now: float) -> None:
    writer.submit(
        lambda db: (ensure_visitor(db, visitor), log_slates(db, [replace(SLATE, visitor_id=visitor.visitor_id)]))
    )
    receipt = recorder.record_one(visitor, "click", "item-000", slate_id="slate-1", position=2, received_at=now)
    assert receipt == Receipt(1, 0)


@pytest.mark.parametrize(
    ("client_time", "expected"),
    [
        (None, (None, False)),
        (1000.0, (1000.0, False)),
        (1300.0, (1300.0, False)),
        (1301.0, (1300.0, True)),
        (0.0, (700.0, True)),
        (-1e300, (700.0, True)),
    ],
)
def test_a_clients_clock_is_believed_within_its_bounds(
    client_time: float | None, expected: tuple[float | None, bool]
) -> None:
    assert clamp_client_time(client_time, received_at=1000.0, skew_s=300.0) == expected


def test_the_clients_time_is_kept_and_marked_and_orders_nothing(record: Record, store: Store, now: float) -> None:
    record({"client_time": now + 9999}, {"client_time": now - 5})
    rows = store.reader().execute("SELECT event_id, client_at, client_clamped, received_at FROM events ORDER BY seq")
    assert [tuple(row) for row in rows] == [("e0", now + 300, 1, now), ("e1", now - 5, 0, now)]


def test_the_listener_knows_what_is_stored_before_the_receipt_is_given(
    record: Record, store: Store, told: list[EventRow]
) -> None:
    record({}, {"item_id": "unicorn"}, {"event_id": "e0"})
    assert told == stored(store)
    record({"event_id": "e0"})
    assert len(told) == 1, "a batch that stored nothing is not told of"


def test_the_stored_event_carries_the_visitors_origin_and_holdout_flag(
    recorder: Recorder, store: Store, told: list[EventRow], now: float
) -> None:
    juror = Visitor("juror", now, "control", "assigned", "simulated", holdout=True)
    recorder.record_one(juror, "save", "item-001", received_at=now)
    assert [(row.origin, row.holdout) for row in told] == [("simulated", True)]
    assert told == stored(store)


def test_an_event_of_the_server_has_its_own_id(recorder: Recorder, visitor: Visitor, store: Store, now: float) -> None:
    for _ in range(2):
        assert recorder.record_one(visitor, "click", "item-001", received_at=now) == Receipt(1, 0)
    assert recorder.record_one(visitor, "like", "item-001", event_id="mine", received_at=now) == Receipt(1, 0)
    assert recorder.record_one(visitor, "like", "item-001", event_id="mine", received_at=now) == Receipt(0, 1)


def test_one_event_of_a_wrong_kind_names_the_problem(recorder: Recorder, visitor: Visitor, now: float) -> None:
    with pytest.raises(EventBatchError) as refused:
        recorder.record_one(visitor, "stare", "item-001", received_at=now)
    assert [(problem.pointer, problem.value) for problem in refused.value.problems] == [("/kind", "stare")]


def test_a_full_queue_stores_nothing_of_the_batch(
    store: Store, catalog: Catalog, settings: Settings, visitor: Visitor, now: float
) -> None:

    with store.open_writer(queue_size=1, group_commit_ms=0) as writer:
        recorder = Recorder(writer, catalog, settings, lambda rows: None)
        with one_group(writer):
            writer.submit(erasure(1))
            with pytest.raises(QueueFullError):
                recorder.record_one(visitor, "click", "item-001", received_at=now)
    assert stored(store) == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Recorder]]:
    """One database for all examples of the property below; each example has a visitor and event ids of its own."""
    catalog = Catalog.from_items(make_items(4))
    path = tmp_path_factory.mktemp("batch") / "events.db"
    with Store.create(path) as store, store.open_writer(group_commit_ms=0) as writer:
        writer.run(lambda db: insert_items(db, catalog.items))
        yield store, Recorder(writer, catalog, load_settings(environment={}), lambda rows: None)


@given(
    events=strategies.lists(
        strategies.tuples(
            strategies.sampled_from(["a", "b", "c", "d"]),
            strategies.sampled_from(["item-001", "item-002", "unicorn"]),
        ),
        max_size=8,
    )
)
@hypothesis_settings(deadline=None, max_examples=30)
def test_every_event_is_stored_or_known_or_set_aside_and_sending_again_changes_nothing(
    shared: tuple[Store, Recorder], events: list[tuple[str, str]]
) -> None:
    store, recorder = shared
    visitor = new_visitor(load_settings(environment={}), now=NOW)
    listed = [{"event_id": name + visitor.visitor_id, "kind": "click", "item_id": item_id} for name, item_id in events]
    batch = EventBatch.model_validate({"events": listed})
    first = recorder.record(batch, visitor, NOW)
    assert first.stored + first.duplicates + len(first.quarantined) == len(events)
    before = export_visitor(store.reader(), visitor.visitor_id)
    again = recorder.record(batch, visitor, NOW + 1)
    assert (again.stored, again.quarantined) == (0, first.quarantined)
    assert export_visitor(store.reader(), visitor.visitor_id) == before
