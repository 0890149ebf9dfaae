"""docs/asvs.md names every requirement of ASVS 5, level 1, once, and for each that applies a test that exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVEL_1 = re.findall(
    r"[0-9.]+",
    """
    1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2
    3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1
    6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 10.4.1 10.4.2 10.4.3
    10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1
    """,
)
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \|(.*)\|$", re.MULTILINE)
_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[0-9][A-Za-z0-9.+]*( ;.*)?")


def _rows() -> list[tuple[str, list[str]]]:
    text = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
    return [(number, [cell.strip() for cell in rest.split("|")]) for number, rest in _ROW.findall(text)]


@cache
def _tests_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_is_there_once_and_in_order() -> None:
    met = [number for number, cells in _rows() if len(cells) == 3]
    left_out = [number for number, cells in _rows() if len(cells) == 1]
    assert sorted(met + left_out) == sorted(LEVEL_1)
    for listed in (met, left_out):
        assert listed == [number for number in LEVEL_1 if number in listed]


@pytest.mark.parametrize(("number", "cells"), _rows(), ids=lambda value: value if isinstance(value, str) else "")
def test_each_names_a_test_that_exists_or_a_reason(number: str, cells: list[str]) -> None:
    if len(cells) == 1:
        assert len(cells[0]) > 10, f"{number} needs a reason"
        return
    named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", cells[-1])
    assert named, f"{number} needs a test as `tests/….py::test_…`, not {cells[-1]!r}"
    path = ROOT / named.group(1)
    assert path.is_file(), f"{number} names {path}"
    assert named.group(2) in _tests_of(path), f"{number} names {named.group(2)}, which is not in {path.name}"


def test_every_component_has_one_version() -> None:
    for name in ("runtime.txt", "dev.txt"):
        for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-r ")):
                assert _PIN.fullmatch(line.partition("#")[0].strip()), f"{name} leaves a version open: {line!r}"
