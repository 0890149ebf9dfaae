"""Who was erased stays erased: whatever was on its way finds a tombstone, and the tombstone tells nobody who it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from app.catalog import Catalog
from app.record import Recorder
from app.settings import Settings
from app.store import Database, Store, StoreError, VisitorErasedError, Writer
from app.store.erasing.tombstones import KEY_FILE, erasure_key, visitor_digest
from app.store.events import QuarantineRow, quarantine
from app.store.measures.exclusions import NewExclusion, exclude, read_exclusions
from app.store.pages import log_page
from app.store.visitors import ensure_visitor, export_visitor, set_arm
from app.values.database_address import Address
from app.values.visitor import Visitor
from app.visitors.erasure import erase
from tests.app.store.test_slates import SLATE

REFUSED = QuarantineRow(0.0, "there is no item", "item_id", "{}", "visitor-1", "late")


def _late_arm(db: Database, visitor: Visitor) -> None:
    ensure_visitor(db, visitor)
    set_arm(db, visitor.visitor_id, "control")


@pytest.mark.parametrize(
    "late",
    [
        lambda db, visitor: log_page(db, visitor, [replace(SLATE, visitor_id=visitor.visitor_id)]),
        lambda db, visitor: ensure_visitor(db, visitor),
        lambda db, visitor: quarantine(db, [REFUSED]),
        _late_arm,
    ],
    ids=["a page", "the row itself", "a refused event", "a chosen arm"],
)
@pytest.mark.parametrize("known", [True, False], ids=["stored before", "never stored"])
def test_what_comes_after_an_erasure_writes_nothing(
    store: Store, writer: Writer, visitor: Visitor, late: Callable[[Database, Visitor], object], known: bool
) -> None:
    if known:
        writer.run(lambda db: log_page(db, visitor, [replace(SLATE, visitor_id=visitor.visitor_id)]))
    erase(writer, visitor.visitor_id, erased_at=5.0)
    with pytest.raises(VisitorErasedError):
        writer.run(lambda db: late(db, visitor))
    assert export_visitor(store.reader(), visitor.visitor_id) is None


@pytest.mark.parametrize("item_id", ["item-002", "no-such-item"])
def test_an_event_that_was_in_flight_is_neither_stored_nor_quarantined(
    store: Store, writer: Writer, visitor: Visitor, catalog: Catalog, settings: Settings, item_id: str
) -> None:
    recorder = Recorder(writer, catalog, settings, on_recorded=lambda rows: None)
    recorder.record_one(visitor, "click", "item-001", received_at=1.0)
    erase(writer, visitor.visitor_id, erased_at=5.0)
    with pytest.raises(VisitorErasedError):
        recorder.record_one(visitor, "click", item_id, received_at=6.0)
    assert export_visitor(store.reader(), visitor.visitor_id) is None


def test_one_erased_suspect_does_not_save_the_others_from_exclusion(
    store: Store, writer: Writer, visitor: Visitor
) -> None:
    other = replace(visitor, visitor_id="visitor-2")
    for someone in (visitor, other):
        writer.run(partial(ensure_visitor, visitor=someone))
    found = [NewExclusion(row.visitor_id, "velocity", "too fast", {}) for row in (visitor, other)]
    erase(writer, visitor.visitor_id, erased_at=5.0)
    writer.run(lambda db: exclude(db, found, "monitor", 6.0))
    assert [row.visitor_id for row in read_exclusions(store.reader())] == ["visitor-2"]


def test_a_tombstone_holds_a_keyed_hash_and_the_key_lies_elsewhere(
    store: Store, writer: Writer, visitor: Visitor
) -> None:
    erase(writer, visitor.visitor_id, erased_at=5.0)
    key = erasure_key(store.engine.folder / KEY_FILE)
    rows = [tuple(row) for row in store.reader().execute("SELECT digest, erased_at FROM tombstones")]
    assert rows == [(visitor_digest(key, visitor.visitor_id), 5.0)]
    assert visitor_digest(bytes(32), visitor.visitor_id) != rows[0][0]
    file = store.engine.file
    written = b"" if file is None else b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))
    assert visitor.visitor_id.encode() not in written
    assert key not in written
    assert key.hex().encode() not in written


def test_the_key_is_made_once_and_readable_by_its_owner_only(store: Store) -> None:
    path = store.engine.folder / KEY_FILE
    assert erasure_key(path) == erasure_key(path)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31], ids=["empty", "no hex", "too short"])
def test_a_damaged_key_is_named_and_not_used(database: Address, store: Store, content: str) -> None:
    (store.engine.folder / KEY_FILE).write_text(content)
    with pytest.raises(StoreError, match="put it back from a backup"):
        Store(database).open_writer()
