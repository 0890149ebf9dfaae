"""What is exported and imported is the same again, and a file that is not whole leaves nothing behind."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.record.filling import store_events
from app.store import Store, StoreError
from app.store.archives.archive import TABLES, export_events, import_events
from app.store.events import NewEvent, QuarantineRow, quarantine
from app.store.items import insert_items
from app.store.measures.curation import count_duplicates
from app.store.measures.exclusions import NewExclusion, exclude
from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import ensure_visitor, erase_visitor
from app.values.visitor import Visitor
from tests.conftest import NOW, NewAddress, make_items

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_TIMES = st.floats(0, 4e9)
_EVENTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 5),
        st.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
        _TIMES,
        st.none() | _TIMES,
        st.none() | st.floats(0, 10),
        st.booleans(),
    ),
    max_size=30,
)


def fill(store: Store, events: list[tuple[int, int, str, float, float | None, float | None, bool]], text: str) -> None:
    """Some of everything; one visitor is erased, so that numbers have gaps."""
    slate = LoggedSlate(
        slate_id="slate",
        page_id="page",
        visitor_id="v0",
        shelf="for-you",
        policy=text,
        arm="treatment",
        model_version=3,
        served_at=NOW,
        origin="real",
        items=("item-000",),
        sources=("als",),
        propensities=(0.1 + 0.2,),
        scores=(None,),
    )
    with store.open_writer(group_commit_ms=0) as writer:
        writer.run(lambda db: insert_items(db, make_items(6)))
        for number in range(6):
            person = Visitor(f"v{number}", NOW + number / 3, "treatment", "assigned", "real", number == 1)
            writer.run(partial(ensure_visitor, visitor=person))
        writer.run(lambda db: log_slates(db, [slate]))
        rows = [
            NewEvent(f"e{n}", f"v{who}", f"item-00{item}", kind, at, "real", undo, None, None, client, weight=weight)
            for n, (who, item, kind, at, client, weight, undo) in enumerate(events)
        ]
        writer.run(lambda db: store_events(db, rows, NOW))
        writer.run(lambda db: store_events(db, [NewEvent("gone", "v5", "item-000", "click", NOW, "real")], NOW))
        writer.run(lambda db: erase_visitor(db, "v5", NOW))
        writer.run(lambda db: quarantine(db, [QuarantineRow(NOW, text, "item_id", '{"a": 1}', "v0", "q")]))
        writer.run(lambda db: exclude(db, [NewExclusion("v1", "by hand", text, {"n": 0.1})], "test", NOW))
        writer.run(lambda db: count_duplicates(db, "real", 3, NOW))


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    conn = store.reader()
    return {table: [tuple(row) for row in conn.execute(f"SELECT * FROM {table} ORDER BY 1")] for table in TABLES}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(events=_EVENTS, text=_TEXT)
def test_a_round_trip_gives_the_same_rows_and_the_same_bytes(
    new_address: NewAddress,
    engine: str,
    events: list[tuple[int, int, str, float, float | None, float | None, bool]],
    text: str,
) -> None:
    if engine == "postgres":
        text = text.replace("\0", "")  # the one character that it has no place for
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Store.create(new_address(f"one-{name[-8:]}")) as one, Store.create(new_address(f"two-{name[-8:]}")) as two:
            fill(one, events, text)
            counts = export_events(one, folder / "one.gz")
            assert counts["events"] == len(events)
            assert import_events(two, folder / "one.gz") == counts
            assert content(one) == content(two)
            export_events(two, folder / "two.gz")
            assert (folder / "one.gz").read_bytes() == (folder / "two.gz").read_bytes()


@pytest.fixture
def archive(tmp_path: Path, new_address: NewAddress) -> Path:
    with Store.create(new_address("source")) as store:
        fill(store, [(0, 0, "view", NOW, None, None, False), (0, 0, "click", NOW + 1, None, None, False)], "text")
        export_events(store, tmp_path / "events.gz")
    return tmp_path / "events.gz"


def rewritten(archive: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = change(gzip.decompress(archive.read_bytes()).splitlines(keepends=True))
    archive.write_bytes(gzip.compress(b"".join(lines)))


def resealed(lines: list[bytes]) -> list[bytes]:
    digest = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    return [*lines[:-1], json.dumps({"sha256": digest}).encode()]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda lines: lines[:-1], "cut short"),
        (lambda lines: [*lines[:-2], lines[-1]], "checksum does not fit"),
        (lambda lines: [line.replace(b'"click"', b'"save"') for line in lines], "checksum does not fit"),
        (lambda lines: [*lines, b"[1]\n"], "checksum does not fit"),
        (lambda lines: resealed([*lines[:-2], lines[-1]]), "promises"),
        (lambda lines: resealed([line.replace(b'"click"', b'""') for line in lines]), "cannot be stored"),
        (
            lambda lines: resealed([lines[0].replace(b"m0", b"m99"), *lines[1:]]),
            "of schema m99.*`flask init-db` and export it again",
        ),
        (lambda lines: [b"[]\n", *lines[1:]], "is not an export of events"),
    ],
)
def test_a_file_that_is_wrong_is_named_and_nothing_of_it_is_kept(
    archive: Path, new_address: NewAddress, change: Callable[[list[bytes]], list[bytes]], complaint: str
) -> None:
    rewritten(archive, change)
    with Store.create(new_address("target")) as store:
        with pytest.raises(StoreError, match=complaint):
            import_events(store, archive)
        assert not any(content(store).values())


def test_a_file_that_lacks_its_end_or_is_no_gzip_is_refused(archive: Path, new_address: NewAddress) -> None:
    with Store.create(new_address("target")) as store:
        whole = archive.read_bytes()
        for part in (whole[:-30], b"hello", whole[:200] + b"\x00" * 50 + whole[250:]):
            archive.write_bytes(part)
            with pytest.raises(StoreError):
                import_events(store, archive)
        assert not any(content(store).values())


def test_a_database_that_has_something_is_left_alone(archive: Path, store: Store) -> None:
    with pytest.raises(StoreError, match="has items already"):
        import_events(store, archive)


@pytest.mark.sqlite_only("damages the file")
def test_an_export_that_fails_keeps_the_older_file(archive: Path, tmp_path: Path) -> None:
    older = archive.read_bytes()
    broken = tmp_path / "broken.db"
    with Store.create(broken) as store:
        fill(store, [(0, 0, "click", NOW, None, None, False)], "text")
        store.reader().execute("SELECT count(*) FROM events").fetchone()
        store.close()
    damaged = bytearray(broken.read_bytes())
    for page in range(4, len(damaged) // 4096):
        damaged[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    broken.write_bytes(damaged)
    with Store(broken) as store, pytest.raises(StoreError, match="cannot be read"):
        export_events(store, archive)
    assert archive.read_bytes() == older
    assert not list(tmp_path.glob(".*"))


def test_an_export_into_a_place_that_cannot_be_written_says_so(archive: Path, store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        export_events(store, tmp_path / "no such folder" / "events.gz")


def test_who_was_erased_since_the_export_stays_out(archive: Path, new_address: NewAddress) -> None:
    with Store.create(new_address("target")) as store:
        with store.open_writer() as writer:
            writer.run(lambda db: erase_visitor(db, "v0", NOW))
        counts = import_events(store, archive)
        held = content(store)
        assert "v0" not in {row[0] for row in held["visitors"]}
        assert held["slates"] == held["events"] == held["quarantine"] == []
        assert counts["events"] == 0
        assert counts["visitors"] == len(held["visitors"]) == 4


def test_an_endless_line_is_refused_before_it_fills_the_memory(archive: Path, new_address: NewAddress) -> None:
    lines = gzip.decompress(archive.read_bytes()).splitlines(keepends=True)
    archive.write_bytes(gzip.compress(lines[0] + b'["items","' + b"x" * 5_000_000 + b'"]\n'))
    with Store.create(new_address("target")) as store, pytest.raises(StoreError, match="has a line of more than"):
        import_events(store, archive)
