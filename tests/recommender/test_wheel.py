"""The wheel is the library alone, and works where there is nothing else of this project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

ROOT = Path(__file__).parent.parent.parent
FOREIGN = ("app", "seed_data", "flask", "werkzeug", "pydantic", "sqlite3", "sqlite_utils", "structlog")

WITHOUT_THE_SITE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {FOREIGN}:
            raise ModuleNotFoundError(f"{{name}} is not installed here", name=name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, sys.argv[1])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from a copy, as setuptools leaves folders in what it builds from."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for package in ("recommender", "recommender_spark", "app"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*build, "--wheel-dir", str(built), str(source)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages that holds the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, program: str, **variables: str) -> str:
    """What a program prints that sees the wheel and its dependencies, and nothing else of this project."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_SITE + program, str(installed)],
        cwd=installed.parent, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def snippet() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return found


def test_it_holds_the_library_alone_and_says_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        sources = {name: archive.read(name).decode() for name in names if name.endswith(".py")}
        (metadata,) = (archive.read(name).decode() for name in names if name.endswith("/METADATA"))
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "recommender",
        "recommender_spark",
        "recommender_flywheel",
    }
    packages = ("recommender", "recommender_spark")
    in_the_tree = {str(path.relative_to(ROOT)) for package in packages for path in (ROOT / package).rglob("*.py")}
    assert set(sources) == in_the_tree
    assert "recommender/py.typed" in names
    imports = re.compile(rf"^\s*(?:from|import)\s+(?:{'|'.join(FOREIGN)})\b", re.MULTILINE)
    assert not [name for name, source in sources.items() if imports.search(source)]
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    required = {line.split(":")[1].split(">")[0].strip() for line in needs}
    assert required == {"implicit", "numba", "numpy", "scipy", "threadpoolctl"}


def test_the_readme_snippet_runs_where_there_is_neither_flask_nor_sqlite(installed: Path) -> None:
    # Without compiling, which takes most of the time: the next test has kernels compiled from the wheel.
    seen = run(installed, snippet() + "\nimport recommender; print(recommender.__file__)", NUMBA_DISABLE_JIT="1")
    assert seen.split()[0] == "butter"
    assert seen.splitlines()[-1] == str(installed / "recommender" / "__init__.py")


def test_it_works_where_nothing_may_be_written(installed: Path, tmp_path: Path) -> None:
    """An installed folder that is read-only, and a home in which no folder can be made (also for root)."""
    package = tmp_path / "packages"
    shutil.copytree(installed, package, ignore=shutil.ignore_patterns("__pycache__"))
    # Root may write to any folder, so what would hold a cache is a file instead.
    in_the_way = package / "recommender" / "__pycache__"
    in_the_way.write_text("in the way")
    home = tmp_path / "home"
    home.write_text("in the way")
    for path in (*package.rglob("*"), package):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        found = run(
            package,
            snippet(),
            HOME=str(home),
            XDG_CACHE_HOME=str(home / "cache"),
            NUMBA_CACHE_DIR="",
            PYTHONDONTWRITEBYTECODE="1",
        )
    finally:
        for path in (package, *package.rglob("*")):
            path.chmod(0o755)
    assert found.split()[0] == "butter"
    assert in_the_way.read_text() == "in the way"
    assert home.read_text() == "in the way"
