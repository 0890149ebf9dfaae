"""What the second stage captures of the possible gain on the log of a site of simulated visitors, part by part.

    python -m benchmarks.library.second_stage var/events.db --events 10000 30000 160000 520000 1150000

The log is cut at so many events; factors and stage learn from it, and 2,000 judges nobody trained on, each with five
items opened, say by their hidden tastes what the ten best are worth: 0 is popularity, 1 an oracle. The database may be
that of a version from 0.1 on.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import item_attributes, stage_attributes
from app.store.slates import OWN_SHELVES
from benchmarks.site.quality import Judge, judges, measure_quality
from recommender import ALSConfig, Exposures, FactorModel, Interactions, SecondStage, StageTrainer, train
from recommender.second_stage.beforehand import ATTRIBUTES_TOO, prior_weights
from seed_data.population import Population
from seed_data.templates import load_templates

CONFIG = ALSConfig(factors=32, regularization=5.0, alpha=1.0, iterations=12, transition_weight=0.25)
"""The site's settings."""

WORTH = {"click": 1.0, "save": 2.0, "like": 3.0, "use": 4.0}
JUDGES = 2000
SEED = 7


@dataclass(frozen=True, slots=True)
class SiteLog:
    """The first events of a site: rows of a log, exposures as `Exposures.from_rows` takes them, items by clicks."""

    rows: list[tuple[str, str, float, float]]
    exposures: list[tuple[str, str, bool, float, int, str]]
    popular: list[str]


def read_log(path: Path, events: int) -> SiteLog:
    """What the first `events` events of a database say, without excluded visitors; holdout visitors train nothing."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    columns = {row[1] for row in conn.execute("pragma table_info(visitors)")}
    flag = "holdout" if "holdout" in columns else "jury"
    left_out = {row[0] for row in conn.execute("select visitor_id from exclusions where lifted_at is null")}
    judging = {row[0] for row in conn.execute(f"select visitor_id from visitors where {flag}")}
    shelves = dict(conn.execute("select slate_id, shelf from slates"))
    found = conn.execute(
        "select seq, visitor_id, item_id, kind, slate_id, position from events where seq <= ? and not undo order by 1",
        (events,),
    ).fetchall()
    conn.close()
    found = [row for row in found if row[1] not in left_out]
    clicks: dict[str, int] = {}
    for _, _, item_id, kind, _, _ in found:
        clicks[item_id] = clicks.get(item_id, 0) + (kind == "click")
    found = [row for row in found if row[1] not in judging]
    clicked = {(row[4], row[5]) for row in found if row[3] == "click" and row[4]}
    rows = [(visitor, item, WORTH[kind], float(seq)) for seq, visitor, item, kind, _, _ in found if kind in WORTH]
    exposures = [
        (visitor, item, (slate, position) in clicked, float(seq), position, shelves.get(slate, ""))
        for seq, visitor, item, kind, slate, position in found
        if kind == "view" and slate
    ]
    return SiteLog(rows, exposures, sorted(clicks, key=lambda item_id: -clicks[item_id]))


def without(stage: SecondStage, *names: str) -> SecondStage:
    """The stage with the weights of these features at 0: what they carry, not what others would make up for."""
    kept = np.array([name not in names for name in stage.feature_names])
    return replace(stage, weights=np.where(kept, stage.weights, 0.0))


def variants(model: FactorModel, stage: SecondStage) -> dict[str, FactorModel]:
    """The model with the whole stage, and with parts of it."""
    kinds = stage.attributes.kinds
    assumed: NDArray[np.float64] = prior_weights(stage.attributes, ATTRIBUTES_TOO)
    stages = {
        "second stage": stage,
        "without classes": without(stage, "classes"),
        "without attributes": without(stage, *kinds),
        "without rates": without(stage, "rate"),
        "without factors": without(stage, "factors"),
        "without transitions": without(stage, "transitions"),
        "weights assumed beforehand": replace(stage, weights=assumed),
    }
    return {name: model.with_second_stage(each) for name, each in stages.items()}


def measured(path: Path, events: int, population: Population, panel: Sequence[Judge]) -> dict[str, Any]:
    """Captured shares of factors alone, as served before, and of the variants, after so many events."""
    items = population.items
    found = read_log(path, events)
    log = Interactions.from_rows(found.rows, horizon=inf)
    log.describe(item_attributes(items), 1.0)
    blended = train(log, CONFIG, seed=SEED)
    alone = FactorModel(
        blended.item_ids, blended.item_factors, blended.popularity, replace(blended.config, transition_weight=0.0)
    )
    exposures = Exposures.from_rows(found.exposures, blended.index_of, OWN_SHELVES)
    trainer = StageTrainer(SEED)
    cpu = time.process_time()
    stage = trainer.fit(blended, log, exposures, stage_attributes(items))
    fit_s, cpu = time.process_time() - cpu, time.process_time()
    trainer.update(blended, log, exposures, stage_attributes(items))
    update_s = time.process_time() - cpu
    models = {"factors alone": alone, "blend of transitions": blended, **variants(blended, stage)}
    captured = {
        name: measure_quality(model, found.popular, population, panel).captured for name, model in models.items()
    }
    return {
        "events": events,
        "clicks": sum(row[2] for row in found.exposures),
        "captured": captured,
        "weights": dict(zip(stage.feature_names, stage.weights.round(3).tolist(), strict=True)),
        "examination": stage.examination.round(3).tolist(),
        "fit_cpu_s": round(fit_s, 1),
        "update_cpu_s": round(update_s, 1),
    }


def main() -> None:
    """Print a table for docs/measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path, help="event database of a site of simulated visitors")
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 30_000, 160_000, 520_000, 1_150_000])
    parser.add_argument("--judges", type=int, default=JUDGES)
    arguments = parser.parse_args()
    population = Population(load_templates(), SEED)
    panel = judges(population, arguments.judges)
    runs = []
    for events in arguments.events:
        runs.append(measured(arguments.database, events, population, panel))
        print(f"{events:,} events: weights {runs[-1]['weights']}, CPU {runs[-1]['fit_cpu_s']} s fit, "
              f"{runs[-1]['update_cpu_s']} s update", flush=True)  # fmt: skip
    print("| captured, % | " + " | ".join(f"{run['events']:,}" for run in runs) + " |")
    print("|---|" + "---|" * len(runs))
    for name in runs[0]["captured"]:
        cells = [run["captured"][name] for run in runs]
        shares = [[100 * share for share in (cell.value, cell.low, cell.high)] for cell in cells]
        print(f"| {name} | " + " | ".join("{:.1f} ({:.1f} to {:.1f})".format(*each) for each in shares) + " |")


if __name__ == "__main__":
    main()
