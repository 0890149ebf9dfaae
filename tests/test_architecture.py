"""The map in docs/architecture.md leads to places that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

MAX_LINES = 300
"""Lines of a Python file beyond which it holds more than one idea."""

MAX_FILES = 24
"""Python files of a folder beyond which nobody finds one by its name."""

TEXTS = {".css", ".html", ".js", ".json", ".jsonl", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
"""Endings of files that people write."""

SOURCES = ("app", "recommender", "recommender_spark", "seed_data", "benchmarks", "examples", "tests")


def _section(title: str) -> str:
    return DOCUMENT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


CHANGES = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", _section("Where to change what"), re.MULTILINE)


def test_the_map_answers_six_questions() -> None:
    assert len(CHANGES) >= 6


@pytest.mark.parametrize(("change", "path", "symbol"), CHANGES, ids=[change for change, _, _ in CHANGES])
def test_what_is_to_be_changed_is_where_the_map_says(change: str, path: str, symbol: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^\s*(?:def|class) {symbol}\b|^\s*{symbol}\b\s*[:=]", source, re.MULTILINE), change


def test_every_room_of_the_map_exists_and_every_room_is_on_the_map() -> None:
    named = set(re.findall(r"^\| `([a-z_/]+)/`", _section("Rooms"), re.MULTILINE))
    assert all((ROOT / room).is_dir() for room in named)
    rooms = {
        f"app/{path.name}" for path in (ROOT / "app").iterdir() if path.is_dir() and (path / "__init__.py").exists()
    }
    assert rooms <= named


def test_every_file_that_the_text_names_exists() -> None:
    files = re.findall(r"`((?:app|recommender|tests|docs|seed_data|benchmarks)/[\w/]+\.(?:py|toml|md))`", DOCUMENT)
    missing = [name for name in files if not (ROOT / name).is_file()]
    assert not missing


def _python_files() -> Iterator[Path]:
    """Python files of the project: those at its top and those below its folders of sources, by path from the top."""
    for path in (*ROOT.glob("*.py"), *(path for name in SOURCES for path in (ROOT / name).rglob("*.py"))):
        yield path.relative_to(ROOT)


def test_no_python_file_is_longer_than_one_idea() -> None:
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in _python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_folder_has_more_python_files_than_one_can_survey() -> None:
    files = Counter(str(path.parent) for path in _python_files())
    assert {folder: count for folder, count in files.items() if count > MAX_FILES} == {}


def test_no_text_holds_both_sides_of_a_merge() -> None:
    mark = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    texts = [path for folder in (*SOURCES, "docs", "deploy") for path in (ROOT / folder).rglob("*.*")]
    texts = [path for path in (*ROOT.glob("*.*"), *texts) if path.suffix in TEXTS]
    assert [path.relative_to(ROOT) for path in texts if mark.search(path.read_text(encoding="utf-8"))] == []


def test_decisions_are_numbered_in_their_order() -> None:
    numbers = [
        int(found) for found in re.findall(r"^## (\d+)\. ", (ROOT / "docs" / "decisions.md").read_text("utf-8"), re.M)
    ]
    assert numbers == list(range(1, len(numbers) + 1))
