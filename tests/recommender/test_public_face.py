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


def test_a_name_is_imported_when_it_is_asked_for() -> None:
    program = """
import sys, recommender
assert not {"numpy", "numba", "recommender.model.factor_model"} & {*sys.modules}
assert {*recommender.__all__} <= {*dir(recommender)}
from recommender import Interactions, train
model = train(Interactions.from_rows([("ann", "bread"), ("ann", "jam"), ("bob", "bread")]), seed=7)
assert isinstance(model, recommender.FactorModel)
assert "recommender.FactorModel" not in sys.modules and recommender.FactorModel is recommender.FactorModel
seldom = {"recommender.tuning.tune", "recommender.reranking.traits", "recommender.second_stage.learning"}
assert not seldom & {*sys.modules}
try:
    recommender.Forest
except AttributeError as error:
    assert "'recommender' has no attribute 'Forest'" in str(error)
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)


def test_every_public_name_has_one_home() -> None:
    names = [name for some in recommender._NAMES.values() for name in some]
    assert sorted([*names, "__version__"]) == recommender.__all__
