"""What is older than the setting says is deleted, and only that; what models and sums need to know of it, they do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from app.flywheel import Flywheel
from app.measure.experiment.ledger import open_ledger
from app.record.retention import CHUNK, Retention
from app.settings import SettingError, Settings, load_settings
from app.store import Store, Writer
from app.store.events import NewEvent, QuarantineRow, append_events, events_since, quarantine
from app.store.health import check_integrity
from app.store.interactions import append_interactions, visitor_interactions
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor, export_visitor, last_erasure
from app.store.wishes import set_wish, wishes_of
from app.values.interaction import Interaction
from app.values.visitor import Visitor
from tests.app.store.test_slates import SLATE

DAY = 86_400.0
NOW = 1_700_000_000.0
OLD, NEW = NOW - 31 * DAY, NOW - 29 * DAY


@pytest.fixture
def keeping(settings: Settings) -> Settings:
    """Settings that keep thirty days."""
    return replace(settings, retention_days=30.0)


def _visit(writer: Writer, visitor_id: str, shown_at: float, clicked_at: float | None, clicks: int = 1) -> None:
    """A visitor who was shown a slate and clicked on it so often."""
    visitor = Visitor(visitor_id, shown_at, "treatment", "assigned", "real", False)
    slate = replace(SLATE, slate_id=f"slate-{visitor_id}", visitor_id=visitor_id, served_at=shown_at)
    events = [
        NewEvent(f"{visitor_id}-{n}", visitor_id, "item-001", "click", clicked_at, "real", slate_id=slate.slate_id)
        for n in range(clicks if clicked_at is not None else 0)
        if clicked_at is not None
    ]
    refused = QuarantineRow(shown_at, "no item", "item_id", "{}", visitor_id, f"refused-{visitor_id}")
    writer.run(lambda db: (ensure_visitor(db, visitor), log_slates(db, [slate]), quarantine(db, [refused])))
    writer.run(lambda db: append_events(db, events, False))


def _left(store: Store, visitor_id: str) -> tuple[int, int, int] | None:
    """Slates, events and quarantined events of a visitor; None when nothing is known of them."""
    found = export_visitor(store.reader(), visitor_id)
    return None if found is None else (len(found["slates"]), len(found["events"]), len(found["quarantine"]))


@pytest.fixture
def visited(writer: Writer) -> Writer:
    """Somebody whose visit is over the limit, somebody within it, and somebody who came back to an old slate."""
    _visit(writer, "gone", OLD, OLD)
    _visit(writer, "here", NEW, NEW)
    _visit(writer, "back", OLD, NEW)
    for visitor_id, at in (("gone", OLD), ("back", OLD + 1), ("here", NEW)):
        writer.run(partial(set_wish, visitor_id=visitor_id, trait="style:retro", level=1, at=at))
    return writer


def test_by_default_nothing_is_ever_deleted(store: Store, visited: Writer, settings: Settings) -> None:
    assert settings.retention_days == 0
    assert not any(Retention(store, visited, settings, lambda: NOW + 10_000 * DAY).round().values())
    assert _left(store, "gone") == (1, 1, 1)


def test_what_is_too_old_goes_and_the_rest_stays(store: Store, visited: Writer, keeping: Settings) -> None:
    counts = Retention(store, visited, keeping, lambda: NOW).round()
    assert counts == {"interactions": 0, "events": 1, "quarantine": 2, "wishes": 2, "slates": 1, "visitors": 1}
    assert _left(store, "gone") is None
    assert _left(store, "here") == (1, 1, 1)
    assert _left(store, "back") == (1, 1, 0), "the slate that a newer click answers stays with it"
    assert [len(wishes_of(store.reader(), visitor_id)) for visitor_id in ("here", "back")] == [1, 0]
    assert check_integrity(store.reader()) == "60 items, 2 visitors, 2 events"
    assert not any(Retention(store, visited, keeping, lambda: NOW).round().values())


def test_more_than_a_chunk_goes_in_one_round_and_others_write_between(
    store: Store, writer: Writer, keeping: Settings
) -> None:
    _visit(writer, "busy", OLD, OLD, clicks=2 * CHUNK + 1)
    before = writer.commits
    counts = Retention(store, writer, keeping, lambda: NOW).round()
    assert counts["events"] == 2 * CHUNK + 1
    assert writer.commits - before >= 3


def test_models_and_sums_are_made_anew_without_what_is_gone(store: Store, visited: Writer, keeping: Settings) -> None:
    ledger = open_ledger(store, keeping)
    before, erasure = ledger.follow().arm("real", "treatment"), last_erasure(store.reader())
    assert before is not None
    Retention(store, visited, keeping, lambda: NOW).round()
    assert last_erasure(store.reader()) == erasure + 1
    after = ledger.follow().arm("real", "treatment")
    assert after is not None
    assert (before.exposed, after.exposed) == (3, 2)
    restarted = open_ledger(store, keeping).follow().arm("real", "treatment")
    assert restarted is not None
    assert (after.exposed, after.slates) == (restarted.exposed, restarted.slates)
    assert after.moments.sums.tolist() == restarted.moments.sums.tolist()


def test_sequence_numbers_go_on_when_everything_is_gone(store: Store, visited: Writer, keeping: Settings) -> None:
    newest = events_since(store.reader(), 0, 100)[-1].seq
    Retention(store, visited, keeping, lambda: NOW + 1_000 * DAY).round()
    assert events_since(store.reader(), 0, 100) == []
    _visit(visited, "later", NOW, NOW)
    assert events_since(store.reader(), 0, 100)[0].seq == newest + 1


def test_the_site_keeps_to_it_from_its_start_on(keeping: Settings, database: Path) -> None:
    with Store(database) as store:
        with store.open_writer(group_commit_ms=0) as writer:
            _visit(writer, "gone", 1.0, 1.0)
        site = Flywheel(keeping)
        site.open()
        site.close()  # the first round is at the start, and a chunk that is under way is finished
        site = Flywheel(keeping)
        retention = Retention(store, site.writer, keeping)
        retention.round()
        assert _left(store, "gone") is None
        site.close()


def test_a_trial_cannot_lose_what_it_is_decided_by() -> None:
    with pytest.raises(SettingError, match="retention_days = 7 is below trial_max_days = 14"):
        load_settings(environment={}, overrides={"retention_days": 7})
    assert load_settings(environment={}, overrides={"retention_days": 7, "trial_max_days": 7}).retention_days == 7


def _raise(writer: Writer, visitor_id: str, item_id: str, at: float, weight: float = 1.0) -> None:
    """A click counted, or with a weight of -1 taken back."""
    visitor = Visitor(visitor_id, OLD, "treatment", "assigned", "real", False)
    row = Interaction(0, visitor_id, item_id, "click", weight, 0.0, at, 1, False, "real", False, 0.0)
    writer.run(lambda db: ensure_visitor(db, visitor))
    writer.run(lambda db: append_interactions(db, [row]))


def test_what_stands_goes_with_the_last_thing_about_the_pair_and_never_in_part(
    store: Store, writer: Writer, keeping: Settings
) -> None:
    _raise(writer, "visitor-1", "item-001", OLD)
    _raise(writer, "visitor-1", "item-002", OLD)
    _raise(writer, "visitor-1", "item-002", NEW, -1.0)
    _raise(writer, "visitor-2", "item-001", OLD)
    counts = Retention(store, writer, keeping, lambda: NOW).round()
    assert (counts["interactions"], counts["visitors"]) == (2, 1)
    left = [(row.item_id, row.weight) for row in visitor_interactions(store.reader(), "visitor-1")]
    assert left == [("item-002", 1.0), ("item-002", -1.0)], "a part of them would not add up to what stands"
    assert last_erasure(store.reader()) == 1, "models forget it as well"
