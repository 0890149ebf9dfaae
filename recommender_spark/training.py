"""From an export to a model that `flask models submit` takes: rows, numbers, factors, transitions."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from recommender import FactorModel
from recommender_spark.export_reader import Export, SparkTrainingError
from recommender_spark.factors import fit_factors, measure_pairs
from recommender_spark.numbering import number_pairs
from recommender_spark.session import spark_session
from recommender_spark.training_rows import training_query
from recommender_spark.transitions import count_transitions
from recommender_spark.work_folder import WorkFolder

DOCUMENT = "training.json"
MODEL = "model"
FORMAT = "recommender-flywheel-training"
VERSION = 1

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what it was made from: the document beside it, see docs/scale.md."""

    model: FactorModel
    document: Mapping[str, Any]


def train_export(
    export: Export,
    out: Path,
    *,
    master: str | None = None,
    options: Mapping[str, str] | None = None,
    work: Path | None = None,
    say: Say = lambda sentence: None,
) -> Trained:
    """Train on `export` and write the model to ``out/model``, and beside it what it was made from.

    master, options: see `spark_session`. work: a folder for what is worked out on the way, a temporary one if not
    given; on a cluster one that every worker sees. say: is told each step. Raises SparkTrainingError for an export
    without rows that train and where Spark cannot run, ArtifactError when something else is in the way.
    """
    config = export.config
    check_place(out)
    seconds: dict[str, float] = {}
    with spark_session(master, options or {}) as spark, _work_folder(work, out) as folder:
        say(f"Spark {spark.version} on {spark.sparkContext.master}")
        with _timed(seconds, "rows"):
            spark.read.parquet(*export.files("interactions")).createOrReplaceTempView("interactions")
            spark.read.parquet(*export.files("items")).createOrReplaceTempView("catalog")
            folder.keep(spark, "training", spark.sql(training_query(export.settings)))
        with _timed(seconds, "numbers"):
            numbered = number_pairs(
                spark, folder, float(export.settings["attribute_weight"]), config.activity_shrinkage
            )
        if not numbered.rows:
            raise SparkTrainingError(
                f"{export.folder} has no row that trains: nobody but holdout visitors chose anything"
            )
        say(f"{numbered.rows:,} rows of {numbered.users:,} users train {len(numbered.item_ids):,} items")
        mapping = measure_pairs(spark, config)
        say(
            f"regParam {mapping.reg_param:.4g}, alpha 1 for regularization {mapping.regularization:.4g}, "
            f"alpha {config.alpha:g}; {mapping.raised:,} of {mapping.pairs:,} pairs have a confidence below 1, "
            "which Spark cannot state, and get 1"
        )
        with _timed(seconds, "factors"):
            seed = int(export.settings["seed"])
            item_factors = fit_factors(spark, folder, config, mapping, len(numbered.item_ids), seed)
        say(f"{config.iterations} sweeps took {seconds['factors']:.1f} s")
        popularity = _popularity(spark, folder, len(numbered.item_ids))
        with _timed(seconds, "transitions"):
            transitions = count_transitions(spark, folder, config, popularity)
        if config.transition_weight:
            say(f"{len(transitions.next_ids):,} transitions were kept")
        engine = f"pyspark {spark.version} ALS"
    learned = replace(config, regularization=mapping.regularization)
    model = FactorModel(numbered.item_ids, item_factors, popularity, learned, transitions=transitions)
    model.save(out / MODEL)
    manifest = export.manifest
    document = {
        "format": FORMAT,
        "version": VERSION,
        "engine": engine,
        "manifest_sha256": hashlib.sha256((out / MODEL / "manifest.json").read_bytes()).hexdigest(),
        "settings": dict(export.settings),
        **{name: manifest[name] for name in ("site", "watermark", "erasure", "curation", "merge")},
        **{name: manifest[name] for name in ("excluded_visitors", "excluded_rows", "exclusion")},
        "rows": numbered.rows,
        "users": numbered.users,
        "items": int((popularity > 0).sum()),
        "mapping": asdict(mapping),
        "seconds": seconds,
        "not_learned": ["second stage"],
    }
    _write(out / DOCUMENT, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return Trained(model, document)


def check_place(out: Path) -> None:
    """Raise SparkTrainingError, before hours are spent, when `out` holds what is none of a training before."""
    if out.exists() and not out.is_dir():
        raise SparkTrainingError(f"{out} is a file; name a folder")
    strange = [path.name for path in out.iterdir() if path.name not in (MODEL, DOCUMENT)] if out.is_dir() else []
    if strange:
        raise SparkTrainingError(f"{out} holds {sorted(strange)[0]!r}; name a new folder, or one of a training before")


def _popularity(spark: Any, work: WorkFolder, items: int) -> Any:
    work.keep(
        spark,
        "popularity",
        spark.sql("SELECT item, sum(weight) AS weight FROM training JOIN items USING (item_id) GROUP BY item"),
    )
    table = work.arrays("popularity")
    popularity = np.zeros(items, dtype=np.float32)
    popularity[table.column("item").to_numpy()] = table.column("weight").to_numpy()
    return popularity


@contextmanager
def _work_folder(named: Path | None, out: Path) -> Iterator[WorkFolder]:
    """A folder of its own below `named`, or beside `out`; it is removed at the end, as it names visitors."""
    parent = named if named is not None else out.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".spark-work-", dir=parent) as folder:
        yield WorkFolder(Path(folder))


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - started, 2)


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
