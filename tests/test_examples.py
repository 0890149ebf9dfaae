"""Every example runs, on the library alone, and shows what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_quick_start_learns_explains_and_beats_popularity() -> None:
    done = subprocess.run(
        [sys.executable, "examples/quickstart.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "because of food-" in done.stdout
    assert "the new article is known: True" in done.stdout
    assert "the same answer: True" in done.stdout
    assert float(done.stdout.split("interval ")[1].split()[0]) > 0, done.stdout
