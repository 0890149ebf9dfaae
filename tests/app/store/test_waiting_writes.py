"""Writes that nobody waits for: gathered longer, in order with all others, and not lost in silence."""

from __future__ import annotations

import time

import pytest

from app.store import Database, Store, Writer
from app.store.writing.waiting import MAX_GROUP
from tests.app.store.writes import PATIENCE_S, erasure, written


def _nobody_listens(error: BaseException) -> None:
    """For writes that are looked up afterwards."""


def test_what_nobody_waits_for_is_gathered_until_somebody_waits(store: Store) -> None:
    with store.open_writer(group_commit_ms=1_000 * PATIENCE_S) as writer:
        for number in range(20):
            writer.post(erasure(number), _nobody_listens)
        before = writer.commits
        future = writer.submit(erasure(20))
        for number in range(21, MAX_GROUP):
            writer.post(erasure(number), _nobody_listens)
        assert future.result(PATIENCE_S) == 20
        assert writer.commits == before + 1
    assert written(store) == list(range(MAX_GROUP))


def test_who_waits_ends_the_rest_of_what_nobody_waits_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.writing.waiting.UNAWAITED", 1e9)
    with store.open_writer(group_commit_ms=0.01) as writer:
        writer.post(erasure(1), _nobody_listens)
        deadline = time.monotonic() + PATIENCE_S
        while not writer._waiting._resting:
            assert time.monotonic() < deadline
        assert writer.submit(erasure(2)).result(PATIENCE_S) == 2
        assert written(store) == [1, 2]


def test_what_nobody_waits_for_is_written_without_anybody_else(store: Store) -> None:
    with store.open_writer(group_commit_ms=0.01) as writer:
        writer.post(erasure(1), _nobody_listens)
        deadline = time.monotonic() + PATIENCE_S
        while not written(store):
            assert time.monotonic() < deadline
        assert writer.depth == 0


def test_a_write_that_nobody_waits_for_tells_its_failure(writer: Writer, store: Store) -> None:
    failures: list[BaseException] = []

    def refuse(db: Database) -> None:
        raise LookupError("no such thing")

    def tell(error: BaseException) -> None:
        failures.append(error)
        raise RuntimeError("nobody listens")

    writer.post(refuse, tell)
    assert writer.run(erasure(1)) == 1, "the writer goes on"
    assert [str(error) for error in failures] == ["no such thing"]
    assert written(store) == [1]
