"""Imports go the way the floor plan draws them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_ROOMS = {"store", "catalog", "visitors", "serve", "record", "learn", "measure", "web"}

# Files that only commands reach; they alone may speak to `seed_data`.
_COMMANDS = {"commands.py", "first_traffic.py"}

# What each room of the app may import, beside itself, the settings and third parties.
_ALLOWED: dict[str, set[str]] = {
    "store": {"catalog", "visitors"},
    "catalog": {"store"},
    "visitors": {"store"},
    "record": {"store", "catalog", "visitors"},
    "learn": {"store", "catalog", "recommender", "visitors"},
    "serve": {"store", "catalog", "visitors", "recommender", "learn.publish"},
    "measure": {"store", "catalog", "visitors", "learn", "recommender"},
    "web": {
        "serve",
        "record",
        "measure",
        "catalog",
        "visitors",
        "store",
        "flywheel",
        "learn.publish",
        "learn.errors",
        "secret",
    },
}


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


def _wrong_way(room: str, name: str, *, is_command: bool) -> bool:
    top = name.split(".")[0]
    if top == "seed_data":
        return not is_command
    if top in {"benchmarks", "tests"}:
        return True
    if top == "recommender":
        return "recommender" not in _ALLOWED[room]
    if top != "app":
        return False
    inner = name.split(".")[1:]
    if not inner or inner[0] == room or inner[0] in {"settings"}:
        return False
    if is_command and inner[0] in _ROOMS - {"web"}:
        return False
    allowed = _ALLOWED[room]
    return inner[0] not in allowed and ".".join(inner[:2]) not in allowed


@pytest.mark.parametrize("path", _sources("recommender"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_knows_neither_the_app_nor_flask_nor_sqlite(path: Path) -> None:
    forbidden = {"app", "flask", "sqlite3", "sqlite_utils", "seed_data", "benchmarks", "pydantic", "structlog"}
    assert not {name.split(".")[0] for name in _imports(path)} & forbidden


@pytest.mark.parametrize("room", sorted(_ROOMS))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _sources(f"app/{room}")
        for name in _imports(path)
        if _wrong_way(room, name, is_command=path.name in _COMMANDS)
    ]
    assert not wrong


def test_seed_data_takes_only_the_item_and_its_looks_from_the_app() -> None:
    taken = {name for path in _sources("seed_data") for name in _imports(path) if name.split(".")[0] == "app"}
    assert taken <= {"app.values.item.Item", "app.catalog.artwork.palettes.PALETTES"}


def test_sql_lives_in_the_store() -> None:
    speakers = [
        str(path.relative_to(ROOT))
        for path in _sources("app")
        if "app/store/" not in path.as_posix()
        and {"sqlite3", "sqlite_utils"} & {name.split(".")[0] for name in _imports(path)}
    ]
    assert not speakers
