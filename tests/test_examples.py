"""Every example runs, on the library alone, and shows what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(example: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, f"examples/{example}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_files_of_both_kinds_become_the_same_log() -> None:
    pytest.importorskip("pyarrow")
    lines = run("from_files.py").stdout.splitlines()
    logs = [line.split(": ")[1] for line in lines if line.startswith("clicks.")]
    assert logs == ["Interactions(3000 rows, 200 users, 90 items, ordered)"] * 2
    answers = [line for line in lines if line.startswith("after ")]
    assert answers[0] == answers[1]


def test_the_quick_start_learns_explains_and_beats_popularity() -> None:
    done = run("quickstart.py")
    assert "because of food-" in done.stdout
    assert "the new article is known: True" in done.stdout
    assert "the same answer: True" in done.stdout
    assert float(done.stdout.split("interval ")[1].split()[0]) > 0, done.stdout
