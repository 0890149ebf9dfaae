"""Small writes that can be told apart, and groups of them that are committed together."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from app.store import (
    Database,
    NotWritableError,
    Store,
    WriteFailedError,
    Writer,
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
    db.execute(
        "PRAGMA defer_foreign_keys = ON" if isinstance(db.conn, sqlite3.Connection) else "SET CONSTRAINTS ALL DEFERRED"
    )
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


def outcome(future: Future[Any]) -> object:
    error = future.exception(PATIENCE_S)
    return future.result() if error is None else type(error)


def write_when_possible(writer: Writer, number: int) -> int:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return writer.run(erasure(number))
        except (NotWritableError, WriteFailedError):
            assert time.monotonic() < deadline
