"""A target that holds anything else is refused and stays as it is; so is a row that the target has no place for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
import pytest

from app.settings import Settings
from app.store import Store, StoreError, WriterBusyError
from app.store.engines.postgres.engine import PostgresEngine
from app.store.items import insert_items
from app.store.moving.targets import open_target
from app.store.moving.writers import StillWrittenError
from app.values.database_address import Address, PostgresAddress
from app.values.item import Item
from tests.app.store.moving.sites import fill_every_table
from tests.app.store.moving.test_move import content, move
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


def holdings(address: Address) -> Any:
    """What a database holds, tables of anybody."""
    if isinstance(address, Path):
        return address.read_bytes()
    with psycopg.connect(address.url) as conn:
        tables = [row[0] for row in conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {table: conn.execute(f'SELECT * FROM "{table}"').fetchall() for table in sorted(tables)}


def other_program(target: Address) -> None:
    statements = ("CREATE TABLE orders (id INTEGER)", "INSERT INTO orders VALUES (7)")
    if isinstance(target, Path):
        target.parent.mkdir()
        with closing(sqlite3.connect(target, isolation_level=None)) as conn:
            for statement in statements:
                conn.execute(statement)
        return
    with psycopg.connect(target.url) as server:
        for statement in statements:
            server.execute(statement)


def other_site(target: Address, items: list[Item], settings: Settings) -> None:
    with Store.create(target) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, items))
        fill_every_table(writer, items, settings, visitors=3)


def test_tables_of_another_program_are_left_alone(source: Address, target: Address) -> None:
    other_program(target)
    before = holdings(target)
    with pytest.raises(StoreError, match=r"holds tables of something else \(orders.*(CREATE DATABASE|`?mv )"):
        move(source, target)
    assert holdings(target) == before


def test_a_site_that_is_in_use_is_left_alone(
    source: Address, target: Address, items: list[Item], settings: Settings
) -> None:
    other_site(target, items, settings)
    before = holdings(target)
    with pytest.raises(StoreError, match=r"holds 60 rows of items already, and would lose.*(CREATE DATABASE|mv )"):
        move(source, target)
    assert holdings(target) == before


def test_the_copy_of_another_site_is_left_alone_even_if_it_is_unfinished(source: Address, target: Address) -> None:
    with open_target(target, "/srv/other/events.db"):
        pass
    before = holdings(target)
    with pytest.raises(StoreError, match=r"is the unfinished copy of /srv/other/events.db, and not of"):
        move(source, target)
    assert holdings(target) == before


def test_what_is_no_database_is_left_alone(source: Address, tmp_path: Path) -> None:
    target = tmp_path / "events.db"
    target.write_bytes(b"notes about the site, and none of SQLite's business" * 100)
    before = target.read_bytes()
    with pytest.raises(StoreError, match=r"is no SQLite database .*`mv "):
        move(source, target)
    assert target.read_bytes() == before


def test_an_empty_site_is_a_target_like_any_other(source: Address, target: Address) -> None:
    Store.create(target).close()
    move(source, target)
    assert content(target) == content(source)


def test_a_target_that_a_site_writes_is_refused(source: Address, target: Address) -> None:
    with (
        Store.create(target) as store,
        store.open_writer(),
        pytest.raises(WriterBusyError, match=r"and writes"),
    ):
        move(source, target)
    with Store(target) as store:
        assert store.initialised(), "no mark was left"


def test_a_site_does_not_move_to_where_it_is(source: Address) -> None:
    with pytest.raises(StoreError, match=r"the site is on .* already"):
        move(source, source)


def test_a_writer_on_a_server_is_seen_and_named(postgres: PostgresServer, tmp_path: Path) -> None:
    address = PostgresAddress(postgres.new_database(), tmp_path)
    with Store.create(address) as store:
        with store.open_writer(), pytest.raises(StillWrittenError, match=r"process \d+ writes postgresql:.*; stop the"):
            move(address, tmp_path / "back.db")
        assert isinstance(store.engine, PostgresEngine)
        with (
            closing(store.engine.connect_writer()),
            pytest.raises(StillWrittenError, match=r"for writing from this machine \(server process \d+\); stop the"),
        ):
            move(address, tmp_path / "back.db")


def test_a_writer_that_is_just_ending_is_waited_for(postgres: PostgresServer, tmp_path: Path) -> None:
    address = PostgresAddress(postgres.new_database(), tmp_path)
    with Store.create(address) as store:
        assert isinstance(store.engine, PostgresEngine)
        ending = Timer(0.1, store.engine.connect_writer().close)
        ending.start()
        move(address, tmp_path / "back.db")
        ending.join()


@pytest.mark.sqlite_only("keeps any value in any column")
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE items SET title = 'a' || char(0) WHERE position = 7",
            r"title of position = 7 holds a NUL character; take it out",
        ),
        (
            "UPDATE interactions SET weight = 'much' WHERE seq = 5",
            r"interactions.weight is 'much' and must be a finite number, where seq = 5; set it right",
        ),
        (
            "UPDATE items SET seed = 1.5 WHERE position = 9",
            r"items.seed of position = 9 is 1.5 and became 2 in .*; nothing of this round was kept: set it right",
        ),
    ],
)
def test_a_value_that_the_target_has_no_place_for_is_named(
    source: Address, target: Address, statement: str, message: str
) -> None:
    """Nothing of the round is kept; once the value is right, the same call finishes."""
    assert isinstance(source, Path)
    with Store.exclusive(source) as db:
        db.execute(statement)
    with pytest.raises(StoreError, match=message):
        move(source, target)
    with Store(target) as store, pytest.raises(StoreError, match="is not yet a whole copy"):
        store.reader()
    with Store.exclusive(source) as db:
        db.execute("UPDATE items SET title = 'a', seed = 2 WHERE position IN (7, 9)")
        db.execute("UPDATE interactions SET weight = 1 WHERE seq = 5")
    move(source, target)
    assert content(target) == content(source)


def test_a_source_that_is_no_site_is_refused_before_the_target_is_made(target: Address, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no event database"):
        move(tmp_path / "nothing.db", target)
    assert not (target.exists() if isinstance(target, Path) else holdings(target))
