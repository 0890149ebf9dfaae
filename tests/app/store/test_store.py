"""Opening the event database: who may read, who may write, and what is said when it cannot be."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlite_utils

import app.store
from app.store import Database, NotInitialisedError, Store, StoreError, Writer, WriterBusyError
from app.store.engines import DATABASE_ERRORS, Connection, dialect_of
from app.store.events import last_seq
from app.store.items import all_items
from app.store.measures.baselines import latest_baselines
from app.store.schema import migrations, schema_changes
from app.store.search import places_with
from app.values.database_address import Address, PostgresAddress
from tests.conftest import make_items

ROOT = Path(app.store.__file__).parents[2]

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from app.store import Store
from app.values.database_address import PostgresAddress
address = PostgresAddress(sys.argv[1], Path(sys.argv[2])) if len(sys.argv) > 2 else Path(sys.argv[1])
writer = Store(address).open_writer()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.sqlite_only("looks at the bytes of the file")
def test_creating_twice_changes_nothing(database: Path) -> None:
    before = database.read_bytes()
    Store.create(database).close()
    assert database.read_bytes() == before


def test_every_schema_change_is_recorded_in_order(store: Store) -> None:
    table = "_sqlite_migrations" if store.engine.file else "schema_changes"
    rows = store.reader().execute(f"SELECT name FROM {table} ORDER BY id")
    assert [row[0] for row in rows] == schema_changes()
    assert schema_changes()[0].startswith("m001")


@pytest.mark.sqlite_only("is about a folder without a file")
def test_a_database_that_is_not_there_names_the_command_that_makes_it(var: Path) -> None:
    store = Store(var / "events.db")
    with pytest.raises(NotInitialisedError, match="flask init-db"):
        store.reader()
    with pytest.raises(NotInitialisedError, match="flask init-db"):
        store.open_writer()
    assert list(var.iterdir()) == [], "asking must not make an empty file"


@pytest.mark.sqlite_only("is about a file")
def test_a_file_that_is_no_database_is_refused(var: Path) -> None:
    path = var / "events.db"
    path.write_bytes(b"these are not the rows you are looking for" * 100)
    with pytest.raises(NotInitialisedError, match="cannot be read"):
        Store(path).reader()


def test_a_database_of_newer_code_is_refused(database: Address, writer: Writer) -> None:
    def add(db: Database) -> None:
        if isinstance(database, Path):
            later = "_sqlite_migrations (migration_set, name, applied_at) VALUES ('events', 'm999_later', '')"
        else:
            later = "schema_changes (name) VALUES ('m999_later')"
        db.execute(f"INSERT INTO {later}")

    writer.run(add)
    with pytest.raises(NotInitialisedError, match="m999_later"):
        Store(database).reader()


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DATABASE_ERRORS, match=r"read-?only"):
        store.reader().execute("DELETE FROM items")


def test_readers_work_without_a_writer(store: Store) -> None:
    assert store.reader().execute("SELECT count(*) FROM items").fetchone()[0] == 60


def test_each_thread_has_its_own_reader_and_keeps_it(store: Store) -> None:
    mine = store.reader()
    others: list[Connection] = []
    thread = threading.Thread(target=lambda: others.extend([store.reader(), store.reader()]))
    thread.start()
    thread.join()
    assert store.reader() is mine
    assert others[0] is others[1] is not mine


def test_closing_the_store_closes_the_readers_of_all_threads(database: Address) -> None:
    store = Store(database)
    connections = [store.reader()]
    thread = threading.Thread(target=lambda: connections.append(store.reader()))
    thread.start()
    thread.join()
    store.close()
    for connection in connections:
        with pytest.raises(DATABASE_ERRORS, match="closed"):
            connection.execute("SELECT 1")
    with pytest.raises(StoreError, match="closed"):
        store.reader()


@pytest.mark.sqlite_only("what PostgreSQL is at work on goes on to its end")
def test_closing_the_store_ends_a_thread_that_reads_with_an_error(database: Address) -> None:
    store, reading, said = Store(database), threading.Event(), list[str]()

    def read() -> None:
        connection = store.reader()
        assert isinstance(connection, sqlite3.Connection)
        connection.create_function("begun", 0, lambda: reading.set())
        try:
            endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            connection.execute(f"{endless} SELECT count(begun()) FROM n").fetchone()
        except DATABASE_ERRORS as error:
            said.append(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(30)
    store.close()
    thread.join(30)
    assert said == ["interrupted"]
    with pytest.raises(StoreError, match="closed"):
        store.reader()


def test_a_reader_sees_one_state_while_the_writer_goes_on(store: Store, writer: Writer) -> None:
    reader = store.reader()
    with dialect_of(reader).snapshot(reader):
        assert last_seq(reader) == 0
        writer.run(lambda db: db.execute("INSERT INTO erasures (erased_at, rows) VALUES (0, 1)"))
        assert reader.execute("SELECT count(*) FROM erasures").fetchone()[0] == 0
    assert reader.execute("SELECT count(*) FROM erasures").fetchone()[0] == 1


@pytest.mark.sqlite_only("reads pragmas")
def test_the_writer_commits_durably_and_checks_references(writer: Writer) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    values = writer.run(lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas])
    assert values == ["wal", 2, 1, 1]


def test_a_second_writer_in_the_same_process_is_refused(store: Store, writer: Writer) -> None:
    with pytest.raises(WriterBusyError, match=f"process {os.getpid()}"):
        store.open_writer()


def test_the_right_to_write_is_free_again_after_close(store: Store) -> None:
    store.open_writer().close()
    store.open_writer().close()


def test_a_writer_in_another_process_is_named_and_its_death_frees_the_right(store: Store, database: Address) -> None:
    place = [database.url, str(database.folder)] if isinstance(database, PostgresAddress) else [str(database)]
    command = [sys.executable, "-c", HOLD_THE_LOCK, *place]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == b"ready\n"
        with pytest.raises(WriterBusyError, match=rf"process {holder.pid}\).*stop it or use") as refusal:
            store.open_writer()
        assert refusal.value.pid == holder.pid
        Store.create(database).close()  # nothing to change, so the lock is not asked for
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    store.open_writer().close()


def test_baselines_of_an_older_schema_are_kept(tmp_path: Path) -> None:
    with sqlite_utils.Database(tmp_path / "old.db") as db:
        migrations.apply(db, stop_before=next(name for name in schema_changes() if name.endswith("_site_baseline")))
        db.execute(
            "INSERT INTO baselines (measured_at, usecase_hash, metric, model, value, cases, visitors, watermark, rows,"
            " origin) VALUES (1, 'h', 'NDCG@10', 'popularity', 0.5, 1, 1, 1, 1, 'seed')"
        )
        db.conn.commit()
    with Store.create(tmp_path / "old.db") as store:
        (row,) = latest_baselines(store.reader())
    assert (row.model, row.value, row.detail) == ("popularity", 0.5, "")


def test_items_of_an_older_schema_are_kept_and_have_no_picture(tmp_path: Path) -> None:
    (item,) = make_items(1)
    with sqlite_utils.Database(tmp_path / "old.db") as db:
        migrations.apply(db, stop_before=next(name for name in schema_changes() if name.endswith("_images")))
        db.execute(
            "INSERT INTO items (item_id, position, title, type, style, palette, layout, tags, added_at, seed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [item.item_id, 0, item.title, item.type, item.style, item.palette, item.layout, json.dumps(item.tags),
             item.added_at, item.seed],
        )  # fmt: skip
        db.conn.commit()
    with Store.create(tmp_path / "old.db") as store:
        assert all_items(store.reader()) == [item]
        assert places_with(store.reader(), "wedding").tolist() == [item.position]
    assert item.image is None
