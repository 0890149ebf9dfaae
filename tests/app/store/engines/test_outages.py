"""A server that ends, refuses or is full: the same errors as of a file, and everything goes on once it can."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import app
from app import create_app
from app.settings import load_settings
from app.store import Database, DiskFullError, Store, StoreError, WriteFailedError, Writer
from app.store.engines import DATABASE_ERRORS
from app.store.engines.postgres.dialect import POSTGRES
from app.store.events import events_since
from app.store.items import insert_items
from app.values.database_address import PostgresAddress
from tests.app.store.writes import PATIENCE_S, erasure, write_when_possible, written
from tests.conftest import make_items
from tests.postgres_server import PostgresServer, postgres_server

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

_END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = {}"


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that tests of this file may end and start again."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def own_store(own_server: PostgresServer, tmp_path: Path) -> Iterator[Store]:
    with Store.create(PostgresAddress(own_server.new_database(), tmp_path)) as store:
        yield store


def _read_when_possible(store: Store) -> list[int]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return written(store)
        except DATABASE_ERRORS:
            assert time.monotonic() < deadline


def _refusals(writer: Writer) -> Iterator[str]:
    """What is said to those who go on trying."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            writer.run(erasure(2))
        except StoreError as error:
            yield str(error)


def test_while_the_server_is_gone_nothing_is_acknowledged_and_afterwards_all_goes_on(
    own_server: PostgresServer, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writing.writer.MAX_RETRY_S", 0.1)
    monkeypatch.setattr("app.store.engines.postgres.engine.POOL_S", 0.2)
    with own_store.open_writer(group_commit_ms=0) as writer:
        writer.run(erasure(1))
        assert written(own_store) == [1]
        own_server.stop()
        with pytest.raises(StoreError, match=r"nothing was stored|cannot be written at the moment"):
            writer.run(erasure(2))
        assert writer.problem is not None
        with pytest.raises(DATABASE_ERRORS):
            written(own_store)
        own_server.start()
        assert write_when_possible(writer, 3) == 3
        assert writer.problem is None
        assert _read_when_possible(own_store) == [1, 3]


def test_a_site_answers_503_while_its_server_is_gone_and_goes_on_by_itself(
    own_server: PostgresServer, own_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writing.writer.MAX_RETRY_S", 0.1)
    monkeypatch.setattr("app.store.engines.postgres.engine.POOL_S", 0.2)
    with own_store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, make_items(12)))
    url = own_server.url(own_store.name.rpartition("/")[2])
    own = {"var": tmp_path, "secret_key": "test", "api_key": "k" * 24, "database_url": url, "board_interval_s": 0}
    site = create_app(load_settings(environment={}, overrides=own))
    client, key = site.test_client(), {"Authorization": f"Bearer {'k' * 24}"}

    def send(event_id: str) -> int:
        events = [{"event_id": event_id, "kind": "click", "item_id": "item-001"}]
        answer = client.post("/api/v1/events?visitor_id=ann", json={"events": events}, headers=key)
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] == "1"
        return answer.status_code

    assert (send("before"), client.get("/item/item-001").status_code) == (202, 200)
    own_server.stop()
    assert send("meanwhile") == 503
    refused = client.get("/api/v1/recommendations?visitor_id=bob", headers=key)
    assert refused.status_code == 503
    assert refused.get_json()["detail"] == "the database server cannot be reached; try again later"
    assert str(own_server.folder) not in client.get("/readyz").get_data(as_text=True), "a stranger reads this"
    assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (503, 200)
    own_server.start()
    deadline = time.monotonic() + PATIENCE_S
    while send("meanwhile") != 202:
        assert time.monotonic() < deadline
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
    ids = [row.event_id for row in events_since(own_store.reader(), 0, 10) if row.visitor_id == "ann"]
    site.extensions["flywheel"].close()
    assert ids == ["before", "meanwhile"]


def test_a_reader_whose_connections_were_ended_asks_again_by_itself(
    own_server: PostgresServer, own_store: Store
) -> None:
    reader = own_store.reader()
    for _ in range(10):  # a server ends its connections one after the other, while others are asked
        with ExitStack() as at_once:
            for _ in range(4):
                at_once.enter_context(POSTGRES.snapshot(own_store.engine.open_reader()))
        own_server.run(_END_OTHERS.format("'" + own_store.name.rpartition("/")[2] + "'"))
        assert written(own_store) == []
        own_server.run(_END_OTHERS.format("'" + own_store.name.rpartition("/")[2] + "'"))
        with POSTGRES.snapshot(reader):
            assert written(own_store) == []


def test_a_server_that_takes_no_writes_refuses_them_until_it_does(
    own_server: PostgresServer, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writing.writer.MAX_RETRY_S", 0.1)
    name = own_store.name.rpartition("/")[2]
    with own_store.open_writer(group_commit_ms=0) as writer:
        own_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        own_server.run(_END_OTHERS.format(f"'{name}'"))
        with pytest.raises(WriteFailedError):
            writer.run(erasure(1))  # through the connection that was ended
        assert any("read-only" in refusal or "set to be read" in refusal for refusal in _refusals(writer))
        own_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = off")
        own_server.run(_END_OTHERS.format(f"'{name}'"))
        assert write_when_possible(writer, 3) == 3
    assert written(own_store) == [3]


_FULL = """
CREATE FUNCTION full_disk() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""


def test_a_full_disk_is_told_apart(store: Store, writer: Writer) -> None:
    def fill(db: Database) -> None:
        db.execute(_FULL)
        db.execute("CREATE TRIGGER full_disk BEFORE INSERT ON words FOR EACH ROW EXECUTE FUNCTION full_disk()")

    writer.run(fill)
    with pytest.raises(DiskFullError, match="No space left on device; send it again"):
        writer.run(lambda db: db.execute("INSERT INTO words (word) VALUES ('x')"))
    assert writer.run(erasure(1)) == 1


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    store = Store(PostgresAddress(f"postgresql://me:hunter2@/nowhere?host={tmp_path}", tmp_path))
    with pytest.raises(StoreError, match=r"postgresql://me@/nowhere cannot be reached") as refused:
        store.reader()
    assert "hunter2" not in str(refused.value)


def test_without_its_driver_the_fix_is_named() -> None:
    program = """
import sys
from pathlib import Path
sys.modules["psycopg"] = None
from app.store import Store
from app.store.events import events_since
from app.store.items import insert_items
from app.values.database_address import PostgresAddress
Store(PostgresAddress("postgresql://x/y", Path(".")))
"""
    command, root = [sys.executable, "-c", program], Path(app.__file__).parents[1]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=root)
    assert "pip install -r requirements/postgres.txt" in done.stderr.splitlines()[-1]
