"""A move leaves every row as it was, takes along what is written meanwhile, and never writes to where it moves from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.settings import Settings
from app.store import Store, StoreError
from app.store.engines import dialect_of
from app.store.events import NewEvent, insert_events
from app.store.health import check_integrity
from app.store.moving.move import Round, move_database
from app.store.moving.writers import StillWrittenError
from app.store.schema.tables import KEYS, NUMBERS
from app.store.search import places_with
from app.values.database_address import Address, PostgresAddress
from app.values.item import Item
from tests.app.store.moving.sites import go_on
from tests.conftest import NOW
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


def content(address: Address) -> dict[str, Any]:
    """All rows of a database in the order of their keys, and the highest number that each table gave out, but for
    those whose numbers SQLite gives out anew when the newest row is gone.
    """
    with Store(address) as store:
        conn = store.reader()
        dialect = dialect_of(conn)
        found: dict[str, Any] = {}
        for table, key in KEYS.items():
            columns = ", ".join([*(key if key == ("rowid",) else ()), *dialect.columns(conn, table)])
            found[table] = list(dialect.rows(conn, f"SELECT {columns} FROM {table} ORDER BY {', '.join(key)}"))
            if key[0] in NUMBERS - {"rowid"}:
                found[f"last number of {table}"] = dialect.last_number(conn, table, key[0])
        return found


def move(source: Address, target: Address, **options: Any) -> Round:
    with closing(Store(source)) as store:
        return move_database(store, target, **options)


def test_a_move_copies_every_table_as_it_is_and_goes_on_with_its_numbers(source: Address, target: Address) -> None:
    before = content(source)
    done = move(source, target)
    assert content(target) == before == content(source)
    assert {table.table: table.rows for table in done.tables} == {table: len(before[table]) for table in KEYS}
    assert done.written == done.rows > 2_000
    with Store(target) as store, store.open_writer() as writer:
        assert check_integrity(store.reader()).startswith("60 items")
        assert len(places_with(store.reader(), "wedding")) == 12, "the index of words is filled"
        visitor = before["visitors"][0][1]
        event = NewEvent("after", visitor, "item-000", "click", NOW, "real")
        assert writer.run(lambda db: insert_events(db, [event])) == 1
        last = store.reader().execute("SELECT seq FROM events WHERE event_id = 'after'").fetchone()[0]
    assert last > before["last number of events"] > max(row[0] for row in before["events"])


@pytest.mark.sqlite_only("goes there and back")
def test_there_and_back_every_hash_and_every_row_is_the_same(source: Address, target: Address, tmp_path: Path) -> None:
    before = content(source)
    there = move(source, target)
    back = move(target, tmp_path / "back" / "events.db")
    assert [(table.table, table.rows, table.sha256) for table in back.tables] == [
        (table.table, table.rows, table.sha256) for table in there.tables
    ]
    assert len({table.sha256 for table in there.tables}) == len(KEYS), "every table has rows of its own"
    assert content(tmp_path / "back" / "events.db") == before


def test_what_is_written_changed_and_erased_meanwhile_comes_along(
    source: Address, target: Address, items: list[Item]
) -> None:
    """The site writes when the first round is done, and ends while the move waits for it."""
    waits = iter(range(2))
    with Store(source) as store, store.open_writer() as writer:

        def wait() -> None:
            if next(waits) == 0:
                writer.run(lambda db: go_on(db, items))
            else:
                writer.close()

        rounds: list[Round] = []
        last = move(source, target, wait=wait, on_round=rounds.append)
    assert [bool(done.still_written) for done in rounds] == [True, False]
    assert content(target) == content(source)
    written = {table.table: table.written for table in last.tables if table.written}
    assert written["events"] < 1_000 < sum(table.rows for table in last.tables), "only what was new"
    assert {"visitors", "items", "words", "hypotheses", "tombstones"} <= set(written)
    assert {"curations", "rules", "baselines"}.isdisjoint(written)


def test_a_site_that_does_not_end_leaves_an_unfinished_copy_that_a_later_call_finishes(
    source: Address, target: Address, items: list[Item]
) -> None:
    with Store(source) as store, store.open_writer() as writer:
        with pytest.raises(StillWrittenError, match=r"stop the site and the trainer, and run the same `flask"):
            move(source, target)
        writer.run(lambda db: go_on(db, items))
    with Store(target) as store, pytest.raises(StoreError, match=r"is not yet a whole copy of .*migrate-to"):
        store.reader()
    with pytest.raises(StoreError, match="is not yet a whole copy"):
        Store.create(target)  # as `flask init-db` does
    done = move(source, target)
    assert done.written < 1_000
    assert content(target) == content(source)


def test_no_event_that_was_acknowledged_while_it_moved_is_missing(source: Address, target: Address) -> None:
    acknowledged: list[str] = []
    stop, numbers = threading.Event(), count()
    with Store(source) as store, store.open_writer(group_commit_ms=0) as writer:
        visitor = store.reader().execute("SELECT min(visitor_id) FROM visitors").fetchone()[0]

        def click() -> None:
            while not stop.is_set():
                event_id = f"meanwhile-{next(numbers)}"
                event = NewEvent(event_id, visitor, "item-000", "click", NOW, "real")
                writer.run(lambda db, event=event: insert_events(db, [event]))  # type: ignore[misc]
                acknowledged.append(event_id)

        def wait() -> None:
            stop.set()
            clicking.join()
            writer.close()

        clicking = threading.Thread(target=click)
        clicking.start()
        try:
            rounds: list[Round] = []
            move(source, target, wait=wait, on_round=rounds.append)
        finally:
            stop.set()
            clicking.join()
    assert len(rounds) >= 2
    with Store(target) as store:
        query = "SELECT event_id FROM events WHERE event_id LIKE 'meanwhile-%'"
        assert {row[0] for row in store.reader().execute(query)} == set(acknowledged) != set()


def _never_written(source: Address, postgres: PostgresServer) -> Iterator[None]:
    if isinstance(source, PostgresAddress):
        postgres.run(f"ALTER DATABASE {urlsplit(source.url).path[1:]} SET default_transaction_read_only = on")
        yield
        return
    before = source.read_bytes()
    yield
    assert source.read_bytes() == before


def test_the_source_is_never_written_to(
    source: Address, target: Address, postgres: PostgresServer, settings: Settings
) -> None:
    """A file stays the same to the byte; a server refuses every write."""
    guard = _never_written(source, postgres)
    next(guard)
    move(source, target)
    assert next(guard, None) is None
    with Store(target) as store:
        assert store.initialised()


def test_a_move_says_how_far_it_is(source: Address, target: Address) -> None:
    shares: list[float] = []
    move(source, target, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
