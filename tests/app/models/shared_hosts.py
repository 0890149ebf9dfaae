"""Hosts that share models, the storages by which they do, and what can happen to these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.models.current import CHALLENGER_POINTER
from app.models.errors import StorageUnavailableError
from app.models.objects import Objects, open_objects
from app.models.registry import Registry
from app.models.watch import CurrentModelWatch
from app.serve.model_holder import ModelHolder
from app.settings import Settings, load_settings
from app.store import Store
from tests.app.learn.versions import marked_as
from tests.object_server import ObjectServer, object_server
from tests.postgres_server import PostgresServer

__all__ = [
    "Cut",
    "Host",
    "away",
    "change",
    "database_url",
    "elsewhere",
    "objects",
    "place",
    "registry",
    "server",
    "settings",
]


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    """A server of objects of this module."""
    with object_server() as server:
        yield server


@pytest.fixture
def database_url(postgres: PostgresServer, postgres_template: str) -> str:
    """A database of the test's own."""
    return postgres.new_database(postgres_template)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new storage, empty: the value of the setting `artifacts`."""
    if request.param == "folder":
        (tmp_path / "shared").mkdir()
        return str(tmp_path / "shared")
    server: ObjectServer = request.getfixturevalue("server")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{server.new_bucket()}/flywheel/models"


@pytest.fixture
def settings(var: Path, database_url: str, place: str) -> Settings:
    """Those of the host that trains."""
    own = {"var": var, "secret_key": "test", "database_url": database_url, "artifacts": place, "keep_versions": 3}
    return load_settings(environment={}, overrides=own)


@pytest.fixture
def objects(place: str) -> Objects:
    """What is in the storage, as it is."""
    return open_objects(place)


@pytest.fixture
def registry(settings: Settings) -> Registry:
    """The registry as the host that trains sees it."""
    return Registry(settings)


@dataclass
class Host:
    """Another host of the same site, with a var folder of its own."""

    settings: Settings
    registry: Registry
    models: ModelHolder

    @property
    def serves(self) -> int | None:
        """The version that its pages have, after a look."""
        self.models.poll()
        served = self.models.served
        if served is None:
            return None
        assert marked_as(served.model) == served.version
        return served.version


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Host]:
    """A host that serves pages."""
    own = replace(settings, var=tmp_path / "elsewhere")
    own.var.mkdir()
    with Store(own.database) as store:
        registry = Registry(own, store.reader)
        now = iter(range(0, 1_000_000, 100))
        watches = [
            CurrentModelWatch(registry.storage, name, clock=lambda: float(next(now)))
            for name in ("current.json", CHALLENGER_POINTER)
        ]
        yield Host(own, registry, ModelHolder(watches[0], challenger_watch=watches[1]))


def change(objects: Objects, tmp_path: Path, artifact: str, name: str, how: Callable[[bytes], bytes]) -> bytes:
    """Change a stored file behind everybody's back; returns what it was."""
    file = tmp_path / "changed"
    objects.get(artifact, name, file)
    before = file.read_bytes()
    file.write_bytes(how(before))
    objects.put(artifact, name, file)
    return before


class Cut:
    """A storage that goes away with the n-th file that is put, or gives back another file than it was given."""

    def __init__(self, objects: Objects, puts: int, lies: bool = False) -> None:
        self._objects, self._puts, self._lies = objects, puts, lies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def put(self, folder: str, name: str, file: Path) -> None:
        self._puts -= 1
        if self._puts < 0:
            raise StorageUnavailableError(ConnectionResetError("cut"))
        self._objects.put(folder, name, file)

    def get(self, folder: str, name: str, file: Path) -> None:
        self._objects.get(folder, name, file)
        if self._lies:
            file.write_bytes(file.read_bytes()[:-1])


@contextmanager
def away(place: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """The storage is not there within the block."""
    if place.startswith("s3://"):
        server: ObjectServer = request.getfixturevalue("server")
        server.stop()
        yield
        server.start()
    else:
        Path(place).rename(f"{place}-away")
        yield
        Path(f"{place}-away").rename(place)
