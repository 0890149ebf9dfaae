"""Imports go the way the floor plan draws them: down, never up, and without exemptions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

_LAYERS: tuple[tuple[str, ...], ...] = (
    ("setting_rows", "values"),
    ("settings", "files", "logs", "periodic", "signing"),
    ("store", "secret", "crowd"),
    ("models", "catalog", "visitors", "keys"),
    ("record", "serve", "measure", "backup", "export"),
    ("jobs", "learn", "parts"),
    ("flywheel",),
    ("server",),
    ("web", "cli"),
)
"""Rooms of the app from the bottom up. A room imports itself and the layers below its own."""

_WIRING = {"__init__", "__main__"}
"""The factory and the start of the process put the rooms together, so they import any of them."""

# Where a layer below is open to a room in part only.
_ONLY_PART = {("learn", "measure"): ("app.measure.evaluation",)}
# Rooms below that a room must not know, although they lie below it: pages read what is published, never who made it.
_NOT = {("learn", "serve"), ("learn", "record"), ("web", "learn")}
_USES_RECOMMENDER = {"models", "serve", "measure", "learn", "server", "cli"}
_USES_SEED_DATA = {"cli"}


def _imports(path: Path) -> Iterator[str]:
    """Absolute names that a file imports, at any depth of the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write absolute imports, so that directions can be read"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _room(path: Path) -> str:
    first = path.relative_to(ROOT / "app").parts[0]
    return first.removesuffix(".py")


def _layer(room: str) -> int:
    return next(height for height, rooms in enumerate(_LAYERS) if room in rooms)


def _may_import(room: str, name: str) -> bool:
    top, *inner = name.split(".")
    if top == "recommender":
        return room in _USES_RECOMMENDER
    if top == "seed_data":
        return room in _USES_SEED_DATA
    if top in {"benchmarks", "tests"}:
        return False
    if top != "app" or not inner or inner[0] == room:
        return True
    if inner[0] not in {other for rooms in _LAYERS for other in rooms}:
        return room == "cli"  # the factory
    if (room, inner[0]) in _NOT:
        return False
    parts = _ONLY_PART.get((room, inner[0]))
    if parts is not None:
        return name.startswith(parts)
    return _layer(inner[0]) < _layer(room)


def test_every_room_of_the_app_has_a_layer(capsys: pytest.CaptureFixture[str]) -> None:
    rooms = {_room(path) for path in _sources("app")} - _WIRING
    assert rooms == {room for layer in _LAYERS for room in layer}
    with capsys.disabled():
        print("\nlayers, from the top:", "  →  ".join(", ".join(layer) for layer in reversed(_LAYERS)))


@pytest.mark.parametrize("path", _sources("recommender"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_knows_neither_the_app_nor_flask_nor_sqlite(path: Path) -> None:
    forbidden = {
        "app",
        "flask",
        "sqlite3",
        "sqlite_utils",
        "psycopg",
        "seed_data",
        "benchmarks",
        "pydantic",
        "structlog",
    }
    assert not {name.split(".")[0] for name in _imports(path)} & forbidden


def test_training_on_spark_knows_the_library_alone() -> None:
    known = {"recommender", "recommender_spark", "numpy", "pyspark", "pyarrow"}
    taken = {name.split(".")[0] for path in _sources("recommender_spark") for name in _imports(path)}
    assert taken - known <= sys.stdlib_module_names


@pytest.mark.parametrize("room", sorted(room for layer in _LAYERS for room in layer))
def test_a_room_imports_only_the_layers_below_it(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _sources("app")
        if _room(path) == room
        for name in _imports(path)
        if not _may_import(room, name)
    ]
    assert not wrong


def test_the_app_has_no_circle_of_modules() -> None:
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in _sources("app")}
    modules = {name.removesuffix(".__init__"): path for name, path in modules.items()}
    graph = {
        name: {found for taken in _top_imports(path) for found in _targets(taken, modules) if found != name}
        for name, path in modules.items()
    }
    assert _circle(graph) == []


def test_seed_data_takes_only_values_from_the_app() -> None:
    taken = {name for path in _sources("seed_data") for name in _imports(path) if name.split(".")[0] == "app"}
    assert all(name.startswith("app.values.") for name in taken), taken


def test_sql_lives_in_the_store_and_beside_the_registry_of_models() -> None:
    speakers = [
        str(path.relative_to(ROOT))
        for path in _sources("app")
        if _room(path) not in {"store", "models"}
        and {"sqlite3", "sqlite_utils", "psycopg", "psycopg_pool"} & {name.split(".")[0] for name in _imports(path)}
    ]
    assert not speakers


def _top_imports(path: Path) -> Iterator[str]:
    """Names that a file imports as it is loaded: not within a function, not for types alone."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _targets(name: str, modules: dict[str, Path]) -> set[str]:
    """The module that `name` is, or is a name of. Its packages are left out: their faces import downwards."""
    parent = name.rpartition(".")[0]
    return {name} if name in modules else {parent} & modules.keys()


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Some circle of `graph` as a path that ends where it begins, or an empty list."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph.get(name, ())):
            found = visit(other, [*path, name])
            if found:
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := visit(name, []))), [])
