"""`flask migrate-to` copies a site, compares it, and says how to switch; the site then works where it went."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.settings import Settings
from app.store import Store
from app.values.item import Item
from tests.app.store.moving.sites import fill_every_table
from tests.postgres_server import PostgresServer


def migrate(settings: Settings, *arguments: str) -> tuple[int, str]:
    result = create_app(settings).test_cli_runner().invoke(args=["migrate-to", *arguments])
    return result.exit_code, result.output


def home_page(settings: Settings) -> int:
    """The status of a page of the site, which runs for this page alone: while it does, no move ends."""
    app = create_app(settings)
    try:
        return app.test_client().get("/").status_code
    finally:
        app.extensions["flywheel"].close()


@pytest.fixture
def site(database: Path, items: list[Item], settings: Settings) -> Settings:
    with Store(database) as store, store.open_writer() as writer:
        fill_every_table(writer, items, settings, visitors=12)
    return settings


@pytest.mark.postgres
def test_a_site_moves_to_postgres_and_back_and_serves_pages_on_each(site: Settings, postgres: PostgresServer) -> None:
    url = postgres.new_database()
    code, said = migrate(site, url)
    assert code == 0, said
    assert "100 % compared" in said
    hashes = re.findall(r"^(\w+) +[\d,]+ rows  sha256 ([0-9a-f]{64})$", said, re.MULTILINE)
    assert len(hashes) == 21
    assert "Set DATABASE_URL to this URL for site and trainer, and start both. Put the old file away with `mv " in said
    moved = replace(site, database_url=url)
    assert home_page(moved) == 200

    own = site.event_database.absolute()
    code, said = migrate(moved, f"sqlite:///{own}")
    assert code == 1
    assert f"move it away with `mv {site.event_database} {site.event_database}.before`" in said
    site.event_database.rename(f"{own}.before")
    code, said = migrate(moved, f"sqlite:///{own}")
    assert code == 0, said
    assert "Unset DATABASE_URL" in said
    assert home_page(site) == 200


def test_a_url_of_something_else_is_refused_without_showing_its_password(site: Settings) -> None:
    for url in ("mysql://root:secret@host/db", "sqlite:///elsewhere.db", "events.db"):
        code, said = migrate(site, url)
        assert code == 1
        assert "the URL must be postgresql://user:password@host/database, or sqlite:////" in said
        assert "secret" not in said


@pytest.mark.postgres
def test_while_the_site_runs_it_copies_and_says_what_is_left_to_do(site: Settings, postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with Store(site.database) as store, store.open_writer():
        code, said = migrate(site, url, "--no-wait")
    assert code == 1
    assert "stop the site and the trainer, and run the same `flask migrate-to` again" in " ".join(said.split())
    app = create_app(replace(site, database_url=url))
    assert "is not yet a whole copy of" in app.test_cli_runner().invoke(args=["init-db"]).output
