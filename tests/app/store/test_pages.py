"""Pages that wait together are written together, on every database, and each is logged as it would be by itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from sqlite3 import IntegrityError

from app.store import VisitorErasedError, Writer
from app.store.engines import EngineError
from app.store.pages import PageLog
from app.store.slates import get_slate
from app.store.store import Store
from app.store.visitors import ensure_visitor, erase_visitor
from app.values.visitor import Visitor
from tests.app.store.test_slates import SLATE
from tests.app.store.writes import PATIENCE_S, erasure, one_group, outcome, written

_ORDER = "SELECT slate_id FROM slates ORDER BY seq"


def _page(visitor: Visitor, *names: str) -> PageLog:
    slates = [replace(SLATE, slate_id=name, page_id=names[0], visitor_id=visitor.visitor_id) for name in names]
    return PageLog(visitor, slates)


def test_pages_that_wait_are_logged_in_their_order(writer: Writer, store: Store, visitor: Visitor) -> None:
    writer.run(lambda db: ensure_visitor(db, visitor))
    with one_group(writer):
        logged = [writer.submit(_page(visitor, f"{page}-0", f"{page}-1")) for page in range(5)]
    assert [one.result(PATIENCE_S) for one in logged] == [2] * 5
    assert [row[0] for row in store.reader().execute(_ORDER)] == [
        f"{page}-{part}" for page in range(5) for part in (0, 1)
    ]
    assert get_slate(store.reader(), "2-1") == replace(
        SLATE, slate_id="2-1", page_id="2-0", visitor_id=visitor.visitor_id
    )


def test_a_page_that_is_refused_costs_no_other_one(writer: Writer, store: Store, visitor: Visitor) -> None:
    newcomer, erased = replace(visitor, visitor_id="newcomer"), replace(visitor, visitor_id="erased")
    for one in (visitor, erased):
        writer.run(partial(ensure_visitor, visitor=one))
    writer.run(lambda db: erase_visitor(db, erased.visitor_id, 0.0))
    with one_group(writer):
        logged = [
            writer.submit(_page(visitor, "first")),
            writer.submit(_page(newcomer, "newcomer's")),
            writer.submit(_page(visitor, "twice")),
            writer.submit(_page(visitor, "twice")),
            writer.submit(_page(erased, "erased's")),
            writer.submit(_page(visitor, "last")),
        ]
    outcomes = [outcome(one) for one in logged]
    assert outcomes[:3] == [1, 1, 1]
    assert outcomes[3] in (IntegrityError, EngineError)
    assert outcomes[4:] == [VisitorErasedError, 1]
    assert [row[0] for row in store.reader().execute(_ORDER)] == ["first", "newcomer's", "twice", "last"]


def test_pages_are_written_together_beside_other_tasks(writer: Writer, store: Store, visitor: Visitor) -> None:
    writer.run(lambda db: ensure_visitor(db, visitor))
    with one_group(writer):
        before = writer.submit(erasure(1))
        logged = [writer.submit(_page(visitor, name)) for name in ("first", "second", "second", "third")]
        after = writer.submit(erasure(2))
    outcomes = [outcome(one) for one in logged]
    assert [outcomes[place] for place in (0, 1, 3)] == [1] * 3
    assert outcomes[2] in (IntegrityError, EngineError)
    assert [before.result(PATIENCE_S), after.result(PATIENCE_S)] == [1, 2]
    assert [row[0] for row in store.reader().execute(_ORDER)] == ["first", "second", "third"]
    assert written(store) == [1, 2]
