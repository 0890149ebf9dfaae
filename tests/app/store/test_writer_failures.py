"""What the writer does when the disk, the lock or its connection fails: it says so, and goes on once it can."""

from __future__ import annotations

import errno
import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.store import (
    Database,
    DiskFullError,
    NotWritableError,
    Store,
    Task,
    WriteFailedError,
    Writer,
)
from tests.app.store.writes import PATIENCE_S, erasure, one_group, orphan, outcome, write_when_possible, written


@pytest.mark.sqlite_only("limits the pages of the file")
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


def test_when_the_writers_connection_breaks_nobody_waits_and_the_writer_opens_another(store: Store) -> None:
    with store.open_writer(group_commit_ms=0) as writer:
        with one_group(writer):
            broken = writer.submit(lambda db: db.close())
            waiting = writer.submit(erasure(1))
        assert [outcome(future) for future in (broken, waiting)] == [WriteFailedError] * 2
        assert write_when_possible(writer, 2) == 2
        assert writer.problem is None
    assert written(store) == [2]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("deep"), SystemExit(1)])
def test_an_error_that_is_nobodys_leaves_the_writer_at_work(writer: Writer, store: Store, error: BaseException) -> None:
    def fail(db: Database) -> None:
        raise error

    with pytest.raises((WriteFailedError, type(error))):
        writer.run(fail)
    assert write_when_possible(writer, 1) == 1
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

    for number, stream in enumerate((FullDisk(), None)):  # a process that was started without it has None
        monkeypatch.setattr(sys, "stderr", stream)
        with pytest.raises(WriteFailedError):
            writer.run(orphan)
        assert writer.run(erasure(2 * number), after_commit=_break) == 2 * number
        assert writer.run(erasure(2 * number + 1)) == 2 * number + 1
    assert written(store) == [0, 1, 2, 3]


@pytest.mark.sqlite_only("limits the pages of the file")
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


@pytest.mark.sqlite_only("locks the file")
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
        assert write_when_possible(writer, 2) == 2
        assert writer.problem is None
    assert written(store) == [2]


def test_a_patient_writer_begins_beside_another_and_takes_over_from_it(store: Store) -> None:
    with store.open_writer() as first:
        second = store.open_writer(patient=True)
        assert "and writes" in (second.problem or "")
        with pytest.raises(NotWritableError, match=r"cannot be written at the moment .* try again later"):
            second.submit(erasure(1))
        first.run(erasure(2))
    with second:
        assert write_when_possible(second, 3) == 3
    assert written(store) == [2, 3]


def test_closing_a_writer_that_cannot_write_does_not_hang(store: Store) -> None:
    with store.open_writer():
        store.open_writer(patient=True).close()
