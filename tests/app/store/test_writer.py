"""What the writer promises: order, groups, isolation of neighbours, and nothing acknowledged that is not on disk."""

from __future__ import annotations

import errno
import io
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.store import (
    Database,
    DiskFullError,
    NotWritableError,
    QueueFullError,
    Store,
    Task,
    WriteFailedError,
    Writer,
    WriterClosedError,
    WriteTimeoutError,
)

PATIENCE_S = 10


def erasure(number: int) -> Callable[[Database], int]:
    """A small write that can be told apart: a row of `erasures` with `number` rows; its result is the number."""

    def write(db: Database) -> int:
        db.execute("INSERT INTO erasures (erased_at, rows) VALUES (0, ?)", (number,))
        return number

    return write


def orphan(db: Database) -> None:
    """A write whose fault shows at COMMIT only: an event of a visitor who does not exist, checked at the end."""
    db.execute("PRAGMA defer_foreign_keys = ON")
    db.execute(
        "INSERT INTO events (event_id, visitor_id, item_id, kind, received_at, origin) "
        "VALUES ('e', 'nobody', 'item-000', 'click', 0, 'real')"
    )


def written(store: Store) -> list[int]:
    return [row[0] for row in store.reader().execute("SELECT rows FROM erasures ORDER BY id")]


@contextmanager
def one_group(writer: Writer) -> Iterator[None]:
    """Whatever is submitted inside waits behind one task, so that it is committed together afterwards."""
    started, release = threading.Event(), threading.Event()

    def hold(db: Database) -> None:
        started.set()
        assert release.wait(PATIENCE_S)

    holding = writer.submit(hold)
    assert started.wait(PATIENCE_S)
    try:
        yield
    finally:
        release.set()
        holding.result(PATIENCE_S)


def _insert_word(db: Database, word: str) -> None:
    db.execute("INSERT INTO words VALUES (?)", (word,))


def outcome(future: Future[Any]) -> object:
    error = future.exception(PATIENCE_S)
    return future.result() if error is None else type(error)


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


def test_a_full_disk_fails_the_group_and_the_writer_goes_on(writer: Writer, store: Store) -> None:
    def fill(db: Database) -> None:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        db.execute("INSERT INTO words VALUES (?)", ("x" * 1_000_000,))

    future = writer.submit(fill)
    assert isinstance(future.exception(PATIENCE_S), sqlite3.OperationalError | WriteFailedError)
    writer.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone()[0])
    assert writer.run(erasure(1)) == 1
    assert written(store) == [1]


def test_a_full_queue_refuses_at_once_and_keeps_what_it_has(store: Store) -> None:
    with store.open_writer(queue_size=2, group_commit_ms=0) as writer:
        with one_group(writer):
            taken = [writer.submit(erasure(1)), writer.submit(erasure(2))]
            with pytest.raises(QueueFullError, match="2 writes wait already"):
                writer.submit(erasure(3))
        assert [future.result(PATIENCE_S) for future in taken] == [1, 2]
    assert written(store) == [1, 2]


def test_close_commits_what_waits_and_takes_nothing_more(store: Store, database: Path) -> None:
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
    wal = database.with_name(database.name + "-wal")
    assert not wal.exists() or wal.stat().st_size == 0


def test_the_callback_runs_after_the_commit_and_before_the_answer(writer: Writer, database: Path) -> None:
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


def test_a_checkpoint_empties_the_log(writer: Writer, database: Path) -> None:
    writer.run(erasure(1))
    wal = database.with_name(database.name + "-wal")
    assert wal.stat().st_size > 0
    assert writer.checkpoint()
    assert wal.stat().st_size == 0


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


def test_a_long_read_lets_writes_go_on_and_the_log_is_emptied_after_it(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writing.wal.WAL_LIMIT_BYTES", 200_000)
    wal = database.with_name(database.name + "-wal")
    with store.open_writer(group_commit_ms=0) as writer:

        def grow(number: int) -> None:
            writer.run(lambda db: db.execute("INSERT INTO words VALUES (?)", (f"{number}" + "x" * 100_000,)).rowcount)

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


def test_the_log_is_emptied_when_nobody_writes(store: Store, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.writing.writer.IDLE_CHECKPOINT_S", 0.001)
    wal = database.with_name(database.name + "-wal")
    with store.open_writer(group_commit_ms=0) as writer:
        writer.run(erasure(1))
        deadline = time.monotonic() + PATIENCE_S
        while wal.stat().st_size > 0:
            assert time.monotonic() < deadline
        assert writer.run(erasure(2)) == 2


def test_a_connection_of_a_thread_that_ended_is_closed(database: Path) -> None:
    with Store(database) as store:
        left: list[sqlite3.Connection] = []
        for _ in range(3):
            thread = threading.Thread(target=lambda: left.append(store.reader()))
            thread.start()
            thread.join()
        for connection in left[:-1]:
            with pytest.raises(sqlite3.ProgrammingError):
                connection.execute("SELECT 1")


def test_when_the_writers_connection_breaks_nobody_waits_and_the_writer_opens_another(store: Store) -> None:
    with store.open_writer(group_commit_ms=0) as writer:
        with one_group(writer):
            broken = writer.submit(lambda db: db.close())
            waiting = writer.submit(erasure(1))
        assert [outcome(future) for future in (broken, waiting)] == [WriteFailedError] * 2
        assert _write_when_possible(writer, 2) == 2
        assert writer.problem is None
    assert written(store) == [2]


def _write_when_possible(writer: Writer, number: int) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return writer.run(erasure(number))
        except (NotWritableError, WriteFailedError):
            assert time.monotonic() < deadline


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), SystemExit(1)])
def test_an_error_that_is_nobodys_leaves_the_writer_at_work(writer: Writer, store: Store, error: BaseException) -> None:
    def fail(db: Database) -> None:
        raise error

    with pytest.raises((WriteFailedError, type(error))):
        writer.run(fail)
    assert _write_when_possible(writer, 1) == 1
    assert writer.alive
    assert written(store) == [1]


def _break(number: int) -> None:
    raise RuntimeError("a cache that broke")


def test_a_log_that_cannot_be_written_costs_no_write(
    writer: Writer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stderr", FullDisk())
    with pytest.raises(WriteFailedError):
        writer.run(orphan)
    assert writer.run(erasure(1), after_commit=_break) == 1
    assert writer.run(erasure(2)) == 2
    assert written(store) == [1, 2]


def test_a_full_disk_fails_writes_and_says_so_and_once_there_is_room_writing_goes_on(
    store: Store, database: Path
) -> None:
    with store.open_writer(group_commit_ms=0) as writer:
        pages = writer.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
        writer.run(_limit_pages(pages))
        with pytest.raises(DiskFullError, match="nothing was stored: database or disk is full; send it again"):
            writer.run(_fill)
        writer.run(_limit_pages(1_000_000))
        assert writer.run(_fill) == 1
        assert writer.problem is None


def _limit_pages(pages: int) -> Task[None]:
    def limit(db: Database) -> None:
        db.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    return limit


def _fill(db: Database) -> int:
    return int(db.execute("INSERT INTO words VALUES (?)", ("x" * 1_000_000,)).rowcount)


def test_a_database_that_another_locks_is_written_again_once_it_is_free(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.connections.WRITER_BUSY_MS", 1)
    monkeypatch.setattr("app.store.writing.wal.WRITER_BUSY_MS", 1)
    with store.open_writer(group_commit_ms=0) as writer, closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WriteFailedError, match="locked"):
            writer.run(erasure(1))
        assert writer.problem is not None
        assert "locked" in writer.problem
        other.rollback()
        assert _write_when_possible(writer, 2) == 2
        assert writer.problem is None
    assert written(store) == [2]


def test_a_patient_writer_begins_beside_another_and_takes_over_from_it(store: Store) -> None:
    with store.open_writer() as first:
        second = store.open_writer(patient=True)
        assert "it alone writes" in (second.problem or "")
        with pytest.raises(NotWritableError, match=r"cannot be written at the moment .* try again later"):
            second.submit(erasure(1))
        first.run(erasure(2))
    with second:
        assert _write_when_possible(second, 3) == 3
    assert written(store) == [2, 3]


def test_closing_a_writer_that_cannot_write_does_not_hang(store: Store) -> None:
    with store.open_writer():
        store.open_writer(patient=True).close()


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
