"""Spark works out rows, numbers, transitions and popularity as the site's own trainer does, and its factors agree.

One run of Spark answers all tests of this file: to start it takes most of their time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ALSTrainer, FactorModel
from recommender_spark import Trained, read_export, train_export
from recommender_spark.session import missing_part
from recommender_spark.work_folder import WorkFolder
from tests.recommender_spark.histories import TASTES, histories, rows_here, trainer_here, write_export

_MISSING = missing_part()
pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(_MISSING is not None, reason=f"Spark: {_MISSING}"),
    # What pyspark says of pandas, and what py4j leaves open.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning"),
]


@dataclass
class Run:
    """What one training did, with the tables on the way."""

    trained: Trained
    out: Path
    work: WorkFolder
    here: ALSTrainer
    rows: dict[int, Any]
    said: list[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("spark")
    rows, placed = histories(400, seed=3)
    write_export(folder / "export", rows, placed)
    said: list[str] = []
    work = WorkFolder(folder / "work")
    work.folder.mkdir()

    @contextmanager
    def kept(named: Path | None, out: Path) -> Iterator[WorkFolder]:
        yield work

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender_spark.training._work_folder", kept)
        options = {"spark.sql.shuffle.partitions": "4", "spark.ui.showConsoleProgress": "false"}
        trained = train_export(
            read_export(folder / "export"), folder / "out", master="local[2]", options=options, say=said.append
        )
    train = rows_here(rows, placed)
    return Run(trained, folder / "out", work, trainer_here(train), train, said)


def test_the_rows_that_train_are_those_of_the_sites_own_rules(run: Run) -> None:
    found = sorted(
        (row["visitor_id"], row["item_id"], row["seq"], row["at"], row["weight"])
        for row in run.work.arrays("training").to_pylist()
    )
    expected = sorted((row.visitor_id, row.item_id, seq, row.timestamp, row.weight) for seq, row in run.rows.items())
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    assert [row[4] for row in found] == pytest.approx([row[4] for row in expected])
    assert len(expected) > 1000


def test_items_popularity_and_regularization_are_those_of_the_trainer(run: Run) -> None:
    model, here = run.trained.model, run.here.model()
    assert model.item_ids == here.item_ids
    np.testing.assert_allclose(model.popularity, here.popularity, rtol=1e-6)
    assert model.config.regularization == pytest.approx(here.config.regularization, rel=1e-6)
    assert run.trained.document["rows"] == run.here.log.rows
    assert run.trained.document["users"] == run.here.log.users


def test_transitions_are_those_of_the_trainer(run: Run) -> None:
    found, expected = run.trained.model.transitions, run.here.model().transitions
    np.testing.assert_array_equal(found.indptr, expected.indptr)
    np.testing.assert_array_equal(found.next_ids, expected.next_ids)
    np.testing.assert_allclose(found.next_weights, expected.next_weights, rtol=1e-5)


def test_factors_say_the_same_of_histories_as_the_trainers(run: Run) -> None:
    model, here = run.trained.model, run.here.model()
    alike = []
    for first in range(0, 40, 5):
        history = [f"item-{first:03}", f"item-{first + 4:03}"]
        scores = [one.item_factors @ one.fold_in(history) for one in (model, here)]
        alike.append(np.corrcoef(scores[0], scores[1])[0, 1])
        best = [int(str(hit.item_id)[-3:]) % TASTES for hit in model.recommend(history, 5)]
        assert best.count(first % TASTES) >= 4, "what others of this taste took comes first"
    assert np.mean(alike) > 0.8, alike
    lengths = [np.linalg.norm(one.item_factors, axis=1).mean() for one in (model, here)]
    assert 0.7 < lengths[0] / lengths[1] < 1.4, "factors are on the scale that folding in expects"


def test_what_was_done_is_written_and_said(run: Run) -> None:
    document = json.loads((run.out / "training.json").read_text(encoding="utf-8"))
    assert document["engine"].startswith("pyspark ")
    assert document["not_learned"] == ["second stage"]
    assert document["watermark"] == run.trained.document["watermark"]
    raised = document["mapping"]["raised"]
    assert any(f"{raised:,} of" in sentence and "cannot state" in sentence for sentence in run.said)
    loaded = FactorModel.load(run.out / "model")
    assert loaded.recommend(["item-001"], 5) == run.trained.model.recommend(["item-001"], 5)
