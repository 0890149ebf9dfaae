"""What each way to rank captures of the possible gain as a site's log grows, by the hidden tastes.

    python -m benchmarks.statistics.captured --var FOLDER [--sizes 160000 520000 1150000] [--judges 2000] [--seed 7]
        [--population 7] [--out docs/measurements]

FOLDER holds the event database of a site that simulated visitors used, such as what `make proof` leaves; it is read as
the trainer reads it, up to so many events. Judges are visitors nobody trained on, with five opened items each; 0 is
what is popular after so many events, 1 an oracle. Differences between sizes and between rows are paired by judge.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import item_attributes, stage_attributes
from app.catalog.traits import item_traits
from app.models.balance import CANDIDATES, balanced_row, learn_strengths
from app.models.config import als_config
from app.settings import Settings, load_settings
from app.store import Store
from app.store.engines import Connection
from app.store.items import all_items
from app.store.measures.exclusions import NOT_EXCLUDED
from app.store.slates import OWN_SHELVES
from app.values.interval import Z_95
from benchmarks.machine import keep
from benchmarks.site.ceiling import ceiling_rows
from benchmarks.site.quality import Judge, K, judges
from benchmarks.statistics.exam_models import Log, read_log
from recommender import Exposures, FactorModel, Interactions, StageTrainer, train
from recommender.reranking.balanced_row import BalancedRow, Taste
from recommender.reranking.exploration import SlatePolicy
from recommender.reranking.stand_ins import StandIns
from recommender.reranking.traits import ItemTraits
from recommender.second_stage.beforehand import ATTRIBUTES_TOO, prior_weights
from recommender.second_stage.stage import CLASSES, RATE, SecondStage
from seed_data.population import Population

SIZES = (160_000, 520_000, 1_150_000)
JUDGES = 2_000

Floats = NDArray[np.float64]
Lists = list[list[str]]


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent, with its interval of 95 %."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} ({self.low:.1f} to {self.high:.1f})"


@dataclass(frozen=True, slots=True)
class Gains:
    """By judge, what ten items are worth beyond the popular ten, and what an oracle's are: float64 (judges,)."""

    gained: Floats
    possible: Floats

    @property
    def share(self) -> float:
        """Ratio of the means."""
        return float(self.gained.mean() / self.possible.mean())

    def residuals(self) -> Floats:
        """What each judge adds to the error of the share (delta method)."""
        off: Floats = (self.gained - self.share * self.possible) / self.possible.mean()
        return off


def captured(gains: Gains, less: Gains | None = None) -> Share:
    """The share of the possible gain, or by how much it is above another's, paired by judge."""
    value, off = gains.share, gains.residuals()
    if less is not None:
        value, off = value - less.share, off - less.residuals()
    half = Z_95 * float(off.std(ddof=1)) / len(off) ** 0.5
    return Share(*(round(100 * each, 2) for each in (value, value - half, value + half)))


@dataclass(frozen=True, slots=True)
class Made:
    """What a site makes of a log: popular item ids, the model with its second stage, and how it balances rows."""

    popular: list[str]
    model: FactorModel
    stage: SecondStage
    row: BalancedRow


def popular_items(conn: Connection, size: int, population: Population) -> list[str]:
    """All items, those first that were opened most in the first `size` events, by whomever is not excluded."""
    query = f"""
        SELECT item_id, count(*) FROM events
        WHERE seq <= ? AND kind = 'click' AND undo = 0 AND events.{NOT_EXCLUDED} GROUP BY item_id"""
    clicks = {row[0]: int(row[1]) for row in conn.execute(query, [size])}
    return sorted((item.item_id for item in population.items), key=lambda item_id: -clicks.get(item_id, 0))


def make(log: Log, popular: list[str], population: Population, settings: Settings) -> Made:
    """Everything learned anew from a log. popular: all items, those first that were opened most."""
    items, rows = population.items, list(log.rows.values())
    interactions = Interactions.from_rows(rows, horizon=inf)
    interactions.describe(item_attributes(items), settings.attribute_weight)
    model = train(interactions, als_config(settings), seed=settings.seed)
    exposures = Exposures.from_rows(log.shown, model.index_of, OWN_SHELVES)
    stage = StageTrainer(settings.seed).fit(model, interactions, exposures, stage_attributes(items))
    chosen = sorted({(row.visitor_id, row.item_id) for row in rows})
    traits = ItemTraits(*item_traits(items))
    row = balanced_row(traits, learn_strengths(traits, chosen), settings)
    return Made(popular, model, stage, row)


def ranked(made: Made, panel: Sequence[Judge], settings: Settings) -> dict[str, Lists]:
    """The ten best of each judge by name of the way to rank; what comes of the population's own knowledge is not."""
    model, stage = made.model, made.stage
    alone = FactorModel(
        model.item_ids, model.item_factors, model.popularity, replace(model.config, transition_weight=0.0)
    )
    likings = {**ATTRIBUTES_TOO, "factors": 0.0, "transitions": 0.0, CLASSES: 0.0}
    histories = [judge.history for judge in panel]
    found: dict[str, Lists] = {
        "popularity": [_popular(made.popular, judge) for judge in panel],
        "factors alone": _best(alone, histories),
        "factors and transitions": _best(model, histories),
        "attributes alone": _of_all(model, stage, prior_weights(stage.attributes, likings), histories),
        "classes alone": _of_all(
            model, stage, prior_weights(stage.attributes, {CLASSES: 1.0, RATE: 1.0}, 0.0), histories
        ),
    }
    staged = model.with_second_stage(stage)
    found["second stage"] = _best(staged, histories)
    found["second stage, balanced row"], found["as served"] = _rows(staged, made.row, histories, settings)
    return {name: [ten + [row for row in rest if row not in ten][: K - len(ten)]
                   for ten, rest in zip(lists, found["popularity"], strict=True)]
            for name, lists in found.items()}  # fmt: skip


def _popular(order: Sequence[str], judge: Judge) -> list[str]:
    return [item_id for item_id in order if item_id not in judge.history][:K]


def _best(model: FactorModel, histories: Sequence[Sequence[str]]) -> Lists:
    return [[str(hit.item_id) for hit in hits] for hits in model.recommend_many(histories, k=K)]


def _of_all(model: FactorModel, stage: SecondStage, weights: Floats, histories: Sequence[Sequence[str]]) -> Lists:
    """The best of the whole catalog, not of the best by factors, by features of the stage."""
    every, found = np.arange(len(model), dtype=np.int32), []
    nothing, vector = np.zeros(len(model)), np.zeros(model.item_factors.shape[1], np.float32)
    for history in histories:
        items = np.array([model.index_of[item_id] for item_id in history], np.int32)
        view = stage.view(items, np.ones(len(items), np.float32))
        scores = stage.features(view, every, nothing, vector, model.item_factors, 0.0) @ weights
        scores[items] = -inf
        found.append([str(model.item_ids[item]) for item in np.argsort(-scores, kind="stable")[:K]])
    return found


def _rows(
    staged: FactorModel, row: BalancedRow, histories: Sequence[Sequence[str]], settings: Settings
) -> tuple[Lists, Lists]:
    """The first ten of the row "For you", without exploration and with its draws."""
    size, pool = settings.shelf_size, settings.exploration_pool
    policy = SlatePolicy(settings.exploration_share, settings.exploration_first_place - 1)
    balanced, served = [], []
    for number, hits in enumerate(staged.recommend_many(histories, k=max(CANDIDATES, size + pool))):
        ids, scores = [hit.item_id for hit in hits], [hit.score for hit in hits]
        found = row.arrange(ids, scores, size, Taste(dict.fromkeys(histories[number], 1.0)))
        best = [str(ids[place]) for place in found.order]
        rng = np.random.default_rng((settings.seed, 29, number))
        explorable = best[size : size + pool]
        drawn = policy.draw(best, explorable, size, rng, StandIns(found.bounds, best[:size], range(size)))
        balanced.append(best[:K])
        served.append([str(entry.item_id) for entry in drawn][:K])
    return balanced, served


def gains_of(lists: Mapping[str, Lists], ceiling: Sequence[Sequence[int]], population: Population,
             panel: Sequence[Judge]) -> dict[str, Gains]:  # fmt: skip
    """Gains over the popular ten, by name; with the ceiling of all learners and the oracle."""
    index = population.index
    rows = {name: [[index[item_id] for item_id in ten] for ten in tens] for name, tens in lists.items()}
    rows["Bayes ceiling"] = [list(ten) for ten in ceiling]
    best = []
    for judge in panel:
        unseen = judge.interest.copy()
        unseen[[index[item_id] for item_id in judge.history]] = -1.0
        best.append(np.argsort(-unseen, kind="stable")[:K].tolist())
    rows["oracle"] = best
    worth = {
        name: np.array([judge.interest[ten].mean() for judge, ten in zip(panel, tens, strict=True)])
        for name, tens in rows.items()
    }
    possible = worth["oracle"] - worth["popularity"]
    return {name: Gains(each - worth["popularity"], possible) for name, each in worth.items()}


def compared(runs: Mapping[int, Mapping[str, Gains]]) -> dict[str, Any]:
    """Shares by size, and differences: of each row between the last size and the others, of the stage to its parts."""
    sizes = list(runs)
    first, last = sizes[0], sizes[-1]
    shares = {size: {name: asdict(captured(gains)) for name, gains in runs[size].items()} for size in sizes}
    rising = {name: asdict(captured(runs[last][name], runs[first][name])) for name in runs[last]}
    beside = {
        size: {
            f"second stage less {name}": asdict(captured(runs[size]["second stage"], runs[size][name]))
            for name in ("factors alone", "classes alone", "as served")
        }
        for size in sizes
    }
    return {"captured": shares, "last_less_first": rising, "beside": beside}


def table(found: Mapping[str, Any]) -> str:
    """The shares in percent as a table of Markdown."""
    sizes = list(found["captured"])
    lines = ["| captured, % | " + " | ".join(f"{size:,}" for size in sizes) + " | last less first |"]
    lines.append("|---" * (len(sizes) + 2) + "|")
    for name, rising in found["last_less_first"].items():
        cells = [str(Share(**found["captured"][size][name])) for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {Share(**rising)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table for docs/measurements and keep everything as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, required=True, help="folder with the events.db of a simulated site")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--judges", type=int, default=JUDGES)
    parser.add_argument("--seed", type=int, default=7, help="seed of training and of the judges (7)")
    parser.add_argument("--population", type=int, default=7, help="seed of the population that used the site (7)")
    parser.add_argument("--out", type=Path, help="folder of the JSON (benchmarks/results)")
    options = parser.parse_args(arguments)
    settings = replace(load_settings(overrides={"var": options.var}), seed=options.seed)
    runs: dict[int, dict[str, Gains]] = {}
    weights = {}
    with Store(settings.event_database) as store:
        population = Population(all_items(store.reader()), options.population)
        panel = judges(population, options.judges, seed=options.seed)
        ceiling = ceiling_rows(population, panel)
        for size in options.sizes:
            popular = popular_items(store.reader(), size, population)
            made = make(read_log(store, settings, size), popular, population, settings)
            runs[size] = gains_of(ranked(made, panel, settings), ceiling, population, panel)
            stage = made.stage
            weights[size] = dict(zip(stage.feature_names, stage.weights.round(3).tolist(), strict=True))
            print(f"{size:,} events: weights {weights[size]}", flush=True)
    found = {"sizes": options.sizes, "judges": options.judges, "seed": options.seed, "population": options.population,
             "trust_after_s": settings.trust_after_s, "weights": weights, **compared(runs)}  # fmt: skip
    print(table(found))
    keep(f"captured-{options.population}-{options.seed}", found, options.out)


if __name__ == "__main__":
    main()
