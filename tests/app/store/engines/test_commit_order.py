"""Numbers are committed in their order: a reader at a watermark never passes over an event that is still on its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from app.store import Database, Store
from app.store.engines.postgres.connection import PostgresConnection
from app.store.engines.postgres.dialect import PostgresDialect
from app.store.engines.postgres.links import PostgresLink
from app.store.events import NewEvent, events_since, insert_events
from app.store.writing.group import Write
from tests.app.store.engines.conftest import WAITS
from tests.app.store.writes import PATIENCE_S

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

AT_ONCE = 50


def _insert(db: Database, name: str, then: Callable[[], object] = lambda: None) -> None:
    insert_events(
        db, [NewEvent(f"{name}-{place}", "visitor-1", "item-000", "view", 0.0, "real") for place in range(AT_ONCE)]
    )
    then()


def _commit(link: PostgresLink, name: str, then: Callable[[], object] = lambda: None) -> None:
    write = Write(partial(_insert, name=name, then=then), None, Future())
    assert link.group.commit([write]), write.error


def _passed_over(store: Store, links: tuple[PostgresLink, PostgresLink], rounds: int) -> int:
    """Events that a reader passes over who follows their numbers, of rounds in which a slow process takes numbers, a
    fast one commits its own or waits for the slow one, the reader looks, and the slow one commits.
    """
    slow, fast = links
    seen: set[int] = set()

    def look() -> None:
        for row in events_since(store.reader(), max(seen, default=0), 10 * AT_ONCE):
            seen.add(row.seq)

    with ThreadPoolExecutor(2) as threads:
        for number in range(rounds):
            numbered, may_commit = threading.Event(), threading.Event()

            def hold(numbered: threading.Event = numbered, may_commit: threading.Event = may_commit) -> None:
                numbered.set()
                assert may_commit.wait(PATIENCE_S)

            slowly = threads.submit(_commit, slow, f"slow-{number}", hold)
            assert numbered.wait(PATIENCE_S)
            quickly = threads.submit(_commit, fast, f"fast-{number}")
            while not quickly.done() and not store.reader().execute(WAITS).fetchone()[0]:
                pass  # each look is a question to the server
            look()
            may_commit.set()
            slowly.result(PATIENCE_S)
            quickly.result(PATIENCE_S)
            look()
    stored = store.reader().execute("SELECT count(*) FROM events").fetchone()[0]
    assert stored == 2 * AT_ONCE * rounds
    return int(stored - len(seen))


def test_no_event_of_a_slow_process_is_passed_over(store: Store, links: tuple[PostgresLink, PostgresLink]) -> None:
    assert _passed_over(store, links, rounds=20) == 0


@pytest.mark.slow
def test_no_event_of_ten_thousand_is_passed_over(store: Store, links: tuple[PostgresLink, PostgresLink]) -> None:
    assert _passed_over(store, links, rounds=100) == 0


def test_without_the_lock_the_slow_ones_would_be(
    store: Store, links: tuple[PostgresLink, PostgresLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lock is for; and that the test above can fail."""

    def begin_without(self: PostgresDialect, conn: PostgresConnection) -> None:
        conn.script("BEGIN")

    monkeypatch.setattr(PostgresDialect, "begin", begin_without)
    assert _passed_over(store, links, rounds=5) == 5 * AT_ONCE
