"""Databases, models and secrets are for the user that runs the site, and for nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.files import open_to_others
from app.models.publish import recover
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.items import insert_items
from app.values.item import Item
from tests.app.learn.versions import publish_version


@pytest.fixture(autouse=True)
def _common_umask() -> Iterator[None]:
    """The rights that most systems give to a new file: everybody may read it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _others_can_reach(folder: Path) -> list[str]:
    """What is below a folder and neither private itself nor in a private folder below it."""
    found = []
    for path in sorted(folder.iterdir()):
        if not open_to_others(path):
            continue
        found += [path.name]
    return found


def test_what_a_site_makes_is_private_in_a_folder_that_is_not(settings: Settings, items: list[Item]) -> None:
    settings.var.chmod(0o755)
    with Store.create(settings.event_database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, items))
    registry = Registry(settings)
    recover(settings, registry)
    publish_version(settings, registry)
    site = create_app(replace(settings, secret_key="")).extensions["flywheel"]
    parts = site.open()
    parts.store.reader().execute("SELECT count(*) FROM items").fetchone()
    names = {path.name for path in settings.var.iterdir()}
    assert {"events.db", "events.db-shm", "registry.db", "models", "secret_key", "admin-password"} <= names
    assert _others_can_reach(settings.var) == []
    site.close()


def test_what_an_older_version_left_open_is_closed_at_the_next_start(settings: Settings, database: Path) -> None:
    registry = Registry(settings)
    publish_version(settings, registry)
    for path in settings.var.iterdir():
        path.chmod(0o755 if path.is_dir() else 0o644)
    with Store(database) as store, store.open_writer():
        pass
    recover(settings, registry)
    registry.note()
    assert _others_can_reach(settings.var) == []


def test_a_new_var_folder_is_private(settings: Settings, tmp_path: Path) -> None:
    var = tmp_path / "new" / "var"
    Store.create(replace(settings, var=var).event_database).close()
    assert not open_to_others(var)
