"""Events keep the server's order, count once, and serve trainers, pages and figures."""

from __future__ import annotations

from typing import Any

import pytest

from app.settings import Settings
from app.store import Database, Store, Writer
from app.store.engines import INTEGRITY_ERRORS
from app.store.events import (
    EventRow,
    EventSpan,
    NewEvent,
    QuarantineRow,
    acts,
    append_if_new,
    count_events,
    events_since,
    insert_events,
    known_event_ids,
    last_seq,
    quarantine,
)
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor
from app.visitors import new_visitor


def event(number: int, kind: str = "click", item: int = 0, visitor: str = "visitor-1", **more: object) -> NewEvent:
    base = NewEvent(f"event-{number}", visitor, f"item-{item:03}", kind, 1000.0 + number, "real")
    return base._replace(**more)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _known_visitors(writer: Writer, settings: Settings, now: float) -> None:
    def write(db: Database) -> None:
        for name in ("visitor-1", "visitor-2"):
            ensure_visitor(db, new_visitor(settings, now=now, visitor_id=name))
        ensure_visitor(db, Visitor("juror", now, "control", "assigned", "simulated", holdout=True))

    writer.run(write)


def insert(writer: Writer, *events: NewEvent) -> int:
    return writer.run(lambda db: insert_events(db, events))


def test_events_come_back_in_the_order_of_their_commit_not_of_any_clock(store: Store, writer: Writer) -> None:
    insert(writer, event(2, client_at=50.0), event(1, client_at=90.0), event(3, client_at=10.0))
    rows = events_since(store.reader(), 0, 10)
    assert [row.event_id for row in rows] == ["event-2", "event-1", "event-3"]
    assert [row.seq for row in rows] == [1, 2, 3]


def test_a_stored_event_has_all_that_was_given_and_its_visitors_holdout_flag(store: Store, writer: Writer) -> None:
    insert(writer, event(1, "save", 5, "juror", undo=True, weight=2.5, origin="simulated"))
    (row,) = events_since(store.reader(), 0, 10)
    assert row == EventRow(
        1, "event-1", "juror", "item-005", "save", True, None, None, 1001.0, "simulated", holdout=True, weight=2.5
    )


def test_an_event_id_is_unique_for_its_visitor_only(store: Store, writer: Writer) -> None:
    assert insert(writer, event(1), event(1, visitor="visitor-2"), event(1, visitor="visitor-2")) == 2
    rows = events_since(store.reader(), 0, 10)
    assert [(row.event_id, row.visitor_id) for row in rows] == [("event-1", "visitor-1"), ("event-1", "visitor-2")]
    assert known_event_ids(store.reader(), "visitor-1", ["event-1", "event-2"]) == {"event-1"}
    assert known_event_ids(store.reader(), "juror", ["event-1"]) == set()


def test_an_event_id_counts_once_however_often_it_comes(store: Store, writer: Writer) -> None:
    assert insert(writer, event(1), event(1, "like"), event(2)) == 2
    assert insert(writer, event(2), event(3)) == 1
    assert [row.kind for row in events_since(store.reader(), 0, 10)] == ["click"] * 3


def test_an_event_that_is_known_uses_up_no_number(store: Store, writer: Writer) -> None:
    insert(writer, event(1), event(2))
    assert insert(writer, event(1), event(2), event(1), event(3)) == 1
    assert [row.seq for row in events_since(store.reader(), 0, 10)] == [1, 2, 3]


def test_a_batch_that_is_refused_uses_up_no_number(store: Store, writer: Writer) -> None:
    """Windows of the newest events are counted by their numbers."""
    insert(writer, event(1), event(2))
    for _ in range(3):
        assert writer.run(lambda db: append_if_new(db, [event(2), event(3)], holdout=False)) is None
        assert writer.run(lambda db: append_if_new(db, [event(4), event(4)], holdout=False)) is None
    insert(writer, event(5))
    assert [row.seq for row in events_since(store.reader(), 0, 10)] == [1, 2, 3]


def test_new_events_are_appended_or_none_of_them(store: Store, writer: Writer) -> None:
    def append(*events: NewEvent) -> list[EventRow] | None:
        return writer.run(lambda db: append_if_new(db, events, holdout=False))

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


def test_events_between_two_numbers_come_without_views(store: Store, writer: Writer) -> None:
    kinds = ["click", "view", "like", "view", "save", "dislike"]
    insert(writer, *(event(number, kind) for number, kind in enumerate(kinds)))
    assert [row.kind for row in acts(store.reader(), EventSpan(2, 5))] == ["like", "save"]


def test_events_are_counted_by_kind_and_origin_without_undos(store: Store, writer: Writer) -> None:
    insert(writer, event(1), event(2), event(3, "like", origin="seed"), event(4, "like", undo=True))
    assert count_events(store.reader()) == {("click", "real"): 2, ("like", "seed"): 1}


@pytest.mark.parametrize("fault", [{"kind": ""}, {"position": 0}, {"visitor_id": "nobody"}, {"item_id": "nothing"}])
def test_the_schema_itself_refuses_what_is_no_event(writer: Writer, store: Store, fault: dict[str, Any]) -> None:
    with pytest.raises(INTEGRITY_ERRORS):
        insert(writer, event(1), event(2, **fault))
    assert last_seq(store.reader()) == 0


def test_a_refused_event_is_kept_once(store: Store, writer: Writer) -> None:
    row = QuarantineRow(1.0, "there is no item 'x'", "item_id", "{}", "visitor-1", "event-1")
    assert writer.run(lambda db: quarantine(db, [row, row])) == 1
    assert writer.run(lambda db: quarantine(db, [row])) == 0
    assert store.reader().execute("SELECT reason, field FROM quarantine").fetchall()[0][:] == (row.reason, row.field)


@pytest.mark.sqlite_only("reads the words of its planner")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 9", "INTEGER PRIMARY KEY"),
        ("SELECT * FROM slates WHERE visitor_id = ? ORDER BY seq DESC", "slates_by_visitor"),
        ("SELECT * FROM events WHERE slate_id = ?", "events_by_slate"),
        ("SELECT * FROM interactions WHERE seq > ? ORDER BY seq", "INTEGER PRIMARY KEY"),
        (
            "SELECT item_id, kind, sum(weight) FROM interactions WHERE visitor_id = ? AND item_id = ? GROUP BY kind",
            "interactions_by_pair",
        ),
        ("SELECT seq FROM interactions WHERE item_id = ? AND weight > 0", "interactions_raised"),
        ("DELETE FROM interactions WHERE visitor_id = ?", "interactions_by_pair"),
        ("DELETE FROM events WHERE visitor_id = ?", "sqlite_autoindex_events"),
    ],
)
def test_frequent_questions_are_answered_from_an_index_without_sorting(store: Store, query: str, index: str) -> None:
    values = ["x"] * query.count("?")
    plan = " ".join(row["detail"] for row in store.reader().execute(f"EXPLAIN QUERY PLAN {query}", values))
    assert index in plan
    assert "TEMP B-TREE" not in plan or "GROUP BY kind" in query, "a pair has few rows"
