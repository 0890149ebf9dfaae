"""What may rank before anybody can judge: the first hour of a site, by the hidden tastes.

    python -m benchmarks.statistics.first_hour --var FOLDER [--sizes 500 1000 2000 5000 10000]

FOLDER holds the event database of a simulated site. Of its first events each way to rank is made that needs no holdout:
what is popular, neighbours (which the site shows while no model is published), factors that hear attributes, and
attributes with weights assumed beforehand over these. 2,000 judges with five opened items say what the ten best are
worth: 0 is popularity, 1 an oracle.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

from app.catalog.attributes import item_attributes, stage_attributes
from app.models.config import als_config
from app.settings import Settings, load_settings
from app.store import Store
from app.store.items import all_items
from benchmarks.site.quality import Judge, judges, measure_quality
from benchmarks.statistics.exam_models import read_log
from recommender import Interactions, ItemToItemModel, PopularityModel, Recommender, train
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage
from seed_data.population import Population

JUDGES = 2_000


def first_models(store: Store, settings: Settings, size: int, population: Population) -> dict[str, Recommender]:
    """What can be made of the first `size` events without a holdout."""
    rows = list(read_log(store, settings, size, exposures=False).rows.values())
    plain, items = Interactions.from_rows(rows, horizon=inf), population.items
    described = Interactions.from_rows(rows, horizon=inf)
    described.describe(item_attributes(items), 1.0)
    config = replace(als_config(settings), activity_shrinkage=0.0, transition_weight=0.0)  # see `first_model`
    factors = train(described, config, seed=settings.seed)
    stage = assumed_stage(ItemAttributes.of(stage_attributes(items), factors.item_ids))
    return {
        "popularity": PopularityModel.from_interactions(plain),
        "neighbours": ItemToItemModel.from_interactions(plain),
        "factors that hear attributes": factors,
        "attributes with assumed weights over these": factors.with_second_stage(stage),
    }


def measured(
    store: Store, settings: Settings, size: int, population: Population, panel: Sequence[Judge]
) -> dict[str, str]:
    """Captured share of each way to rank, with its interval, in percent."""
    models = first_models(store, settings, size, population)
    popular = [str(hit.item_id) for hit in models["popularity"].recommend((), k=len(population.items))]
    popular += sorted(population.index.keys() - set(popular))
    said = {}
    for name, model in models.items():
        found = measure_quality(model, popular, population, panel).captured
        said[name] = f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"
    return said


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for docs/measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, required=True, help="folder with the events.db of a simulated site")
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 1_000, 2_000, 5_000, 10_000])
    parser.add_argument("--judges", type=int, default=JUDGES)
    options = parser.parse_args(arguments)
    settings = load_settings(overrides={"var": options.var})
    with Store(settings.event_database) as store:
        population = Population(all_items(store.reader()), settings.seed)
        panel = judges(population, options.judges)
        runs = [measured(store, settings, size, population, panel) for size in options.sizes]
    print("| captured, % | " + " | ".join(f"{size:,}" for size in options.sizes) + " |")
    print("| --- |" + " --- |" * len(runs))
    for name in runs[0]:
        print(f"| {name} | " + " | ".join(run[name] for run in runs) + " |")


if __name__ == "__main__":
    main()
