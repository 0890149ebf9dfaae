"""Pages that wait together are one statement, and each of them is logged as it would be by itself."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.store import Store
from app.store.engines.postgres.connection import PostgresConnection
from app.store.engines.postgres.dialect import PostgresDialect
from app.store.engines.postgres.links import PostgresLink
from app.store.pages import PageLog
from app.store.slates import get_slate, log_slates
from app.store.visitors import ensure_visitor, erase_visitor
from app.store.writing.group import MOST_JOINED, Write
from app.values.visitor import Visitor
from tests.app.store.engines.conftest import WAITS
from tests.app.store.test_slates import SLATE
from tests.app.store.writes import PATIENCE_S

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

_ORDER = "SELECT slate_id FROM slates ORDER BY seq"


def _page(visitor: Visitor, *names: str) -> Write:
    slates = [replace(SLATE, slate_id=name, page_id=names[0], visitor_id=visitor.visitor_id) for name in names]
    return Write(PageLog(visitor, slates), None, Future())


def _statements(link: PostgresLink, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a connection is asked from now on."""
    asked: list[str] = []
    execute, script = PostgresConnection.execute, PostgresConnection.script

    def note(self: PostgresConnection, sql: str, *values: object) -> object:
        asked.append(sql)
        return execute(self, sql, *values)  # type: ignore[arg-type]

    def note_script(self: PostgresConnection, sql: str) -> None:
        asked.append(sql)
        script(self, sql)

    monkeypatch.setattr(PostgresConnection, "execute", note)
    monkeypatch.setattr(PostgresConnection, "script", note_script)
    return asked


def test_all_that_wait_are_one_statement(
    store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _statements(links[0], monkeypatch)
    pages = [_page(visitor, f"{page}-0", f"{page}-1", f"{page}-2") for page in range(4)]
    assert links[0].group.commit(pages)
    assert len(asked) == 1
    assert [page.outcome for page in pages] == [3, 3, 3, 3]
    assert get_slate(store.reader(), "2-1") == replace(SLATE, slate_id="2-1", page_id="2-0")
    logged = [row[0] for row in store.reader().execute(_ORDER)]
    assert logged == [f"{page}-{place}" for page in range(4) for place in range(3)]


def test_many_are_few_statements(
    store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _statements(links[0], monkeypatch)
    assert links[0].group.commit([_page(visitor, f"{page:03}") for page in range(2 * MOST_JOINED + 1)])
    assert len(asked) == 3
    assert len(set(asked)) == 2, "rows of nothing round their number up"
    assert [row[0] for row in store.reader().execute(_ORDER)] == [f"{page:03}" for page in range(2 * MOST_JOINED + 1)]


def test_newcomers_and_what_is_refused_are_written_by_themselves(
    store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor
) -> None:
    newcomer, erased = replace(visitor, visitor_id="newcomer"), replace(visitor, visitor_id="erased")
    with store.open_writer() as writer:
        writer.run(lambda db: (ensure_visitor(db, erased), log_slates(db, [replace(SLATE, slate_id="known")])))
        writer.run(lambda db: erase_visitor(db, "erased"))
    pages = [
        _page(visitor, "a"),
        _page(newcomer, "b"),
        _page(erased, "c"),
        _page(visitor, "known"),
        _page(visitor, "d"),
    ]
    assert links[0].group.commit(pages)
    assert [page.outcome for page in pages] == [1, 1, None, None, 1]
    assert [page.error is None for page in pages] == [True, True, False, False, True]
    assert sorted(row[0] for row in store.reader().execute(_ORDER)) == ["a", "b", "d", "known"]


def _numbers_in_order_of_commits(store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor) -> bool:
    """Whether a page that is logged while a slow process writes has higher numbers than what that one writes later."""
    slow, fast = links
    slow.db.conn.dialect.begin(slow.db.conn)
    with ThreadPoolExecutor(1) as threads:
        page = threads.submit(fast.group.commit, [_page(visitor, "fast")])
        while not page.done() and not store.reader().execute(WAITS).fetchone()[0]:
            pass  # each look is a question to the server
        log_slates(slow.db, [replace(SLATE, slate_id="slow")])
        slow.db.execute("COMMIT")
        assert page.result(PATIENCE_S)
    return [row[0] for row in store.reader().execute(_ORDER)] == ["slow", "fast"]


def test_numbers_are_taken_once_nobody_else_writes(
    store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor
) -> None:
    assert _numbers_in_order_of_commits(store, links, visitor)


def test_without_the_condition_they_would_not_be(
    store: Store, links: tuple[PostgresLink, PostgresLink], visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the test above can fail."""
    monkeypatch.setattr(PostgresDialect, "once_alone", "true")
    assert not _numbers_in_order_of_commits(store, links, visitor)
