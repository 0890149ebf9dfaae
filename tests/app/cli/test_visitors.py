"""The commands about one visitor, and the one that makes the database."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import database as store_commands
from app.cli import visitors as visitor_commands
from app.settings import Settings
from app.store import Store, Writer
from app.store.visitors import ensure_visitor, get_visitor
from app.values.visitor import Visitor


@pytest.fixture
def cli(settings: Settings) -> FlaskCliRunner:
    """A runner of the commands alone, without the site."""
    app = Flask("commands")
    app.config["SETTINGS"] = settings
    store_commands.register(app)
    visitor_commands.register(app)
    return app.test_cli_runner()


@pytest.fixture
def known(database: Path, visitor: Visitor) -> Visitor:
    """A visitor in a database that nobody writes."""
    with Store(database) as store, store.open_writer() as writer:
        writer.run(lambda db: ensure_visitor(db, visitor))
    return visitor


def test_init_db_makes_the_database_and_may_be_run_again(cli: FlaskCliRunner, settings: Settings) -> None:
    for _ in range(2):
        result = cli.invoke(args=["init-db"])
        assert result.exit_code == 0
        assert "is ready" in result.output
    assert Store(settings.event_database).initialised()


def test_an_export_is_json_of_everything(cli: FlaskCliRunner, known: Visitor, tmp_path: Path) -> None:
    result = cli.invoke(args=["export-visitor", known.visitor_id])
    assert result.exit_code == 0
    assert json.loads(result.output)["visitor"]["visitor_id"] == known.visitor_id
    path = tmp_path / "export.json"
    assert cli.invoke(args=["export-visitor", known.visitor_id, "--output", str(path)]).exit_code == 0
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(result.output)


@pytest.mark.parametrize("name", ["events.db", "events.db-wal", "registry.db", "secret_key", "models/current.json"])
@pytest.mark.parametrize("command", [["export-events"], ["export-visitor", "v", "--output"]])
def test_no_command_writes_over_a_file_that_the_site_lives_on(
    cli: FlaskCliRunner, settings: Settings, known: Visitor, command: list[str], name: str
) -> None:
    place = settings.var / name
    place.parent.mkdir(exist_ok=True)
    place.touch()
    before = place.read_bytes()
    arguments = [known.visitor_id if argument == "v" else argument for argument in command]
    result = cli.invoke(args=[*arguments, str(place)])
    assert result.exit_code == 1
    assert f"{place} is a file of the site itself, and would be lost; name another place" in result.output
    assert place.read_bytes() == before


@pytest.mark.parametrize("command", [["export-visitor", "nobody"], ["erase-visitor", "nobody", "--yes"]])
def test_somebody_unknown_is_said_to_be_so(cli: FlaskCliRunner, database: Path, command: list[str]) -> None:
    result = cli.invoke(args=command)
    assert result.exit_code == 1
    assert "nothing is stored about visitor 'nobody'" in result.output


def test_without_a_database_the_mend_is_named(cli: FlaskCliRunner) -> None:
    for command in (["export-visitor", "x"], ["erase-visitor", "x", "--yes"]):
        result = cli.invoke(args=command)
        assert result.exit_code == 1
        assert "flask init-db" in result.output


def test_erasing_asks_first(cli: FlaskCliRunner, known: Visitor, store: Store) -> None:
    assert cli.invoke(args=["erase-visitor", known.visitor_id], input="n\n").exit_code == 1
    assert get_visitor(store.reader(), known.visitor_id) == known
    result = cli.invoke(args=["erase-visitor", known.visitor_id, "--yes"])
    assert result.exit_code == 0
    assert "1 visitors" in result.output
    assert get_visitor(store.reader(), known.visitor_id) is None


def test_while_the_site_runs_erasing_goes_through_it(cli: FlaskCliRunner, known: Visitor, writer: Writer) -> None:
    result = cli.invoke(args=["erase-visitor", known.visitor_id, "--yes"])
    assert result.exit_code == 1
    assert f"process {os.getpid()}" in result.output
    assert f"DELETE /api/v1/visitors/{known.visitor_id}" in result.output


def test_every_command_has_help(cli: FlaskCliRunner) -> None:
    for command in ("init-db", "export-visitor", "erase-visitor"):
        result = cli.invoke(args=[command, "--help"])
        assert result.exit_code == 0
        assert len(result.output.splitlines()[2].strip()) > 20
