"""The library's rooms: what lies at its top, what imports what, and twins that have the signatures of their kernels."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent.parent / "recommender"
SOURCES = {
    ".".join(("recommender", *path.relative_to(LIBRARY).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(LIBRARY.rglob("*.py"))
}


def imports(path: Path) -> set[str]:
    """The modules of the library that a file imports, at any depth of the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names & set(SOURCES)


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {name: imports(path) - {name} for name, path in SOURCES.items()}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
    assert order[-1] == "recommender", "the public face imports everything, and nothing imports it"


def test_the_top_can_be_seen_at_a_glance() -> None:
    top = [path.name for path in LIBRARY.iterdir() if path.name != "__pycache__"]
    assert len(top) <= 14, sorted(top)
    for folder in [LIBRARY, *(path for path in LIBRARY.iterdir() if path.is_dir())]:
        assert len(list(folder.glob("*.py"))) <= 20, folder


def test_a_wheel_holds_every_folder() -> None:
    settings = tomllib.loads((LIBRARY.parent / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = [LIBRARY, LIBRARY.parent / "recommender_spark"]
    folders = {path.parent.relative_to(LIBRARY.parent) for root in shipped for path in root.rglob("__init__.py")}
    assert settings["tool"]["setuptools"]["packages"] == sorted(".".join(folder.parts) for folder in folders)


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in SOURCES.items()}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


KERNEL_FILES = [name for name in SOURCES if name.endswith("_kernels")]


VECTORS = ["recommender.als.tiles", "recommender.topk.exact_sums", "recommender.topk.packed_products"]
"""Files that name vectors for kernels, with the same in Python's own arithmetic."""


def modules_without_annotations() -> list[str]:
    """The modules that pyproject.toml excuses from annotations, because numba types their functions."""
    settings = tomllib.loads((LIBRARY.parent / "pyproject.toml").read_text(encoding="utf-8"))
    overrides = settings["tool"]["mypy"]["overrides"]
    found = [override["module"] for override in overrides if override.get("disallow_untyped_defs") is False]
    assert len(found) == 1, "one list, so that there is one place to look"
    return list(found[0])


def test_the_type_checker_excuses_every_kernel_and_nothing_else() -> None:
    wanted = sorted([*KERNEL_FILES, *VECTORS])
    assert modules_without_annotations() == wanted, "pyproject.toml lists the files of kernels, in this order"


def test_kernels_lie_in_files_that_are_named_after_them() -> None:
    compiled = [name for name, path in SOURCES.items() if "\n@kernel(" in path.read_text(encoding="utf-8")]
    assert compiled == KERNEL_FILES


TWINS = [name for name in SOURCES if name.endswith(".twins")]


def kernels_beside(twins: str) -> dict[str, inspect.Signature]:
    """The compiled functions of the package that a module of twins lies in, by name."""
    found = {}
    for name, path in SOURCES.items():
        if name.startswith(twins.removesuffix("twins")) and "@kernel(" in path.read_text(encoding="utf-8"):
            for kernel_name, function in vars(importlib.import_module(name)).items():
                plain = getattr(function, "py_func", function)
                if inspect.isfunction(plain) and plain.__module__ == name:
                    found[kernel_name] = inspect.signature(plain)
    return found


@pytest.mark.parametrize("twins", TWINS)
def test_a_twin_has_the_name_and_the_arguments_of_a_kernel_beside_it(twins: str) -> None:
    module, kernels = importlib.import_module(twins), kernels_beside(twins)
    compared = 0
    for name, function in vars(module).items():
        if inspect.isfunction(function) and function.__module__ == twins and name not in PARTS:
            assert list(inspect.signature(function).parameters) == list(kernels[name].parameters), name
            compared += 1
    assert compared >= 3


PARTS = {"exact_scores", "write_best", "dense"}
"""What twins are made of: all exact scores at once, the sort of them, and codes as a table."""
