"""The commands about learning say what they did, and why they did not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import models as commands
from app.models.code_version import code_version, git_commit
from app.models.locks import trainer_lock
from app.models.registry import Registry
from app.settings import Settings
from tests.app.learn.traffic import Traffic
from tests.app.learn.versions import add_version, publish_version


@pytest.fixture
def runner(settings: Settings) -> FlaskCliRunner:
    app = Flask("test")
    app.config["SETTINGS"] = settings
    commands.register(app)
    return app.test_cli_runner()


@pytest.mark.usefixtures("baseline")
def test_trainer_once_says_what_it_learned_and_what_came_of_it(runner: FlaskCliRunner, traffic: Traffic) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    watermark = traffic.crowd("visitor", 60)
    first = runner.invoke(args=["trainer", "--once"])
    assert first.exit_code == 0
    assert f"120 rows up to event {watermark}; version 1: Passed: rank gain" in first.output
    assert "nothing new to learn from" in runner.invoke(args=["trainer", "--once"]).output


@pytest.mark.usefixtures("baseline")
def test_trainer_publishes_nothing_for_an_unsigned_use_case_unless_forced(
    settings: Settings, traffic: Traffic, registry: Registry, tmp_path: Path
) -> None:
    shipped = settings.use_case_file.read_text(encoding="utf-8")
    changed = tmp_path / "usecase.toml"
    changed.write_text(shipped.replace("least_lift = 0.0", "least_lift = 0.1"), encoding="utf-8")
    app = Flask("test")
    app.config["SETTINGS"] = replace(settings, use_case=changed)
    commands.register(app)
    runner = app.test_cli_runner()
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    refused = runner.invoke(args=["trainer", "--once"])
    assert "Refused: The use case has changed since business signed it" in refused.output
    assert registry.champion() is None
    assert runner.invoke(args=["trainer", "--once", "--force-unsigned", " "]).exit_code == 2
    runner.invoke(args=["trainer", "--once", "--force-unsigned", "for a fair"])
    champion = registry.champion()
    assert champion is not None
    assert champion.metrics["forced_unsigned"]["reason"] == "for a fair"
    assert champion.verdict.endswith("because: for a fair.")


def test_trainer_is_refused_beside_another(runner: FlaskCliRunner, settings: Settings) -> None:
    with trainer_lock(settings.var):
        result = runner.invoke(args=["trainer", "--once"])
    assert result.exit_code == 1
    assert "a trainer is running already" in result.output


def test_trainer_without_a_database_names_the_mend(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["trainer", "--once"])
    assert result.exit_code == 1
    assert "flask init-db" in result.output


def test_models_list_and_show(runner: FlaskCliRunner, settings: Settings, registry: Registry) -> None:
    assert "run `flask trainer --once`" in runner.invoke(args=["models", "list"]).output
    publish_version(settings, registry)
    publish_version(settings, registry)
    lines = runner.invoke(args=["models", "list"]).output.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["2", "champion", "fit"], ["1", "retired", "fit"]]
    assert len(runner.invoke(args=["models", "list", "--limit", "1"]).output.splitlines()) == 2
    shown = json.loads(runner.invoke(args=["models", "show", "1"]).output)
    assert (shown["version"], shown["watermark"]) == (1, 10)


def test_models_promote_and_rollback_say_what_they_did(
    runner: FlaskCliRunner, settings: Settings, registry: Registry
) -> None:
    publish_version(settings, registry)
    publish_version(settings, registry)
    rolled_back = runner.invoke(args=["models", "rollback"])
    assert rolled_back.exit_code == 0
    assert rolled_back.output.startswith("the site uses version 1 instead of version 2, made 2023-11-14")
    add_version(settings, registry, "refused")
    promoted = runner.invoke(args=["models", "promote", "3"])
    assert promoted.output.startswith("the site uses version 3 instead of version 1")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["show", "9"], "there is no model version 9"),
        (["promote", "9"], "there is no model version 9; the newest are: 1"),
        (["promote", "1"], "version 1 is in use already"),
        (["rollback"], "no earlier published version"),
        (["promote", "new"], "'new' is not a valid integer"),
    ],
)
def test_a_version_that_cannot_be_had_is_a_clear_error(
    runner: FlaskCliRunner, settings: Settings, registry: Registry, words: list[str], complaint: str
) -> None:
    publish_version(settings, registry)
    result = runner.invoke(args=["models", *words])
    assert result.exit_code == 2
    assert complaint in result.output


def test_every_command_has_help() -> None:
    for command in (commands.trainer_command, commands.models_group, *commands.models_group.commands.values()):
        assert command.help
        assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_code_version_names_the_commit_of_a_working_copy(tmp_path: Path) -> None:
    assert code_version()
    assert git_commit(tmp_path) is None
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (git / "packed-refs").write_text("# pack-refs\nabc123 refs/heads/main\n", encoding="utf-8")
    assert git_commit(tmp_path) == "abc123"
    (git / "refs" / "heads" / "main").write_text("def456\n", encoding="utf-8")
    assert git_commit(tmp_path) == "def456"
    (git / "HEAD").write_text("789abc\n", encoding="utf-8")
    assert git_commit(tmp_path) == "789abc"


@pytest.mark.usefixtures("baseline")
def test_a_challenger_is_put_on_trial_followed_and_ended(
    runner: FlaskCliRunner, traffic: Traffic, registry: Registry
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    runner.invoke(args=["trainer", "--once"])
    put = runner.invoke(args=["challenge", "--set", "factors=48", "--note", "Half again as wide."])
    assert put.exit_code == 0, put.output
    assert "it is on trial; the trainer decides" in put.output
    challenger = registry.challenger()
    assert challenger is not None
    status = runner.invoke(args=["trial", "status"]).output
    assert f"Version {challenger.version} is on trial against the lineage of version 1." in status
    assert "Half again as wide." in status
    assert status.endswith("now: nobody was asked yet\n")
    second = runner.invoke(args=["challenge", "--set", "factors=8"])
    assert second.exit_code == 2
    assert f"version {challenger.version} is on trial; wait for its verdict" in second.output

    ended = runner.invoke(args=["trial", "end", "--reason", "The fair is over."])
    assert ended.output == f"the trial of version {challenger.version} is over; the champion stays\n"
    over = runner.invoke(args=["trial", "status"]).output
    assert f"no version is on trial; the last was {challenger.version}: Passed" in over
    assert over.endswith("Retired by hand: The fair is over.\n")
    champion = registry.champion()
    assert champion is not None
    assert champion.version == 1


def test_without_a_champion_or_a_trial_the_commands_say_what_to_do(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["trial", "status"]).output == "no version is on trial\n"
    ended = runner.invoke(args=["trial", "end"])
    assert (ended.exit_code, "no version is on trial; `flask challenge" in ended.output) == (2, True)
    early = runner.invoke(args=["challenge", "--set", "factors=16"])
    assert (early.exit_code, "nothing is published" in early.output) == (2, True)


def test_a_challenger_needs_a_setting_that_exists_and_differs(
    runner: FlaskCliRunner, settings: Settings, registry: Registry
) -> None:
    publish_version(settings, registry)
    same = runner.invoke(args=["challenge"])
    assert (same.exit_code, "nothing is changed; give --set NAME=VALUE" in same.output) == (2, True)
    for assignment, named in (("wheels=4", "wheels"), ("factors=many", "many"), ("factors", "factors")):
        wrong = runner.invoke(args=["challenge", "--set", assignment])
        assert wrong.exit_code == (2 if "wheels" in assignment else 1), wrong.output
        assert wrong.output.startswith("Error: ")
        assert named in wrong.output


@pytest.mark.usefixtures("baseline")
def test_a_garbage_registry_does_not_stop_the_trainer(
    settings: Settings, runner: FlaskCliRunner, traffic: Traffic, registry: Registry
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    assert runner.invoke(args=["trainer", "--once"]).exit_code == 0
    settings.registry_database.write_bytes(b"garbage" * 1_000)
    listed = runner.invoke(args=["models", "list"])
    assert (listed.exit_code, listed.exception.__class__) == (1, SystemExit)
    assert "is damaged" in listed.output or "cannot be used" in listed.output
    again = runner.invoke(args=["trainer", "--once"])
    assert again.exit_code == 0
    champion = registry.champion()
    assert champion is not None
    assert list(settings.var.glob("registry.db.damaged-*"))


@pytest.mark.usefixtures("baseline")
def test_settings_for_a_challenger_are_searched_on_the_past_of_the_site(
    runner: FlaskCliRunner, traffic: Traffic, registry: Registry
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    runner.invoke(args=["trainer", "--once"])
    champion = registry.champion()
    assert champion is not None
    found = runner.invoke(args=["challenge", "--tune", "0.5"])
    assert found.exit_code == 0, found.output
    assert "rows of 60 users" in found.output
    assert "Searched with" in found.output
    challenger = registry.challenger()
    if challenger is None:
        assert "nothing better than the champion's settings was found" in found.output
    else:
        assert challenger.config["alpha"] == champion.config["alpha"] or "alpha" in found.output
    assert runner.invoke(args=["challenge", "--tune", "0"]).exit_code == 2
