"""Fixtures of the tests of moves: a source on either engine that has rows in every table, and where it moves to."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from app.store import Store
from app.values.database_address import Address, PostgresAddress
from app.values.item import Item
from tests.app.store.moving.sites import fill_every_table
from tests.postgres_server import PostgresServer


@pytest.fixture
def source(database: Address, items: list[Item], settings: Settings) -> Address:
    """A site's database with rows in every table; no process writes it."""
    with Store(database) as store, store.open_writer() as writer:
        fill_every_table(writer, items, settings, visitors=12)
    return database


@pytest.fixture
def target(engine: str, settings: Settings, postgres: PostgresServer, tmp_path: Path) -> Address:
    """Where nothing is yet, on the other engine."""
    if engine == "sqlite":
        return PostgresAddress(postgres.new_database(), settings.var)
    return tmp_path / "back" / "events.db"
