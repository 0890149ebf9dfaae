"""The registry's schema: made anew, brought up to date with its rows kept, and read before that."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.models import registry_file, registry_schema
from app.models.errors import RegistryDamagedError, RegistryError
from app.models.publish import recover
from app.models.registry import Registry
from app.models.registry_file import open_registry_to_read
from app.models.registry_rows import ModelVersion, Step, read_steps
from app.settings import Settings
from tests.app.learn.versions import add_version, publish_version

OLD_ROW = "(1, 50.0, 'fit', 'champion', NULL, 9, 8, 7, 6, '{}', 'abc', 'code', '{}', '{}', 'Passed.', '1', 'sum')"


@pytest.fixture
def old_registry(settings: Settings) -> Path:
    """A registry as the first release made it, with one published version and one refused."""
    path = settings.registry_database
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.executescript(registry_schema._MODELS)
        conn.execute(f"INSERT INTO models VALUES {OLD_ROW}")
        conn.execute(f"INSERT INTO models VALUES {OLD_ROW.replace('(1', '(2').replace('champion', 'refused')}")
    return path


@pytest.mark.usefixtures("old_registry")
def test_an_old_registry_is_read_as_it_is(settings: Settings) -> None:
    registry = Registry(settings)
    assert [row.version for row in registry.versions()] == [2, 1]
    assert registry.champion() is not None
    assert registry.challenger() is None
    assert registry.steps() == []


@pytest.mark.usefixtures("old_registry")
def test_the_first_write_brings_it_up_to_date_and_keeps_its_rows(settings: Settings) -> None:
    registry = Registry(settings)
    before = registry.versions()
    registry.note(Step(1, 60.0, "by hand", "a test", "Looked at.", {"n": 3}))
    after = registry.versions()
    states = [(row.version, row.state, row.published_at) for row in after]
    assert states == [(2, "refused", None), (1, "champion", 50.0)]
    for name in ModelVersion.__dataclass_fields__:
        if name != "published_at":
            assert [getattr(row, name) for row in before] == [getattr(row, name) for row in after]
    assert registry.steps() == [Step(1, 60.0, "by hand", "a test", "Looked at.", {"n": 3})]


def test_an_upgrade_that_is_interrupted_leaves_the_old_registry(
    old_registry: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_schema, "_TRIALS", registry_schema._TRIALS + "; NONSENSE")
    registry = Registry(settings)
    with pytest.raises(RegistryError, match="NONSENSE"):
        registry.note()
    conn = open_registry_to_read(old_registry)
    assert conn is not None
    with closing(conn):
        assert read_steps(conn) == []
        assert conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'steps'").fetchone()[0] == 0
    assert [row.version for row in registry.versions()] == [2, 1]


def test_a_registry_of_version_0_1_goes_on_with_what_it_has(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.registry_database)) as conn, conn:
        conn.executescript(registry_schema._MODELS + registry_schema._TRIALS)
        conn.execute("PRAGMA user_version = 2")
        conn.execute(f"INSERT INTO models VALUES {OLD_ROW[:-1]}, 50.0)")
    registry = Registry(settings)
    registry.note(Step(1, 60.0, "by hand", "a test", "Looked at.", {"n": 3}))
    assert [(row.version, row.published_at) for row in registry.versions()] == [(1, 50.0)]
    assert [step.step for step in registry.steps()] == ["by hand"]


def test_a_registry_of_newer_code_is_left_alone(settings: Settings) -> None:
    registry = Registry(settings)
    registry.note()
    with closing(sqlite3.connect(settings.registry_database)) as conn, conn:
        row = ("registry", "m999_of_the_future", "2999-01-01")
        conn.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", row)
    with pytest.raises(RegistryError, match=r"registry\.db was written by newer code"):
        registry.note()


def test_steps_come_newest_first_of_one_version_or_all(settings: Settings) -> None:
    registry = Registry(settings)
    registry.note(*(Step(number, 10.0 * number, "filed", "trainer", "Made.") for number in (1, 2, 3, 2)))
    assert [step.version for step in registry.steps()] == [2, 3, 2, 1]
    assert [step.version for step in registry.steps(limit=2)] == [2, 3]
    assert [step.version for step in registry.steps(version=2)] == [2, 2]


def test_an_unknown_step_or_a_second_challenger_is_refused(settings: Settings) -> None:
    registry = Registry(settings)
    with pytest.raises(RegistryError):
        registry.note(Step(1, 0.0, "wished for", "trainer", "."))
    add_version(settings, registry, "challenger")
    with pytest.raises(RegistryError):
        add_version(settings, registry, "challenger")
    assert len(registry.versions()) == 1


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 400)


def _damaged_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 200] = b"\xff" * 200
    path.write_bytes(content)


def _damaged_json(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE models SET metrics = '{'")


def _other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("CREATE TABLE models (name TEXT)")
        conn.execute("PRAGMA user_version = 2")


def _artifact_outside(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE models SET artifact = '..' WHERE version = 1")


DAMAGES = [_garbage, _damaged_page, _damaged_json, _other_database, _artifact_outside]


@pytest.fixture
def published(settings: Settings) -> Registry:
    """A registry with two versions, the second published."""
    registry = Registry(settings)
    for _ in range(2):
        publish_version(settings, registry)
    return registry


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_registry_is_named_with_its_mend(
    settings: Settings, published: Registry, damage: Callable[[Path], None]
) -> None:
    assert published.check() == "2 versions, 2 steps"
    damage(settings.registry_database)
    with pytest.raises(RegistryDamagedError, match=r"(?s)registry\.db .*start the trainer"):
        published.check()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_registry_is_set_aside_and_made_anew_around_what_is_published(
    settings: Settings, published: Registry, damage: Callable[[Path], None]
) -> None:
    damage(settings.registry_database)
    broken = settings.registry_database.read_bytes()
    fixed = recover(settings, published)
    assert "it is kept as registry.db.damaged-" in fixed[0]
    champion = published.champion()
    assert champion is not None
    assert champion.version == 2
    assert published.next_version() == 3
    (kept,) = settings.var.glob("registry.db.damaged-*")
    assert kept.read_bytes() == broken
    assert recover(settings, published) == []


def test_a_registry_of_newer_code_is_no_damage(settings: Settings, published: Registry) -> None:
    with closing(sqlite3.connect(settings.registry_database)) as conn, conn:
        row = ("registry", "m999_of_the_future", "2999-01-01")
        conn.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", row)
    assert published.set_aside_if_damaged(0.0) == []
    with pytest.raises(RegistryError, match="newer code") as caught:
        published.note(Step(1, 60.0, "by hand", "a test", "Looked at."))
    assert not isinstance(caught.value, RegistryDamagedError)


def test_a_registry_that_is_busy_is_no_damage(
    settings: Settings, published: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_file, "BUSY_TIMEOUT_S", 0.0)
    with closing(sqlite3.connect(settings.registry_database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RegistryError, match="locked") as caught:
            published.set_aside_if_damaged(0.0)
        assert not isinstance(caught.value, RegistryDamagedError)
    assert published.champion() is not None
