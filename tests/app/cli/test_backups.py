"""The commands `backup` and `restore` say what they did, and what to do when they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import backups
from app.settings import Settings
from app.store import Store, Writer


@pytest.fixture
def runner(settings: Settings) -> FlaskCliRunner:
    app = Flask("test")
    app.config["SETTINGS"] = settings
    backups.register(app)
    return app.test_cli_runner()


def test_a_backup_is_taken_while_the_site_runs_and_restored_once_it_has_ended(
    runner: FlaskCliRunner, database: Path, tmp_path: Path
) -> None:
    folder = str(tmp_path / "backup")
    with Store(database) as store, store.open_writer():
        taken = runner.invoke(args=["backup", folder])
        assert taken.exit_code == 0
        assert f"0 models among them, are in {folder}" in taken.output
        refused = runner.invoke(args=["restore", folder, "--yes"])
        assert refused.exit_code == 1
        assert "the site is running (process" in refused.output
    assert runner.invoke(args=["restore", folder], input="n\n").exit_code == 1
    restored = runner.invoke(args=["restore", folder, "--yes"])
    assert restored.exit_code == 0
    assert "60 items, 0 visitors, 0 events, as of " in restored.output
    assert "before-restore-" in restored.output


@pytest.mark.usefixtures("writer")
def test_what_cannot_be_is_a_sentence(runner: FlaskCliRunner, writer: Writer, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    taken = runner.invoke(args=["backup", str(tmp_path)])
    assert (taken.exit_code, type(taken.exception)) == (1, SystemExit)
    assert "something already" in taken.output
    restored = runner.invoke(args=["restore", str(tmp_path), "--yes"])
    assert (restored.exit_code, type(restored.exception)) == (1, SystemExit)
    assert "is no backup" in restored.output
