"""A database from before there were interactions is brought up to date in chunks, and goes on where it was stopped."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlite_utils import Database

from app import create_app
from app.record.backfill import backfill
from app.settings import Settings, load_settings
from app.store import NotInitialisedError, Store
from app.store.connections import connect_writer
from app.store.earlier_events import count_earlier_events
from app.store.events import NewEvent, insert_events
from app.store.schema import migrations
from app.store.visitors import erase_visitor, export_visitor
from tests.app.interactions import Did, rows_of
from tests.conftest import NOW

pytestmark = pytest.mark.sqlite_only("events of version 0.1 are in files alone")

Stopped = KeyboardInterrupt
POINTER = (
    "Popularity no longer counts excluded visitors, and it and training count a first visit less; "
    "see docs/interactions.md."
)


def old_database(path: Path, done: list[Did], newest: int | None = None) -> None:
    """A database as made before m009, with these events of visitors v and w; `newest` is the last seq given out."""
    with closing(connect_writer(path)) as connection:
        db = Database(connection, execute_plugins=False)
        migrations.apply(db, stop_before="m009_tombstones")
        connection.executemany(
            "INSERT INTO items VALUES (?, ?, 'title', 'poster', 'bold', 'dawn', 'full', '[]', 0, 1, NULL)",
            [(f"item-00{number}", number) for number in range(4)],
        )
        connection.executemany(
            "INSERT INTO visitors VALUES (?, ?, 'treatment', 'assigned', 'real', 0)",
            [(name, NOW - 1e6) for name in "vw"],
        )
        connection.executemany(
            "INSERT INTO events (event_id, visitor_id, item_id, kind, undo, received_at, origin, weight)"
            " VALUES (?, ?, ?, ?, ?, ?, 'real', ?)",
            [
                (f"e{n}", did.visitor_id, did.item_id, did.kind, did.undo, NOW + n if did.at is None else did.at, None)
                for n, did in enumerate(done)
            ],
        )
        if newest is not None:
            connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'", [newest])


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        query = "SELECT seq, visitor_id, item_id, kind, weight, held, event_seq FROM interactions ORDER BY seq"
        return conn.execute(query).fetchall()


ACTS = st.lists(
    st.builds(
        Did,
        st.sampled_from(["item-000", "item-001"]),
        st.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
        st.booleans(),
        st.sampled_from("vw"),
    ),
    max_size=40,
)


@given(done=ACTS, chunk=st.integers(1, 12), stop_after=st.integers(0, 3))
@hypothesis_settings(deadline=None, max_examples=20)
def test_whatever_stops_it_the_result_is_that_of_folding_every_event_once(
    tmp_path_factory: pytest.TempPathFactory, done: list[Did], chunk: int, stop_after: int
) -> None:
    path = tmp_path_factory.mktemp("old") / "events.db"
    old_database(path, done)
    Store.create(path).close()
    shown: list[tuple[int, int]] = []

    def stop(moved: int, waiting: int) -> None:
        shown.append((moved, waiting))
        if len(shown) > stop_after:
            raise Stopped

    try:
        backfill(path, stop, chunk=chunk)
    except Stopped:
        with Store(path) as store:
            with closing(sqlite3.connect(path)) as conn:
                assert count_earlier_events(conn) == len(done) - shown[-1][0]
            with pytest.raises(NotInitialisedError, match="not folded into interactions yet; run `flask init-db`"):
                store.reader()
        backfill(path, chunk=chunk)
    assert backfill(path).events == 0, "a second time there is nothing to do"
    expected = rows_of(*done)
    assert rows(path) == [
        (row.seq, row.visitor_id, row.item_id, row.kind, row.weight, row.held, row.event_seq) for row in expected
    ]
    with Store(path) as store:
        stored = store.reader().execute("SELECT event_id FROM events ORDER BY seq").fetchall()
    assert [row[0] for row in stored] == [f"e{n}" for n in range(len(done))]


def test_numbers_that_were_given_out_are_not_given_out_again(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    old_database(path, [Did("item-000"), Did("item-001")], newest=9)
    Store.create(path).close()
    backfill(path)
    with Store(path) as store, store.open_writer() as writer:
        view = NewEvent("e9", "v", "item-000", "view", NOW, "real")
        writer.run(lambda db: insert_events(db, [view]))
        assert store.reader().execute("SELECT max(seq) FROM events").fetchone()[0] == 10
        assert export_visitor(store.reader(), "v") is not None
        writer.run(lambda db: erase_visitor(db, "v"))
        assert store.reader().execute("SELECT count(*) FROM interactions").fetchone()[0] == 0


def test_init_db_shows_how_far_it_is_and_which_totals_were_wrong(tmp_path: Path) -> None:
    settings: Settings = load_settings(environment={}, overrides={"var": tmp_path, "secret_key": "x"})
    done = [Did("item-000", "like")] * 3 + [Did("item-001")] * 2 + [Did("item-002", "view")]
    old_database(settings.event_database, [*done, Did("item-003", at=NOW + 1e9)])
    result = create_app(settings).test_cli_runner().invoke(args=["init-db"])
    assert result.exit_code == 0, result.output
    for line in (
        "7 of 7 events are folded",
        "7 events were folded into 4 interactions.",
        "1 repeated clicks had counted in full; each counts half of the one before now.",
        "2 repeated likes had counted in full; a visitor's first one counts now.",
        "1 events carried times ahead of the clock and count as of now.",
    ):
        assert line in result.output
    again = create_app(settings).test_cli_runner().invoke(args=["init-db"])
    assert again.output == f"the event database {settings.event_database} is ready\n"


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_what_was_wrong_is_told_of_all_events_when_the_move_was_stopped(tmp_path: Path, stop_after: int) -> None:
    path = tmp_path / "events.db"
    old_database(
        path, [Did("item-000", "like"), Did("item-000", "like"), *[Did("item-001")] * 3, Did("item-002", "view")]
    )
    Store.create(path).close()
    shown: list[tuple[int, int]] = []

    def stop(moved: int, waiting: int) -> None:
        shown.append((moved, waiting))
        if len(shown) == stop_after:
            raise Stopped

    with pytest.raises(Stopped):
        backfill(path, stop, chunk=1)
    done = backfill(path, stop, chunk=1)
    assert shown == [(moved, 6) for moved in range(1, 7)]
    assert (done.events, dict(done.report.repeated)) == (6, {"like": 1, "click": 2})
    assert done.sentences[0] == f"6 events were folded into {len(rows(path))} interactions."


def test_a_database_without_anything_to_correct_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    old_database(path, [Did("item-000"), Did("item-000", "like"), Did("item-000", "like", undo=True)])
    Store.create(path).close()
    assert backfill(path).sentences == [
        "3 events were folded into 3 interactions.",
        "What stands is what stood before.",
        POINTER,
    ]
