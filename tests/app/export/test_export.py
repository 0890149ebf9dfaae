"""An export holds what the trainer reads, is written again only where rows changed, and forgets who was erased."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.catalog.attributes import item_attributes
from app.cli import elsewhere as commands
from app.export import ExportError, export_parquet
from app.export.exporting import LOCK, Exported
from app.export.manifest import MANIFEST
from app.export.parquet_tables import ROWS_AT_ONCE, TABLES
from app.files import open_lock
from app.models.config import learning_settings
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import last_seq
from app.store.interactions import interactions_since, placed_entries
from app.store.items import all_items
from app.store.measures.exclusions import NewExclusion, exclude, lift
from tests.app.learn.traffic import Traffic
from tests.app.site_by_hand import SHELF, open_site

pytest.importorskip("pyarrow", reason="an export is Parquet")

SPAN = 40


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    """Fifty visitors with two clicks each, and five who judge."""
    traffic = Traffic(writer, now)
    traffic.crowd("visitor", 50)
    traffic.crowd("judge", 5, holdout=True)
    return traffic


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export"


def export(settings: Settings, store: Store, folder: Path, **options: Any) -> Exported:
    return export_parquet(settings, store, folder, now=1.0, **{"span": SPAN} | options)


def read(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of all files of a table, in order of their names."""
    from pyarrow.parquet import ParquetFile

    return [row for path in sorted(folder.glob(f"{table}/*.parquet")) for row in ParquetFile(path).read().to_pylist()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.glob("*/*.parquet"))}


def expected(store: Store) -> list[tuple[Any, ...]]:
    conn = store.reader()
    placed = placed_entries(conn)
    return [(*row, placed.get(row.seq)) for row in interactions_since(conn)]


def ids(folder: Path) -> set[str]:
    return {row["visitor_id"] for table in ("interactions", "visitors") for row in read(folder, table)}


@pytest.mark.usefixtures("traffic")
def test_an_export_holds_the_rows_that_the_trainer_reads(settings: Settings, store: Store, folder: Path) -> None:
    shares: list[float] = []
    done = export(settings, store, folder, on_progress=shares.append)
    assert [tuple(row.values()) for row in read(folder, "interactions")] == expected(store)
    assert len(list(folder.glob("interactions/*"))) == 3
    items = all_items(store.reader())
    found = read(folder, "items")
    assert [row["item_id"] for row in found] == [item.item_id for item in items]
    assert {row["item_id"]: row["described"] for row in found} == item_attributes(items)
    assert [json.loads(row["attributes"]) for row in found] == [dict(item.attributes) for item in items]
    assert {row["visitor_id"] for row in read(folder, "visitors")} == {f"visitor-{n}" for n in range(50)} | {
        f"judge-{n}" for n in range(5)
    }
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["complete"]
    assert manifest["rows"] == {"interactions": 110, "items": 60, "visitors": 55}
    assert (manifest["interaction"], manifest["watermark"]) == (110, last_seq(store.reader()))
    assert manifest["settings"] == json.loads(json.dumps(learning_settings(settings)))
    assert done.rows_written == 110 + 60 + 55
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*")), "it names visitors"


def test_what_placed_an_entry_is_exported(folder: Path) -> None:
    by_model, explored = SHELF.items
    with open_site() as site:
        site.do("bob", (by_model, "like", False), (explored, "like", False), (by_model, "like", True))
        export(site.settings, site.store, folder)
        rows = expected(site.store)
        assert {row[-1] for row in rows} == {None, "als"}
        assert [tuple(row.values()) for row in read(folder, "interactions")] == rows


def test_a_second_call_writes_only_what_is_new(
    settings: Settings, store: Store, folder: Path, traffic: Traffic
) -> None:
    export(settings, store, folder)
    before = contents(folder)
    again = export(settings, store, folder)
    assert (again.written, again.removed, again.kept) == (0, 0, 5)
    assert contents(folder) == before
    traffic.act("visitor-1", 7)
    later = export(settings, store, folder, span=7)  # an export keeps to the span it began with
    assert (later.written, later.kept) == (1, 4)
    changed = {name for name, content in contents(folder).items() if content != before[name]}
    assert changed == {"interactions/part-000002.parquet"}
    assert [tuple(row.values()) for row in read(folder, "interactions")] == expected(store)


def test_who_was_erased_or_excluded_is_in_no_file_after_the_next_call(
    settings: Settings, store: Store, writer: Writer, folder: Path, traffic: Traffic
) -> None:
    export(settings, store, folder)
    before = contents(folder)
    traffic.erase(["visitor-0", "visitor-49"])  # of the first and of the last range of visitors
    done = export(settings, store, folder)
    assert not {"visitor-0", "visitor-49"} & ids(folder)
    assert done.manifest.erasure == 2
    assert contents(folder)["interactions/part-000001.parquet"] == before["interactions/part-000001.parquet"]
    [number] = writer.run(lambda db: exclude(db, [NewExclusion("visitor-3", "by hand", "a test", {})], "test", 0.0))
    done = export(settings, store, folder)
    assert "visitor-3" not in ids(folder)
    assert (done.manifest.excluded_visitors, done.manifest.excluded_rows, done.manifest.exclusion) == (1, 2, 1)
    assert done.written == 2  # the first range, and visitors
    writer.run(partial(lift, exclusion_id=number, reason="a mistake", by="test", at=1.0))
    export(settings, store, folder)
    assert "visitor-3" in ids(folder)
    traffic.erase([f"visitor-{n}" for n in range(50)])
    done = export(settings, store, folder)
    assert done.removed == 2
    assert [tuple(row.values()) for row in read(folder, "interactions")] == expected(store)
    assert ids(folder) == {f"judge-{n}" for n in range(5)}


@pytest.mark.usefixtures("traffic")
def test_a_call_that_is_cut_leaves_whole_files_and_the_next_goes_on(
    settings: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = folder.with_name("whole")
    export(settings, store, whole)

    class CutError(Exception):
        pass

    monkeypatch.setattr("app.export.parquet_tables.ROWS_AT_ONCE", 25)  # a part is two groups

    def cut(share: float) -> None:
        if len(list(folder.glob("interactions/*.parquet"))) == 1:
            raise CutError

    with pytest.raises(CutError):
        export(settings, store, folder, on_progress=cut)
    assert not json.loads((folder / MANIFEST).read_text())["complete"]
    assert [row["seq"] for row in read(folder, "interactions")] == list(range(1, SPAN + 1))
    for name in (".part-000001.parquet.abc.part", "part-000099.parquet"):  # what a kill -9 could leave
        (folder / "interactions" / name).write_bytes(b"half")
    monkeypatch.setattr("app.export.parquet_tables.ROWS_AT_ONCE", ROWS_AT_ONCE)
    done = export(settings, store, folder)
    assert done.kept == 1, "the part that was whole is not written again"
    for table in TABLES:
        assert read(folder, table) == read(whole, table)
    assert {path.name for path in folder.rglob("*")} == {path.name for path in whole.rglob("*")}


@pytest.mark.usefixtures("traffic")
def test_what_cannot_be_gone_on_with_is_refused_with_the_fix(
    settings: Settings, store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / "letters.txt").write_text("mine")
    with pytest.raises(ExportError, match=r"holds 'letters.txt', which is of no export; name a folder"):
        export(settings, store, folder)
    with pytest.raises(ExportError, match="is a file; name a folder"):
        export(settings, store, folder / "letters.txt")
    (folder / "letters.txt").unlink()
    (folder / "items").mkdir()
    (folder / "items" / "mine.parquet").write_text("mine")
    with pytest.raises(ExportError, match=r"holds 'items/mine.parquet', which is of no export; name a folder"):
        export(settings, store, folder)
    (folder / "items" / "mine.parquet").unlink()
    export(settings, store, folder)
    own = [folder / "items" / "mine.parquet", folder / ".download.part", folder / "visitors" / ".mine.part"]
    for path in own:
        path.write_text("mine")
    export(settings, store, folder)
    for path in own:
        assert path.read_text() == "mine"
        path.unlink()
    with pytest.raises(ExportError, match="the export of another site"):
        export(replace(settings, secret_key="another"), store, folder)
    descriptor = open_lock(folder / LOCK)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(ExportError, match="writes this export already"):
        export(settings, store, folder)
    os.close(descriptor)
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('"watermark": 110', '"watermark": 111'))
    with pytest.raises(ExportError, match=r"is damaged .*the sum that it states.*; remove"):
        export(settings, store, folder)
    (folder / MANIFEST).write_text(text.replace('"version": 1,', '"version": 9,', 1))
    with pytest.raises(ExportError, match="is of version 9, this code writes 1"):
        export(settings, store, folder)
    (folder / MANIFEST).write_text("{}")
    with pytest.raises(ExportError, match="is not of an export"):
        export(settings, store, folder)
    (folder / MANIFEST).write_text(text)
    (folder / "interactions/part-000000.parquet").write_bytes(b"another length")
    assert export(settings, store, folder).written == 1, "a file of another length is written again"
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(ExportError, match="needs pyarrow; run `pip install pyarrow`"):
        export(settings, store, folder)


@pytest.mark.usefixtures("traffic")
def test_a_folder_that_cannot_be_written_is_named(settings: Settings, store: Store, folder: Path) -> None:
    folder.mkdir()
    (folder / "interactions").write_text("in the way")
    with pytest.raises(ExportError, match=r"interactions cannot be written: .*make room or name another folder"):
        export(settings, store, folder)


@pytest.mark.usefixtures("traffic")
def test_the_command_says_what_it_did(settings: Settings, folder: Path) -> None:
    app = Flask("commands")
    app.config["SETTINGS"] = settings
    commands.register(app)
    runner = app.test_cli_runner()
    result = runner.invoke(args=["export-parquet", str(folder)])
    assert result.exit_code == 0, result.output
    assert "110 interactions up to event 110, 60 items and 55 visitors are in" in result.output
    assert "3 files written, 0 as they were" in result.output
    (folder / MANIFEST).write_text("{")
    result = runner.invoke(args=["export-parquet", str(folder)])
    assert result.exit_code == 1
    assert "cannot be read" in result.output
    assert "remove" in result.output
