"""Events keep the server's order, count once, and serve trainers, pages and figures."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings

from app.settings import Settings
from app.store import Database, Store, Writer
from app.store.events import (
    POSITIVE_KINDS,
    EventRow,
    NewEvent,
    QuarantineRow,
    append_if_new,
    count_events,
    events_since,
    insert_events,
    last_seq,
    quarantine,
    visitor_events,
)
from app.store.measures.popularity import popular_counts
from app.store.schema import migrations
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor
from app.visitors import new_visitor


def event(number: int, kind: str = "click", item: int = 0, visitor: str = "visitor-1", **more: object) -> NewEvent:
    base = NewEvent(f"event-{number}", visitor, f"item-{item:03}", kind, 1000.0 + number, "real")
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _known_visitors(writer: Writer, settings: Settings, now: float) -> None:
    def write(db: Database) -> None:
        for name in ("visitor-1", "visitor-2"):
            ensure_visitor(db, new_visitor(settings, now=now, visitor_id=name))
        ensure_visitor(db, Visitor("juror", now, "control", "assigned", "simulated", jury=True))

    writer.run(write)


def insert(writer: Writer, *events: NewEvent) -> int:
    return writer.run(lambda db: insert_events(db, events))


def test_events_come_back_in_the_order_of_their_commit_not_of_any_clock(store: Store, writer: Writer) -> None:
    insert(writer, event(2, client_at=50.0), event(1, client_at=90.0), event(3, client_at=10.0))
    rows = events_since(store.reader(), 0, 10)
    assert [row.event_id for row in rows] == ["event-2", "event-1", "event-3"]
    assert [row.seq for row in rows] == [1, 2, 3]


def test_a_stored_event_has_all_that_was_given_and_its_visitors_jury_flag(store: Store, writer: Writer) -> None:
    insert(writer, event(1, "save", 5, "juror", undo=True, weight=2.5, origin="simulated"))
    (row,) = events_since(store.reader(), 0, 10)
    assert row == EventRow(
        1, "event-1", "juror", "item-005", "save", True, None, None, 1001.0, "simulated", jury=True, weight=2.5
    )


def test_an_event_id_counts_once_however_often_it_comes(store: Store, writer: Writer) -> None:
    assert insert(writer, event(1), event(1, "like"), event(2)) == 2
    assert insert(writer, event(2), event(3)) == 1
    assert [row.kind for row in events_since(store.reader(), 0, 10)] == ["click"] * 3


def test_new_events_are_appended_or_none_of_them(store: Store, writer: Writer) -> None:
    def append(*events: NewEvent) -> list[EventRow] | None:
        return writer.run(lambda db: append_if_new(db, events, jury=False))

    stored = append(event(1), event(2))
    assert stored is not None
    assert [row.seq for row in stored] == [1, 2]
    assert append(event(3), event(2)) is None, "one was sent before"
    assert append(event(3, visitor="stranger")) is None, "the visitor is not known"
    assert append(*(event(number) for number in range(10, 300))) is None, "one statement cannot hold so many"
    assert last_seq(store.reader()) == 2


def test_reading_since_a_watermark_page_by_page_meets_every_event_once(store: Store, writer: Writer) -> None:
    insert(writer, *(event(number) for number in range(25)))
    seen: list[int] = []
    while page := events_since(store.reader(), seen[-1] if seen else 0, 7):
        seen += [row.seq for row in page]
    assert seen == list(range(1, 26))
    assert last_seq(store.reader()) == 25


def test_a_visitors_events_are_the_newest_ones_newest_last_without_views(store: Store, writer: Writer) -> None:
    kinds = ["click", "view", "like", "view", "save", "dislike"]
    insert(writer, *(event(number, kind) for number, kind in enumerate(kinds)), event(9, visitor="visitor-2"))
    insert(writer, event(10, "like", undo=True))
    newest = visitor_events(store.reader(), "visitor-1", 3)
    assert [(row.kind, row.undo) for row in newest] == [("save", False), ("dislike", False), ("like", True)]
    assert visitor_events(store.reader(), "nobody", 3) == []


def test_events_are_counted_by_kind_and_origin_without_undos(store: Store, writer: Writer) -> None:
    insert(writer, event(1), event(2), event(3, "like", origin="seed"), event(4, "like", undo=True))
    assert count_events(store.reader()) == {("click", "real"): 2, ("like", "seed"): 1}


def test_popularity_counts_what_was_good_and_not_taken_back(store: Store, writer: Writer) -> None:
    insert(
        writer,
        event(1, "click", 1),
        event(2, "like", 1),
        event(3, "view", 2),
        event(4, "dislike", 2),
        event(5, "like", 3),
        event(6, "save", 3),
        event(7, "like", 3, undo=True),
        event(8, "like", 3, visitor="visitor-2"),
        event(9, "use", 4),
        event(10, "use", 4, undo=True),
        event(11, "use", 4),
    )
    assert popular_counts(store.reader()) == {"item-001": 2.0, "item-003": 2.0, "item-004": 1.0}
    assert popular_counts(store.reader(), since_seq=8) == {"item-004": 1.0}


@given(
    steps=strategies.lists(
        strategies.tuples(
            strategies.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
            strategies.integers(0, 2),
            strategies.sampled_from(["visitor-1", "visitor-2"]),
            strategies.booleans(),
        ),
        max_size=30,
    )
)
@hypothesis_settings(deadline=None, max_examples=40)
def test_popularity_agrees_with_counting_by_hand(steps: Sequence[tuple[str, int, str, bool]]) -> None:
    db = Database(memory=True)
    migrations.apply(db)
    insert_events(db, [event(n, kind, item, visitor, undo=undo) for n, (kind, item, visitor, undo) in enumerate(steps)])
    standing: dict[tuple[str, str, str], int] = {}
    for kind, item, visitor, undo in steps:
        key = (visitor, f"item-{item:03}", kind)
        standing[key] = 0 if undo else standing.get(key, 0) + 1
    expected: dict[str, float] = {}
    for (_, item_id, kind), count in standing.items():
        if kind in POSITIVE_KINDS and count:
            expected[item_id] = expected.get(item_id, 0.0) + count
    assert popular_counts(db.conn) == expected
    db.close()


@pytest.mark.parametrize(
    "fault", [{"kind": "stare"}, {"position": 0}, {"visitor_id": "nobody"}, {"item_id": "nothing"}]
)
def test_the_schema_itself_refuses_what_is_no_event(writer: Writer, store: Store, fault: dict[str, Any]) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        insert(writer, event(1), event(2, **fault))
    assert last_seq(store.reader()) == 0


def test_a_refused_event_is_kept_once(store: Store, writer: Writer) -> None:
    row = QuarantineRow(1.0, "there is no item 'x'", "item_id", "{}", "visitor-1", "event-1")
    assert writer.run(lambda db: quarantine(db, [row, row])) == 1
    assert writer.run(lambda db: quarantine(db, [row])) == 0
    assert store.reader().execute("SELECT reason, field FROM quarantine").fetchall()[0][:] == (row.reason, row.field)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM events WHERE visitor_id = ? AND kind <> 'view' ORDER BY seq DESC LIMIT 9", "events_history"),
        ("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 9", "INTEGER PRIMARY KEY"),
        ("SELECT * FROM slates WHERE visitor_id = ? ORDER BY seq DESC", "slates_by_visitor"),
        ("SELECT * FROM events WHERE slate_id = ?", "events_by_slate"),
        (
            "SELECT seq FROM events WHERE undo = 0 AND kind IN ('click', 'like', 'save', 'use') AND item_id = ?",
            "events_positive",
        ),
        ("DELETE FROM events WHERE visitor_id = ?", "events_by_visitor"),
    ],
)
def test_frequent_questions_are_answered_from_an_index_without_sorting(store: Store, query: str, index: str) -> None:
    plan = " ".join(row["detail"] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {query}", ("x",)))
    assert index in plan
    assert "TEMP B-TREE" not in plan
