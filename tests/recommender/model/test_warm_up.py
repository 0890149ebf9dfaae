"""Once warmed up, a process that serves a model compiles nothing while somebody waits."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SERVE = """
import sys
import tempfile
import numpy as np
from recommender import ALSConfig, FactorModel, Interactions, train, warm_up
from recommender.reranking.balanced_row import BalancedRow, RowRules, Taste
from recommender.reranking.exploration import SlatePolicy
from recommender.reranking.stand_ins import StandIns
from recommender.reranking.traits import ItemTraits
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage

rng = np.random.default_rng(1)
rows = [(f"user {n % 60}", f"item {item}") for n, item in enumerate(rng.integers(0, 300, 3_000))]
kinds = {f"item {n}": [f"kind={n % 7}"] for n in range(300)}
made = train(Interactions.from_rows(rows, ordered=True), ALSConfig(factors=16), seed=1)
stage = assumed_stage(ItemAttributes.of(kinds, made.item_ids))
with tempfile.TemporaryDirectory() as folder:
    made.with_second_stage(stage).save(folder + "/model")
    model = FactorModel.load(folder + "/model")
    warm_up()
    kernels = {
        (name, key): value
        for name, module in list(sys.modules.items()) if name.startswith("recommender")
        for key, value in vars(module).items() if hasattr(value, "signatures")
    }
    before = {key: set(value.signatures) for key, value in kernels.items()}
    history = ["item 3", "item 50", "item 7"]
    traits = ItemTraits({item: [(kind[0],)] for item, kind in kinds.items()}, ("kind",))
    for k in (10, 200):
        ids, scores = model.recommend_columns(history, k)
        ids, scores = model.recommend_columns(history, k, candidates=[f"item {n}" for n in range(90)])
        row = BalancedRow(traits, [1.0], RowRules()).arrange(ids, scores, 5, Taste({"item 3": 1.0}))
    pool = list(ids)
    SlatePolicy(1.0).draw_again(pool[:5], pool[5:], 5, seed=3, stand_ins=StandIns(row.bounds, pool[:5], range(5)))
    model.explain(history, pool[0])
    model.similar("item 3")
    for key, value in kernels.items():
        for signature in set(value.signatures) - before[key]:
            print("compiled late:", *key, signature)
"""


@pytest.mark.jit("only what is compiled can be compiled late")
def test_what_a_site_asks_of_a_loaded_model_is_compiled_by_the_warm_up() -> None:
    done = subprocess.run([sys.executable, "-c", _SERVE], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
