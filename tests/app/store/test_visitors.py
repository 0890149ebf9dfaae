"""Visitors are known, exported whole, and forgotten whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.catalog import Catalog
from app.record import Recorder
from app.settings import Settings
from app.store import Store, StoreError, Writer
from app.store.events import events_since
from app.store.measures.exclusions import NewExclusion, exclude
from app.store.pages import log_page
from app.store.visitors import ensure_visitor, erase_visitor, export_visitor, get_visitor, last_erasure, set_arm
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.erasure import erase
from tests.app.store.test_slates import SLATE

SECRET = "visitor-whose-trace-must-vanish"


@pytest.fixture
def busy(settings: Settings, writer: Writer, catalog: Catalog, now: float) -> Visitor:
    """A visitor with slates, events and a refused event, between others who have some as well."""
    recorder = Recorder(writer, catalog, settings, on_recorded=lambda rows: None)
    names: Sequence[str] = ("before", SECRET, "after")
    visitors = [new_visitor(settings, now=now, visitor_id=name) for name in names]
    for visitor in visitors:
        slates = [
            replace(SLATE, slate_id=f"{visitor.visitor_id}-{n}", visitor_id=visitor.visitor_id) for n in range(30)
        ]
        writer.run(partial(log_page, visitor=visitor, slates=slates))
    for number in range(60):
        for visitor in visitors:
            slate_id = f"{visitor.visitor_id}-{number % 30}"
            recorder.record_one(visitor, "click", "item-002", slate_id=slate_id, received_at=now)
    recorder.record_one(visitors[1], "click", "no-such-item", received_at=now)
    found = NewExclusion(visitors[1].visitor_id, "velocity", "60 actions in a minute", {"actions": 60})
    writer.run(lambda db: exclude(db, [found], "test", now))
    return visitors[1]


def test_a_visitor_comes_back_and_the_first_row_stays(store: Store, writer: Writer, visitor: Visitor) -> None:
    assert get_visitor(store.reader(), visitor.visitor_id) is None
    assert writer.run(lambda db: ensure_visitor(db, visitor))
    assert not writer.run(lambda db: ensure_visitor(db, replace(visitor, arm="control", holdout=True)))
    assert get_visitor(store.reader(), visitor.visitor_id) == visitor


def test_a_chosen_arm_is_kept_and_marked(store: Store, writer: Writer, visitor: Visitor) -> None:
    writer.run(lambda db: ensure_visitor(db, visitor))
    writer.run(lambda db: set_arm(db, visitor.visitor_id, "control"))
    assert get_visitor(store.reader(), visitor.visitor_id) == replace(visitor, arm="control", arm_source="chosen")
    with pytest.raises(StoreError, match="nobody"):
        writer.run(lambda db: set_arm(db, "nobody", "control"))


def test_an_export_has_all_that_is_stored_of_one_visitor_and_nothing_of_others(store: Store, busy: Visitor) -> None:
    found = export_visitor(store.reader(), busy.visitor_id)
    assert found is not None
    assert found["visitor"]["visitor_id"] == busy.visitor_id
    assert {table: len(found[table]) for table in ("slates", "events", "quarantine", "exclusions")} == {
        "slates": 30,
        "events": 60,
        "quarantine": 1,
        "exclusions": 1,
    }
    assert found["slates"][0]["items"] == list(SLATE.items)
    assert {row["visitor_id"] for table in ("slates", "events", "quarantine") for row in found[table]} == {SECRET}
    assert export_visitor(store.reader(), "nobody") is None


def test_erasure_removes_everything_of_one_visitor_and_counts_it(store: Store, writer: Writer, busy: Visitor) -> None:
    others_before = [row for row in events_since(store.reader(), 0, 1000) if row.visitor_id != SECRET]
    counts = erase(writer, busy.visitor_id, erased_at=5.0)
    assert counts == {
        "interactions": 11,
        "events": 60,
        "slates": 30,
        "quarantine": 1,
        "exclusions": 1,
        "arrivals": 0,
        "wishes": 0,
        "merges": 0,
        "visitors": 1,
    }
    assert export_visitor(store.reader(), busy.visitor_id) is None
    assert events_since(store.reader(), 0, 1000) == others_before
    assert [tuple(row) for row in store.reader().execute("SELECT id, erased_at, rows FROM erasures")] == [(1, 5.0, 104)]
    assert last_erasure(store.reader()) == 1


@pytest.mark.sqlite_only("looks at the bytes of the file")
def test_no_file_remembers_an_erased_id(database: Path, store: Store, writer: Writer, busy: Visitor) -> None:
    def trace() -> list[str]:
        files = sorted(database.parent.glob(database.name + "*"))
        return [file.name for file in files if busy.visitor_id.encode() in file.read_bytes()]

    assert trace() != []
    store.close()  # a reader's shared memory is not data, but an open snapshot would keep the log
    erase(writer, busy.visitor_id, erased_at=5.0)
    assert trace() == []


def test_erasing_somebody_unknown_leaves_no_mark(store: Store, writer: Writer) -> None:
    assert not any(writer.run(lambda db: erase_visitor(db, "nobody")).values())
    assert last_erasure(store.reader()) == 0


def test_no_seq_is_given_out_twice(store: Store, writer: Writer, busy: Visitor, visitor: Visitor) -> None:
    newest = events_since(store.reader(), 0, 1000)[-1]
    erase(writer, newest.visitor_id, erased_at=5.0)
    erase(writer, SECRET, erased_at=6.0)
    writer.run(lambda db: ensure_visitor(db, visitor))
    writer.run(
        lambda db: db.execute(
            "INSERT INTO events (event_id, visitor_id, item_id, kind, received_at, origin) "
            "VALUES ('later', ?, 'item-000', 'click', 0, 'real')",
            (visitor.visitor_id,),
        )
    )
    assert events_since(store.reader(), 0, 1000)[-1].seq == newest.seq + 1
