"""ALS on Spark beside implicit's on the same export: quality with the mapped settings, seconds and memory.

    FLYWHEEL_DATASETS=folder python -m benchmarks.spark [--alpha 20] [--iterations 8] [--out FOLDER]

Gowalla becomes an export as `flask export-parquet` writes it. Each arm is a process of its own that reads it, trains
and saves a model: `ALSTrainer` with implicit's solver, and `python -m recommender_spark` with the settings that are
mapped from the same ones. Histories are folded into both models alike; NDCG@20 over all users of the test part, items
of training hidden, without transitions. Memory is the largest sum of the resident sets of a process and its children,
looked at ten times a second. Needs requirements/spark.txt and Java. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from app.export.manifest import Manifest
from app.export.parquet_tables import write_table
from benchmarks.library.datasets import gowalla
from benchmarks.library.ranking import judge
from benchmarks.machine import keep
from benchmarks.spending import measured
from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions
from recommender.evaluation import paired_interval
from recommender_spark import read_export

SEED, CORES = 7, 2


def write_export(folder: Path, config: ALSConfig) -> None:
    """Gowalla's training part as an export with these settings."""

    def rows() -> Iterator[tuple[Any, ...]]:
        for seq, (user, item) in enumerate(gowalla("train"), start=1):
            ids = str(user), str(item)
            yield (seq, *ids, "click", 1.0, 0.0, float(seq), seq, False, "imported", True, 0.0, None, None)

    rules = {"attribute_weight": 0.0, "placed_weight": 1.0, "trust_after_s": 0.0, "first_visit_weight": 1.0}
    settings = {**asdict(config), **rules, "kind_weights": {"click": 1.0}, "seed": SEED, "second_stage": False}
    manifest = Manifest("gowalla", 10**9, complete=True, settings=settings)
    for table, of_table in (("interactions", rows()), ("items", iter(()))):
        name = f"{table}/part-000000.parquet"
        manifest.files[name] = write_table(folder / name, table, of_table, lambda count: None)
    manifest.write(folder)


def train_here(folder: Path, out: Path) -> None:
    """The arm of implicit, in a process of its own."""
    from pyarrow.parquet import read_table

    export = read_export(folder)
    columns = ["visitor_id", "item_id", "weight", "at"]
    table = read_table(export.files("interactions")[0], columns=columns)
    log = Interactions.from_frame(table, "visitor_id", "item_id", "weight", "at", horizon=float("inf"))
    trainer = ALSTrainer(export.config, seed=SEED)
    started = time.perf_counter()
    trainer.fit(log)
    seconds = {"factors": round(time.perf_counter() - started, 2)}
    trainer.model().save(out / "model")
    (out / "training.json").write_text(json.dumps({"seconds": seconds}))


def quality(model: FactorModel, users: dict[str, int], items: dict[str, int], train: Any, test: Any) -> NDArray[Any]:
    """NDCG@20 of each user of the test part, all histories folded in."""
    places = np.array([items[str(item_id)] for item_id in model.item_ids])
    factors = np.zeros((len(items), model.config.factors), dtype=np.float32)
    factors[places] = model.item_factors
    vectors = np.zeros((len(users), model.config.factors), dtype=np.float32)
    names = list(items)
    for user in range(len(users)):
        vectors[user] = model.fold_in(
            [names[item] for item in train.indices[train.indptr[user] : train.indptr[user + 1]]]
        )
    return judge(lambda chosen: vectors[chosen] @ factors.T, train, test)[0]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--alpha", type=float, default=20.0)
    parser.add_argument("--regularization", type=float, default=45.7)
    parser.add_argument("--iterations", type=int, default=8)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    parser.add_argument("--here", nargs=2, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        train_here(*given.here)
        return
    config = ALSConfig(
        factors=given.factors, alpha=given.alpha, regularization=given.regularization, iterations=given.iterations,
        recency_boost=0.0, transition_weight=0.0, threads=CORES,
    )  # fmt: skip
    pairs, held_out = gowalla("train"), gowalla("test")
    users = {str(user): place for place, user in enumerate(dict.fromkeys(user for user, _ in pairs))}
    items = {str(item): place for place, item in enumerate(dict.fromkeys(item for _, item in pairs))}

    def matrix(rows: list[tuple[int, int]]) -> scipy.sparse.csr_matrix:
        known = [
            (users[str(user)], items[str(item)]) for user, item in rows if str(user) in users and str(item) in items
        ]
        places = np.array(known)
        ones = np.ones(len(known), np.float32)
        return scipy.sparse.csr_matrix((ones, (places[:, 0], places[:, 1])), shape=(len(users), len(items)))

    train, test = matrix(pairs), matrix(held_out)
    arms: dict[str, dict[str, Any]] = {}
    values: dict[str, NDArray[Any]] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "export"
        write_export(folder, config)
        for arm, command in {
            "implicit": [sys.executable, "-m", "benchmarks.spark", "--here"],
            "spark": [sys.executable, "-m", "recommender_spark", "--master", f"local[{CORES}]"],
        }.items():
            out = Path(place) / arm
            out.mkdir()
            spent = measured([*command, str(folder), str(out)])
            document = json.loads((out / "training.json").read_text())
            values[arm] = quality(FactorModel.load(out / "model"), users, items, train, test)
            ndcg = round(float(values[arm].mean()), 5)
            arms[arm] = {"ndcg_at_20": ndcg, **spent, "seconds": document["seconds"]}
            if "mapping" in document:
                arms[arm]["mapping"] = document["mapping"]
            print(f"{arm:10s} NDCG@20 {ndcg:.5f}  {spent}  {document['seconds']}", flush=True)
    ahead = paired_interval(values["spark"], values["implicit"])
    relative = ahead.mean / float(values["implicit"].mean())
    print(f"spark less implicit: {ahead.mean:+.5f} ({ahead.low:+.5f} to {ahead.high:+.5f}), {relative:+.2%}")
    result = {
        "data": "gowalla", "rows": len(pairs), "users": len(users), "items": len(items), "config": asdict(config),
        "arms": arms, "relative": round(relative, 5), "low": round(ahead.low, 5), "high": round(ahead.high, 5),
    }  # fmt: skip
    print(f"-> {keep('spark-gowalla', result, given.out)}")


if __name__ == "__main__":
    main()
