"""What was acknowledged outlives SIGKILL of the server's processes under load, and what was sent again counts once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from app.store import Store, StoreError, Writer
from app.store.events import NewEvent, insert_events
from app.store.items import insert_items
from app.store.visitors import ensure_visitor
from app.values.database_address import PostgresAddress
from app.values.visitor import Visitor
from tests.app.store.writes import PATIENCE_S
from tests.conftest import make_items
from tests.postgres_server import PostgresServer, postgres_server

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

SENDERS = 4
_WRITER = """
SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'flywheel writes%' AND datname = current_database()
"""


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server whose processes the test kills."""
    with postgres_server() as server:
        yield server


class Senders:
    """Threads that each send events one by one, the same one again until it is acknowledged."""

    def __init__(self, writer: Writer) -> None:
        self.acknowledged: set[str] = set()
        self.sent_again = 0
        self._writer = writer
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._send, args=(name,)) for name in range(SENDERS)]

    def __enter__(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _send(self, name: int) -> None:
        number = 0
        while not self._stop.is_set():
            event = NewEvent(f"{name}-{number}", "visitor-1", "item-000", "click", 0.0, "real")
            try:
                self._writer.run(partial(insert_events, events=[event]))
            except StoreError:
                self.sent_again += 1
                continue
            with self._changed:
                self.acknowledged.add(event.event_id)
                self._changed.notify_all()
            number += 1

    def wait_for(self, more: int) -> None:
        """Until so many more are acknowledged."""
        with self._changed:
            wanted = len(self.acknowledged) + more
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= wanted, 3 * PATIENCE_S), "nothing goes on"


def _writers_process(url: str) -> int:
    """The server's process that serves the one connection that writes."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(url) as connection:
                row = connection.execute(_WRITER).fetchone()
                if row is not None:
                    return int(row[0])
        except psycopg.OperationalError:
            continue  # it recovers
    raise AssertionError("the writer did not come back")


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.alone])])
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(
    own_server: PostgresServer, tmp_path: Path, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    monkeypatch.setattr("app.store.writing.writer.MAX_RETRY_S", 0.1)
    url = own_server.new_database()
    with Store.create(PostgresAddress(url, tmp_path)) as store, store.open_writer(group_commit_ms=1) as writer:
        writer.run(lambda db: (insert_items(db, make_items(1)), ensure_visitor(db, visitor)))
        with Senders(writer) as senders:
            for number in range(kills):
                senders.wait_for(20)
                if number % 3 == 2:
                    own_server.stop()
                    own_server.start()
                else:
                    os.kill(_writers_process(url), signal.SIGKILL)
            senders.wait_for(20)
    with Store(PostgresAddress(url, tmp_path)) as store:
        stored = [row[0] for row in store.reader().execute("SELECT event_id FROM events")]
    assert senders.sent_again > 0
    assert senders.acknowledged <= set(stored)
    assert len(stored) == len(set(stored)) <= len(senders.acknowledged) + SENDERS
