"""What the writer promises: order, groups, isolation of neighbours, and nothing acknowledged that is not on disk."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.store import (
    Database,
    QueueFullError,
    Store,
    WriteFailedError,
    Writer,
    WriterClosedError,
    WriteTimeoutError,
)
from app.store.engines import Connection
from app.values.database_address import Address
from tests.app.store.writes import PATIENCE_S, erasure, one_group, orphan, outcome, written


def _insert_word(db: Database, word: str) -> None:
    db.execute("INSERT INTO words (word) VALUES (?)", (word,))


def test_a_result_that_was_handed_out_can_be_read_by_others(writer: Writer, store: Store) -> None:
    assert writer.run(erasure(7)) == 7
    assert written(store) == [7]


def test_tasks_that_wait_together_share_one_commit_in_their_order(writer: Writer, store: Store) -> None:
    with one_group(writer):
        before = writer.commits
        futures = [writer.submit(erasure(number)) for number in range(20)]
        assert writer.depth == 20
    assert [future.result(PATIENCE_S) for future in futures] == list(range(20))
    assert writer.commits == before + 2  # the task that held the others up, and the group
    assert written(store) == list(range(20))


def test_a_task_that_fails_does_not_undo_its_neighbours(writer: Writer, store: Store) -> None:
    def write_then_fail(db: Database) -> None:
        erasure(99)(db)
        raise LookupError("no such thing")

    with one_group(writer):
        futures: list[Future[Any]] = [
            writer.submit(erasure(1)),
            writer.submit(write_then_fail),
            writer.submit(erasure(2)),
        ]
    assert [outcome(future) for future in futures] == [1, LookupError, 2]
    assert written(store) == [1, 2]


def test_a_task_that_fails_alone_leaves_nothing_and_the_next_is_written(writer: Writer, store: Store) -> None:
    def write_then_fail(db: Database) -> None:
        erasure(99)(db)
        raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        writer.run(write_then_fail)
    assert writer.run(erasure(3)) == 3
    assert written(store) == [3]


def test_a_task_sees_what_its_neighbour_wrote_before_it(writer: Writer) -> None:
    with one_group(writer):
        writer.submit(erasure(1))
        count = writer.submit(lambda db: db.execute("SELECT count(*) FROM erasures").fetchone()[0])
    assert count.result(PATIENCE_S) == 1


def test_when_the_commit_fails_nobody_in_the_group_is_acknowledged(writer: Writer, store: Store) -> None:
    with one_group(writer):
        futures: list[Future[object]] = [
            writer.submit(erasure(1)),
            writer.submit(orphan),
            writer.submit(erasure(2)),
        ]
    assert [outcome(future) for future in futures] == [WriteFailedError] * 3
    assert written(store) == []
    assert writer.run(erasure(3)) == 3, "the writer goes on"
    assert written(store) == [3]


def test_a_task_that_ends_the_transaction_takes_its_group_with_it(writer: Writer, store: Store) -> None:
    with one_group(writer):
        futures: list[Future[object]] = [
            writer.submit(erasure(1)),
            writer.submit(lambda db: db.rollback()),
            writer.submit(erasure(2)),
        ]
    assert [outcome(future) for future in futures] == [WriteFailedError] * 3
    assert written(store) == []


def test_a_full_queue_refuses_at_once_and_keeps_what_it_has(store: Store) -> None:
    with store.open_writer(queue_size=2, group_commit_ms=0) as writer:
        with one_group(writer):
            taken = [writer.submit(erasure(1)), writer.submit(erasure(2))]
            with pytest.raises(QueueFullError, match="2 writes wait already"):
                writer.submit(erasure(3))
        assert [future.result(PATIENCE_S) for future in taken] == [1, 2]
    assert written(store) == [1, 2]


def test_close_commits_what_waits_and_takes_nothing_more(store: Store, database: Address) -> None:
    writer = store.open_writer(group_commit_ms=0)
    with one_group(writer):
        futures = [writer.submit(erasure(number)) for number in range(5)]
    writer.close()
    writer.close()
    assert [future.result(0) for future in futures] == list(range(5))
    assert not writer.alive
    with pytest.raises(WriterClosedError):
        writer.submit(erasure(9))
    assert written(store) == list(range(5))
    store.close()
    if isinstance(database, Path):
        wal = database.with_name(database.name + "-wal")
        assert not wal.exists() or wal.stat().st_size == 0


def test_the_callback_runs_after_the_commit_and_before_the_answer(writer: Writer, database: Address) -> None:
    seen: list[tuple[int, list[int]]] = []

    def tell(number: int) -> None:
        with Store(database) as another:
            seen.append((number, written(another)))

    assert writer.run(erasure(4), after_commit=tell) == 4
    assert seen == [(4, [4])]


def test_a_callback_that_fails_does_not_turn_a_stored_write_into_a_failure(writer: Writer, store: Store) -> None:
    def fail(number: int) -> None:
        raise RuntimeError("a cache that broke")

    assert writer.run(erasure(4), after_commit=fail) == 4
    assert writer.run(erasure(5)) == 5


def test_the_callback_of_a_failed_write_is_not_called(writer: Writer) -> None:
    called: list[object] = []
    with pytest.raises(WriteFailedError):
        writer.run(orphan, after_commit=called.append)
    assert called == []


def test_a_write_that_waited_too_long_is_taken_back_and_says_so(writer: Writer, store: Store) -> None:
    with one_group(writer), pytest.raises(WriteTimeoutError, match="was not written"):
        writer.run(erasure(1), timeout_s=0)
    assert writer.run(erasure(2)) == 2
    assert written(store) == [2]


@pytest.mark.sqlite_only("a server tidies its log up by itself")
def test_a_checkpoint_empties_the_log(writer: Writer, database: Path) -> None:
    writer.run(erasure(1))
    wal = database.with_name(database.name + "-wal")
    assert wal.stat().st_size > 0
    assert writer.checkpoint()
    assert wal.stat().st_size == 0


@pytest.mark.sqlite_only("a server tidies its log up by itself")
def test_the_log_stays_small_while_readers_come_and_go(store: Store, database: Path) -> None:
    wal = database.with_name(database.name + "-wal")
    largest = 0
    with store.open_writer(group_commit_ms=0) as writer:
        for round_number in range(30):
            word = f"{round_number}" + "x" * 400_000
            writer.run(partial(_insert_word, word=word))
            store.reader().execute("SELECT count(*) FROM words").fetchone()
            largest = max(largest, wal.stat().st_size)
    assert largest < 8 * 1024 * 1024


@pytest.mark.sqlite_only("a server tidies its log up by itself")
def test_a_long_read_lets_writes_go_on_and_the_log_is_emptied_after_it(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writing.wal.WAL_LIMIT_BYTES", 200_000)
    wal = database.with_name(database.name + "-wal")
    with store.open_writer(group_commit_ms=0) as writer:

        def grow(number: int) -> None:
            writer.run(
                lambda db: db.execute("INSERT INTO words (word) VALUES (?)", (f"{number}" + "x" * 100_000,)).rowcount
            )

        reader = store.reader()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM words").fetchone()
        for number in range(6):
            grow(number)
        assert wal.stat().st_size > 600_000, "what a reader may still need is kept"
        reader.execute("COMMIT")
        for number in range(10, 20):
            grow(number)
        writer.run(lambda db: None)
        assert wal.stat().st_size < 600_000


@pytest.mark.sqlite_only("a server tidies its log up by itself")
def test_the_log_is_emptied_when_nobody_writes(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.writing.writer.IDLE_CHECKPOINT_S", 0.001)
    wal = database.with_name(database.name + "-wal")
    with store.open_writer(group_commit_ms=0) as writer:
        writer.run(erasure(1))
        deadline = time.monotonic() + PATIENCE_S
        while wal.stat().st_size > 0:
            assert time.monotonic() < deadline
        assert writer.run(erasure(2)) == 2


@pytest.mark.sqlite_only("readers of a server share a pool")
def test_a_connection_of_a_thread_that_ended_is_closed(database: Path) -> None:
    with Store(database) as store:
        left: list[Connection] = []
        for _ in range(3):
            thread = threading.Thread(target=lambda: left.append(store.reader()))
            thread.start()
            thread.join()
        for connection in left[:-1]:
            with pytest.raises(sqlite3.ProgrammingError):
                connection.execute("SELECT 1")


def test_many_threads_write_at_once_and_all_of_it_is_there(store: Store) -> None:
    with store.open_writer(group_commit_ms=1) as writer:

        def work(offset: int) -> None:
            for number in range(offset, offset + 25):
                writer.run(erasure(number))

        threads = [threading.Thread(target=work, args=(offset,)) for offset in range(0, 200, 25)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert writer.commits < 200, "writes of several threads share commits"
    assert sorted(written(store)) == list(range(200))
