"""What is refused, sent twice, excluded or never shown is counted; what was decided can be read and taken back."""

from __future__ import annotations

from functools import partial

import pytest

from app import create_app
from app.catalog import Catalog
from app.measure.experiment.ledger import Ledger, open_ledger
from app.measure.governance.data_quality import data_quality, dead_shelves
from app.record import Recorder
from app.record.batch import Event, EventBatch
from app.record.release import release
from app.settings import Settings
from app.store import Store, StoreError, Writer
from app.store.events import events_since
from app.store.measures.behaviour import ShelfEntries
from app.store.measures.exclusions import NewExclusion, exclude, excluded_visitors, last_curation, lift, read_exclusions
from app.store.measures.quarantine import drop, quarantine_reasons, read_quarantine
from app.values.visitor import Visitor
from tests.app.measure.traffic import Traffic


@pytest.fixture
def recorder(writer: Writer, catalog: Catalog, settings: Settings) -> Recorder:
    return Recorder(writer, catalog, settings, lambda rows: None)


def test_a_released_event_is_recorded_with_a_mark_and_answers_no_slate(
    recorder: Recorder, store: Store, writer: Writer, visitor: Visitor, now: float
) -> None:
    recorder.record_one(visitor, "click", "item-001", received_at=now, slate_id="never-served", position=1)
    held = read_quarantine(store.reader())[0]
    stored = writer.run(partial(release, quarantine_id=held.id, reason="seen in a log", by="me", at=now + 5))
    assert events_since(store.reader(), 0, 10) == [stored]
    assert (stored.kind, stored.item_id, stored.slate_id, stored.received_at) == ("click", "item-001", None, now)
    assert store.reader().execute("SELECT released FROM events").fetchone()[0] == 1
    settled = read_quarantine(store.reader(), "released")[0]
    assert (settled.settled_by, settled.settled_reason, settled.settled_at) == ("me", "seen in a log", now + 5)
    with pytest.raises(StoreError, match="was released before, by me"):
        writer.run(partial(release, quarantine_id=held.id, reason="again", by="me", at=now))


def test_a_dropped_event_stays_on_record_with_its_reason(
    recorder: Recorder, store: Store, writer: Writer, visitor: Visitor, now: float
) -> None:
    recorder.record_one(visitor, "click", "no-such-item", received_at=now)
    held = read_quarantine(store.reader())[0]
    with pytest.raises(StoreError, match="'no-such-item', which does not exist; it can only be dropped"):
        writer.run(partial(release, quarantine_id=held.id, reason="r", by="me", at=now))
    writer.run(partial(drop, quarantine_id=held.id, reason="a typing error", by="me", at=now))
    reasons = quarantine_reasons(store.reader())
    assert [(row.field, row.state, row.events) for row in reasons] == [("item_id", "dropped", 1)]
    with pytest.raises(StoreError, match="no quarantined event 99"):
        writer.run(partial(drop, quarantine_id=99, reason="r", by="me", at=now))


def test_duplicates_are_counted_though_they_are_not_stored(
    recorder: Recorder, store: Store, settings: Settings, visitor: Visitor, now: float
) -> None:
    batch = EventBatch(events=[Event(event_id=f"e{n}", kind="click", item_id="item-001") for n in range(3)])
    for _ in range(3):
        recorder.record(batch, visitor, now)
    assert data_quality(store, settings, now).duplicates == 6


def clicks(ledger: Ledger) -> int:
    arm = ledger.follow().arm("real", "treatment")
    assert arm is not None
    return int(arm.moments.total("clicks"))


def test_an_excluded_visitor_counts_in_no_click_through_until_it_is_lifted(
    store: Store, writer: Writer, settings: Settings, now: float
) -> None:
    ledger = open_ledger(store, settings)
    traffic = Traffic(writer, now)
    for name, clicked in (("person", [1]), ("bot", [1, 2, 3, 4])):
        traffic.visitor(name, "treatment")
        traffic.page(name, [1, 2, 3, 4], clicked)
    assert clicks(ledger) == 5
    found = [NewExclusion("bot", "velocity", "too fast", {"actions": 99})]
    (number,) = writer.run(partial(exclude, found=found, by="me", at=now))
    assert writer.run(partial(exclude, found=found, by="me", at=now)) == []
    assert clicks(ledger) == 1
    assert (excluded_visitors(store.reader()), last_curation(store.reader())) == (frozenset({"bot"}), 1)
    lifted = writer.run(partial(lift, exclusion_id=number, reason="a tester", by="you", at=now + 1))
    assert (lifted.lifted_by, lifted.lifted_reason, lifted.evidence) == ("you", "a tester", {"actions": 99})
    assert clicks(ledger) == 5
    assert (excluded_visitors(store.reader()), last_curation(store.reader())) == (frozenset(), 2)
    assert read_exclusions(store.reader()) == [lifted]
    with pytest.raises(StoreError, match="was lifted before"):
        writer.run(partial(lift, exclusion_id=number, reason="r", by="you", at=now))
    with pytest.raises(StoreError, match="'nobody' is not known"):
        writer.run(partial(exclude, found=[NewExclusion("nobody", "r", "r", {})], by="me", at=now))


def test_items_never_shown_are_named(store: Store, writer: Writer, settings: Settings, now: float) -> None:
    traffic = Traffic(writer, now)
    traffic.visitor("a", "control")
    traffic.page("a", range(1, 60), [])
    found = data_quality(store, settings, now)
    assert (found.never_shown, found.unseen, found.items) == (1, ("item-000",), 60)


def test_only_a_shelf_that_is_surely_not_clicked_is_dead() -> None:
    shelves = [ShelfEntries("for-you", 1_000, 100), ShelfEntries("new", 200, 0), ShelfEntries("popular", 30, 0)]
    assert [(row.shelf, row.seen) for row in dead_shelves(shelves)] == [("new", 200)]


def test_commands_exclude_list_and_lift_and_refuse_while_the_site_runs(
    settings: Settings, store: Store, now: float
) -> None:
    with store.open_writer() as writer:
        traffic = Traffic(writer, now)
        traffic.visitor("person", "treatment")
        traffic.page("person", range(30), [1])
        for number in range(5):
            traffic.visitor(f"person-{number}", "treatment")
            traffic.page(f"person-{number}", range(30), [1])
        traffic.visitor("bot", "treatment")
        traffic.page("bot", range(50), range(50))
        runner = create_app(settings).test_cli_runner()
        busy = runner.invoke(args=["exclusions", "apply"])
        assert busy.exit_code == 1
        assert "and writes the database" in busy.output
        assert runner.invoke(args=["exclusions", "list", "--suspects"]).output.startswith("bot  click-everything")
    applied = runner.invoke(args=["exclusions", "apply"])
    assert applied.output == "1 visitor is suspected; 1 newly excluded.\n"
    assert runner.invoke(args=["exclusions", "add", "person", "--reason", "a tester"]).exit_code == 0
    assert "person" in runner.invoke(args=["exclusions", "list"]).output
    assert runner.invoke(args=["exclusions", "lift", "2", "--reason", "not one"]).output == "person counts again.\n"
    quality = runner.invoke(args=["quality"]).output
    assert "excluded now: 1 visitor" in quality
    assert "never on screen: 10 of 60 items" in quality


def test_the_risk_table_has_every_indicator_and_ends_badly_on_an_alarm(
    settings: Settings, store: Store, now: float
) -> None:
    runner = create_app(settings).test_cli_runner()
    calm = runner.invoke(args=["risks"])
    assert calm.output.count("unknown") >= 10
    assert "alarm    cold-item share" not in calm.output, "of what a site began with, nobody can do anything yet"
    with store.open_writer() as writer:
        traffic = Traffic(writer, now)
        traffic.visitor("person", "treatment")
        traffic.page("person", range(60), range(60))
    busy = runner.invoke(args=["risks"])
    assert busy.exit_code == 1
    assert "alarm    cold-item share" in busy.output
    assert "catalog: Show new items more" in busy.output
