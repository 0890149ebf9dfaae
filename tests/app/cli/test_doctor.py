"""`flask doctor` says ok of a sound deployment, and of each thing that is wrong what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import checks, site
from app.models.locks import trainer_lock
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.sqlite_faults import has_wal_reset_race
from app.store.writing.lock import RESTORE_MARK
from app.visitors import new_visitor
from tests.app.backup.test_backup import _click
from tests.app.learn.versions import publish_version
from tests.app.measure.traffic import Traffic

Damage = Callable[[Settings], object]


@pytest.fixture
def sound(settings: Settings, database: Path) -> Settings:
    """A deployment in which nothing is wrong: a database, one click, one published model, a secret key."""
    sound = replace(settings, secret_key="", admin_password="")
    sound.var.chmod(0o700)
    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:
        _click(writer, new_visitor(settings, now=0.0), 1)
    publish_version(sound, Registry(sound))
    return sound


def _doctor(settings: Settings) -> tuple[int, dict[str, str]]:
    """Exit code and the line of each check, by its name."""
    app = Flask("test")
    app.config["SETTINGS"] = settings
    site.register(app)
    runner: FlaskCliRunner = app.test_cli_runner()
    result = runner.invoke(args=["doctor"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    lines = result.output.splitlines()[1:]
    return result.exit_code, {line[6:].split(":")[0]: line for line in lines}


def test_of_a_sound_deployment_every_line_is_ok(sound: Settings) -> None:
    code, lines = _doctor(sound)
    assert code == 0
    assert list(lines) == list(checks.CHECKS)
    assert {line[:6] for line in lines.values()} == {"ok    "}
    assert lines["database"] == "ok    database: 60 items, 1 visitor, 1 event"
    assert lines["registry"] == "ok    registry: 1 version, 1 step"


def _overwrite(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _damage_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 100] = b"\xff" * 100
    path.write_bytes(content)


def _unknown_migration(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.event_database)) as conn, conn:
        conn.execute("UPDATE _sqlite_migrations SET name = 'm999' WHERE name LIKE 'm001%'")


def _future_event(settings: Settings) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        _click(writer, new_visitor(settings, now=0.0), int(time.time()) + 86_400)


def _many_events(settings: Settings) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        traffic = Traffic(writer, 2.0)
        for number in range(2 * settings.publish_min_events):
            traffic.visitor(f"guest-{number}", "treatment", origin="imported")
            traffic.event(f"guest-{number}", 1, "click", origin="imported")


def _lose_pointer(settings: Settings) -> None:
    (settings.models_folder / "current.json").unlink()


def _first_refused(settings: Settings) -> None:
    _lose_pointer(settings)
    Registry(settings).change(1, state="refused", verdict="Refused, because it does not surely beat popularity.")


@pytest.mark.parametrize(
    ("name", "damage", "fix"),
    [
        ("rights", lambda s: (s.var.chmod(0o755), s.event_database.chmod(0o644)), "run `chmod -R go= "),
        ("lock", lambda s: (s.var / RESTORE_MARK).write_text("before-restore-1"), "run the same `flask restore` again"),
        ("database", lambda s: s.event_database.unlink(), "run `flask init-db`"),
        ("database", lambda s: _overwrite(s.event_database, b"garbage" * 1_000), "cannot be read as an event database"),
        ("database", lambda s: _damage_page(s.event_database), "database"),
        ("database", _unknown_migration, "flask init-db"),
        ("clock", _future_event, "before the newest event; set it (NTP)"),
        ("registry", lambda s: _overwrite(s.registry_database, b"garbage" * 1_000), "start the trainer, which sets it"),
        ("registry", _lose_pointer, "start the trainer, it fixes that"),
        ("model", _lose_pointer, "run `flask trainer --once`"),
        ("model", _first_refused, "version 1: Refused, because it does not surely beat popularity."),
        ("model", lambda s: _overwrite(s.models_folder / "current.json", b"["), "flask models promote"),
        ("model", lambda s: shutil.rmtree(s.models_folder / "1"), "no readable manifest.json"),
        ("model", _many_events, "no trainer runs: start `flask trainer`"),
        ("secrets", lambda s: _overwrite(s.var / "secret_key", b""), "secret_key is empty or shorter"),
        ("secrets", lambda s: _overwrite(s.var / "admin-password", b"\n"), "admin-password is empty or shorter"),
        ("secrets", lambda s: _overwrite(s.var / "erasure_key", b"x"), "put it back from a backup"),
        ("leftovers", lambda s: (s.var / ".events.gz.x1.part").write_text(""), "remove it"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(sound: Settings, name: str, damage: Damage, fix: str) -> None:
    damage(sound)
    code, lines = _doctor(sound)
    assert code == 1
    assert lines[name].startswith("FAIL  ")
    assert fix in lines[name]


def test_a_disk_that_is_nearly_full_is_said(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100 * 2**20))
    code, lines = _doctor(sound)
    assert code == 1
    assert lines["disk"].startswith("FAIL  disk: 100 MiB are free and 256 MiB should be")


def test_a_weak_secret_of_the_environment_is_said(sound: Settings) -> None:
    code, lines = _doctor(replace(sound, secret_key="short"))
    assert code == 1
    assert "fewer than 16 characters" in lines["secrets"]


def test_who_runs_is_said_and_while_the_trainer_runs_the_gate_is_asked(sound: Settings) -> None:
    _many_events(sound)
    with Store(sound.event_database) as store, store.open_writer(), trainer_lock(sound.var):
        code, lines = _doctor(sound)
    assert code == 1
    assert lines["lock"] == "ok    lock: the site runs, the trainer runs"
    assert "see `flask models list` for what the gate said" in lines["model"]


def test_what_an_erasure_does_not_reach_is_named(sound: Settings) -> None:
    (sound.var / "before-restore-17").mkdir()
    code, lines = _doctor(sound)
    assert code == 0
    assert "before-restore-17 may be removed; an erasure does not reach" in lines["leftovers"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_named(sound: Settings) -> None:
    os.chown(sound.registry_database, 12345, -1)
    code, lines = _doctor(sound)
    assert code == 1
    assert "registry.db belongs to another user" in lines["rights"]


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 50, 6), (3, 51, 2)])
def test_a_version_with_the_wal_reset_race_is_known(version: tuple[int, int, int]) -> None:
    assert has_wal_reset_race(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0)])
def test_a_version_without_it_is_not_blamed(version: tuple[int, int, int]) -> None:
    assert not has_wal_reset_race(version)
