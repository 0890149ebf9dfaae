"""No byte of an erased id stays in the file, not even in the free part of a page that is in use."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.store import Database, Store, StoreError, Writer
from app.store.erasing.scrubbing import is_in_file, scrub
from app.store.events import NewEvent, QuarantineRow, append_events, quarantine
from app.store.visitors import ensure_visitor, erase_visitor, export_visitor
from app.values.visitor import Visitor


def _ids(count: int, rng: random.Random) -> list[str]:
    return [f"{rng.getrandbits(130):033x}"[:22] for _ in range(count)]


def _fill(db: Database, visitor_ids: list[str], rng: random.Random) -> None:
    """Events of many visitors as they come on a site: in no order of their ids."""
    for visitor_id in visitor_ids:
        ensure_visitor(db, Visitor(visitor_id, 0.0, "treatment", "assigned", "real", False))
    for number in range(4 * len(visitor_ids)):
        visitor_id = rng.choice(visitor_ids)
        append_events(db, [NewEvent(f"e{number}", visitor_id, "item-001", "click", 0.0, "real")], False)


def _quarantine(db: Database, visitor_ids: list[str], rng: random.Random) -> None:
    """Refused events that are settled later, with reasons that make their rows longer."""
    rows = [QuarantineRow(0.0, "no item", "item_id", "{}", who, f"q{n}") for n, who in enumerate(visitor_ids)]
    quarantine(db, rows)
    for number in rng.sample(range(1, len(rows) + 1), len(rows)):
        reason = "x" * rng.randrange(200, 400)
        db.conn.execute("UPDATE quarantine SET state = 'dropped', settled_reason = ? WHERE id = ?", [reason, number])


@pytest.mark.sqlite_only("looks at the bytes of the file")
@pytest.mark.parametrize("also_quarantined", [False, True])
def test_copies_that_splits_of_pages_left_are_removed(
    database: Path, store: Store, writer: Writer, also_quarantined: bool
) -> None:
    rng = random.Random(1)
    visitor_ids = _ids(1_500, rng)
    writer.run(lambda db: _fill(db, visitor_ids, rng), 60.0)
    if also_quarantined:
        writer.run(lambda db: _quarantine(db, visitor_ids, rng), 60.0)
    gone = rng.sample(visitor_ids, 500)
    writer.run(lambda db: [erase_visitor(db, visitor_id, 1.0) for visitor_id in gone], 60.0)
    assert writer.checkpoint()
    content = database.read_bytes()
    left = [visitor_id for visitor_id in gone if visitor_id.encode() in content]
    assert left, "without copies in free parts of pages, this test shows nothing"
    assert scrub(writer, left[0])
    content = database.read_bytes()
    assert [visitor_id for visitor_id in gone if visitor_id.encode() in content] == []
    kept = next(visitor_id for visitor_id in visitor_ids if visitor_id not in gone)
    found = export_visitor(store.reader(), kept)
    assert found is not None
    assert len(found["quarantine"]) == int(also_quarantined)
    store.close()


def test_bytes_are_found_wherever_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "large"
    edge = 4 * 1024 * 1024
    for place in (0, edge - 3, edge, 2 * edge - 6):
        path.write_bytes(b"." * place + b"wanted" + b"." * (2 * edge - 6 - place))
        assert is_in_file(path, "wanted")
        assert not is_in_file(path, "wanted.!")
    assert not is_in_file(tmp_path / "nothing", "wanted")
    with pytest.raises(StoreError, match="cannot be searched"):
        is_in_file(tmp_path, "wanted")
