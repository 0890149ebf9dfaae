"""What `from recommender import …` promises."""

from __future__ import annotations

import subprocess
import sys

import recommender
from recommender import evaluation


def test_every_public_name_exists_and_has_a_docstring() -> None:
    for package in (recommender, evaluation):
        assert list(package.__all__) == sorted(package.__all__)
        for name in package.__all__:
            value = getattr(package, name)
            assert not callable(value) or name in {"ItemId", "UserId", "History"} or value.__doc__, name


def test_the_library_needs_no_web_framework_no_database_and_nothing_slow_to_import() -> None:
    loaded = "import recommender, recommender.evaluation, sys; print([*sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=60, check=True)
    found = set(done.stdout.strip("[]\n").split(", "))
    assert not {"'flask'", "'sqlite_utils'", "'app'"} & found
    assert not {"'scipy.stats'", "'scipy.optimize'", "'implicit'", "'pandas'"} & found, (
        "half of a second, seldom needed"
    )
