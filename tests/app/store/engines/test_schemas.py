"""Both engines have the same tables, and a change of the schema has a form for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import Settings
from app.store import Store, WriterBusyError
from app.store.engines import dialect_of
from app.store.schema import schema_changes
from app.store.schema.postgres_forms import BASELINE_OF, FORMS
from app.store.schema.tables import KEYS
from app.values.database_address import PostgresAddress
from tests.conftest import NewAddress
from tests.postgres_server import PostgresServer

_SEVERAL = {"cache_changes", "kept_shortly", "waiting_pages"}
_OWN = _SEVERAL | {"schema_changes", "items_fts", "_sqlite_migrations", "sqlite_sequence"}


def test_every_change_since_the_baseline_has_a_form_for_postgres() -> None:
    """Without: a migration that was appended for SQLite alone, and a site on PostgreSQL that cannot be brought up."""
    changes = schema_changes()
    assert list(FORMS) == changes[changes.index(BASELINE_OF) + 1 :]


@pytest.mark.postgres
@pytest.mark.sqlite_only("compares it with PostgreSQL")
def test_both_engines_have_the_same_columns_of_the_same_kinds_in_the_same_order(
    postgres: PostgresServer, new_address: NewAddress, tmp_path: Path
) -> None:
    address = PostgresAddress(postgres.new_database(), tmp_path)
    with Store.create(new_address("lite")) as lite, Store.create(address) as server:
        here, there = lite.reader(), server.reader()
        tables = {row[0] for row in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = {table for table in tables if not table.startswith("items_fts")} - _OWN
        query = "SELECT CAST(table_name AS text) FROM information_schema.tables WHERE table_schema = 'public'"
        assert {row[0] for row in there.execute(query)} - _OWN == tables
        assert tables == set(KEYS), "a move copies every table"
        for table in sorted(tables):
            columns = dialect_of(here).columns(here, table)
            assert list(columns.items()) == list(dialect_of(there).columns(there, table).items()), table
            references = sorted(dialect_of(here).references(here, table))
            assert references == sorted(dialect_of(there).references(there, table)), table


@pytest.mark.postgres
def test_the_schema_is_made_once_and_by_one_of_two_who_make_it(
    postgres: PostgresServer, new_address: NewAddress
) -> None:
    address = new_address("same")
    for _ in range(2):
        with Store.create(address) as store:
            assert store.initialised()


@pytest.mark.postgres_only
def test_a_schema_is_not_changed_under_a_site_that_runs(store: Store, settings: Settings) -> None:
    with store.open_writer() as writer:
        writer.run(lambda db: db.execute("DELETE FROM schema_changes WHERE name = ?", (schema_changes()[-1],)))
        with pytest.raises(WriterBusyError):
            Store.create(settings.database)
