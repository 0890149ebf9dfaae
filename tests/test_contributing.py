"""The recipes of CONTRIBUTING.md work: each is followed word for word on a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seed_data.templates import load_templates

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w+)(?: (\w+)(?:=(\S+))?)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of databases with a small history."""
    var = tmp_path_factory.mktemp("recipes") / "var"
    _run(ROOT, var, "-m", "flask", "--app", "app", "seed", "--visitors", "20", "--draw", "0")
    return var


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the parts of the tree that recipes touch or run, with kernels that are compiled already."""
    for name in ("app", "recommender", "seed_data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    return tmp_path


@pytest.mark.parametrize(
    ("recipe", "shows"),
    [
        ("Add a command", max((item.title for item in load_templates()), key=len)),
        ("Add a risk indicator", "untouched items"),
        ("Add a shelf", "True"),
        ("Add a kernel", "agree: True"),
    ],
)
def test_a_recipe_does_what_it_says(recipe: str, shows: str, tree: Path, seeded: Path) -> None:
    section = DOCUMENT.split(f"### {recipe}\n", 1)[1].split("\n### ", 1)[0]
    printed = ""
    for language, word, path, text in _BLOCK.findall(section):
        if language == "diff":
            _apply(tree / path, text)
        elif word == "file":
            (tree / path).write_text(text, encoding="utf-8")
        elif word == "append":
            with (tree / path).open("a", encoding="utf-8") as file:
                file.write(text)
        elif word == "check":
            printed = _run(tree, seeded, "-c", text)
        elif language == "sh":
            printed = _run(tree, seeded, "-m", *text.replace("flask", "flask --app app", 1).split(), may_fail=True)
    assert shows in printed, printed
    assert "Traceback" not in printed


def _apply(path: Path, diff: str) -> None:
    """Insert the added lines of each hunk after its one line of context, which must be in the file once."""
    lines = path.read_text(encoding="utf-8").split("\n")
    context = ""
    added: list[str] = []
    for line in [*diff.split("\n"), " "]:
        if line.startswith("+"):
            added.append(line[1:])
            continue
        if added:
            assert lines.count(context) == 1, f"{context!r} stands {lines.count(context)} times in {path.name}"
            at = lines.index(context) + 1
            lines[at:at] = added
            added = []
        if line.strip():
            context = line[1:]
    path.write_text("\n".join(lines), encoding="utf-8")


def _run(folder: Path, var: Path, *arguments: str, may_fail: bool = False) -> str:
    """What a Python in `folder` prints, errors included."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "FLYWHEEL_VAR": str(var)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert may_fail or done.returncode == 0, done.stderr
    return done.stdout + done.stderr
