"""What the site's code never does: run text as code, start a shell, parse XML, unpickle, hash with broken functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("app", "seed_data") for path in (ROOT / folder).rglob("*.py"))

_CALLS = {"eval", "exec", "compile", "__import__"}
_ATTRIBUTES = {("os", "system"), ("os", "popen"), ("hashlib", "md5"), ("random", "choice"), ("random", "random")}
_MODULES = {"xml", "lxml", "pickle", "marshal", "shelve", "joblib", "dill", "pty", "commands"}
_SHA1_ONLY_READS_OLDER_COOKIES = Path("app/signing.py")


def _forbidden(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _CALLS:
                yield f"{where} calls {node.func.id}"
            if any(word.arg == "shell" for word in node.keywords):
                yield f"{where} may start a shell"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            named = (node.value.id, node.attr)
            if named in _ATTRIBUTES:
                yield f"{where} uses {'.'.join(named)}"
            if named == ("hashlib", "sha1") and path.relative_to(ROOT) != _SHA1_ONLY_READS_OLDER_COOKIES:
                yield f"{where} hashes with SHA-1"
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        yield from (f"{where} imports {name}" for name in names if name.split(".")[0] in _MODULES)


def test_no_source_runs_text_starts_a_shell_or_reads_what_can_run() -> None:
    assert [line for path in SOURCES for line in _forbidden(path)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "app/web/templates").glob("*.html")), ids=lambda path: path.name)
def test_no_template_turns_escaping_off_or_holds_a_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "autoescape false" not in text
    assert "javascript:" not in text
    assert " onclick=" not in text
    for script in text.split("<script")[1:]:
        assert " src=" in script.split(">")[0], "scripts are files, so that the policy forbids others"


@pytest.mark.parametrize("path", sorted((ROOT / "app/web/static").glob("*.js")), ids=lambda path: path.name)
def test_no_script_runs_text_and_what_people_wrote_is_set_as_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("eval(", "new Function", "document.write", "insertAdjacentHTML"):
        assert word not in text
    for line in text.splitlines():
        if ".innerHTML = " in line:
            own = ("ARROWS[name].path", "${SEARCH_ICON}", "= DOTS;")
            assert any(icon in line for icon in own), "the only markup that scripts write: own icons"
