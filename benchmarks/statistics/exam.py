"""The exam of models, examined: does it rank models as the hidden tastes do, and does an echo gain anything in it?

    python -m benchmarks.statistics.exam --var FOLDER [--sizes 160000 520000 1150000] [--visitors 6000]

FOLDER holds the event database of a simulated site, such as `make proof` leaves. Models of differing worth are made
from its log up to each size: few and many factors, with and without attributes and order, older data, poison, shuffled
rows, only what models had put before visitors, popularity. They sit three exams: choices of simulated holdout visitors
from pages drawn by lot (the site's exam, by the site's own code), choices from pages that models had filled (that of
version 0.1), and the hidden tastes of 2,000 judges. What is reported: rank correlations with the hidden tastes, with
intervals over visitors and judges alike, by how many choices there are; and where the echo stands.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from app.catalog.attributes import item_attributes
from app.measure.evaluation.holdout import Holdout
from app.measure.evaluation.tail import read_tail
from app.models.config import als_config
from app.serve.by_lot.lot import Lot
from app.serve.rankers import Among
from app.settings import Settings, load_settings
from app.store import Store
from app.store.items import all_items
from app.values.interaction import Interaction
from app.values.item import Item
from app.visitors.contribution import TrainingRow, contribution_rules, training_rows
from app.visitors.history import RunningHistory
from benchmarks.site.quality import Judge, judges
from recommender import ALSConfig, Interactions, PopularityModel, RandomModel, Recommender, train
from recommender.evaluation import NextItemCase
from seed_data.population import Population
from seed_data.visits import visit_slate

DAY = 14.0
FIRST_VISITOR = 20_000_000
SESSIONS = 6
ROWS, ROW_SIZE = 2, 12
JUDGES = 2_000
NEWEST_BENT = 2_000
DRAWS = 200

Floats = NDArray[np.float64]
Rows = dict[int, TrainingRow]


@dataclass(frozen=True, slots=True)
class Log:
    """A site's log up to a size: rows that train by seq, and the seqs of those that a model's slate had brought."""

    rows: Rows
    by_model: frozenset[int]
    raw: tuple[Interaction, ...]


def read_log(store: Store, settings: Settings, size: int) -> Log:
    """What trains of the first `size` events. Raises ValueError when there is nothing."""
    raw = tuple(row for row in read_tail(store).rows if row.event_seq <= size and not row.holdout)
    rows = training_rows(raw, contribution_rules(settings))
    if not rows:
        raise ValueError(f"the first {size:,} events of {store.path} train nothing; name a folder with more traffic")
    served = {
        seq
        for (seq,) in store.reader().execute(
            "SELECT interactions.seq FROM interactions JOIN events ON events.seq = event_seq"
            " JOIN slates USING (slate_id)"
            " WHERE json_extract(slates.sources, '$[' || (events.position - 1) || ']') = 'als'"
        )
    }
    return Log(rows, frozenset(served), raw)


def models(log: Log, items: Sequence[Item], settings: Settings) -> Iterator[tuple[str, Callable[[], Recommender]]]:
    """Names of models, and how each is made."""
    base = als_config(settings)
    rows = list(log.rows.values())
    plain = replace(base, transition_weight=0.0)

    def fit(of: Sequence[TrainingRow], config: ALSConfig, attributes: float = 1.0) -> Callable[[], Recommender]:
        def make() -> Recommender:
            made = Interactions.from_rows(of, horizon=inf)
            if attributes:
                made.describe(item_attributes(items), attributes)
            return train(made, config, seed=settings.seed)

        return make

    for factors in (2, 4, 8, 16, 32, 64):
        yield f"{factors} factors, attributes", fit(rows, replace(plain, factors=factors))
        yield f"{factors} factors", fit(rows, replace(plain, factors=factors), 0.0)
    for factors in (8, 32, 64):
        yield f"{factors} factors, attributes, order", fit(rows, replace(base, factors=factors))
    yield "heavy attributes", fit(rows, plain, 4.0)
    yield "light regularization", fit(rows, replace(plain, regularization=1.0))
    yield "heavy regularization", fit(rows, replace(plain, regularization=30.0))
    for share in (0.02, 0.1, 0.3, 0.6):
        yield f"the first {share:.0%} of the rows", fit(rows[: int(share * len(rows))], plain)
    own = [row for seq, row in log.rows.items() if seq in log.by_model]
    others = [row for seq, row in log.rows.items() if seq not in log.by_model]
    yield "echo", fit(own, plain)
    yield "echo, no attributes", fit(own, plain, 0.0)
    yield "without the echo", fit(others, plain)
    yield "as many rows as the echo, of others", fit(others[-len(own) :], plain)
    rng = np.random.default_rng(settings.seed)
    ids = [item.item_id for item in items]
    for bots in (30, 120, 400):
        yield f"{bots} bots", fit([*rows, *_bots(bots, ids, rows[-1].timestamp, rng)], plain)
    for share in (0.3, 0.7, 1.0):
        yield f"{share:.0%} of the rows shuffled", fit(_shuffled(rows, share, rng), plain)
    counted = Interactions.from_rows(rows, horizon=inf)
    yield "popularity", lambda: PopularityModel.from_interactions(counted)
    yield "random", lambda: RandomModel(ids, settings.seed)


def _bots(count: int, ids: Sequence[str], at: float, rng: np.random.Generator) -> list[TrainingRow]:
    unwanted = ids[len(ids) // 2 :]
    return [
        TrainingRow(f"bot-{number}", str(item_id), 4.0, at)
        for number in range(count)
        for item_id in rng.choice(unwanted, 60, replace=False)
    ]


def _shuffled(rows: Sequence[TrainingRow], share: float, rng: np.random.Generator) -> list[TrainingRow]:
    """The rows, with the items of a share of them dealt out anew."""
    changed = list(rows)
    places = rng.permutation(len(rows))[: int(share * len(rows))]
    for place, other in zip(places.tolist(), rng.permutation(places).tolist(), strict=True):
        changed[place] = rows[place]._replace(item_id=rows[other].item_id)
    return changed


def neutral_holdout(
    population: Population, best_first: Sequence[str], settings: Settings, visitors: int
) -> tuple[Holdout, dict[str, float]]:
    """The holdout that `visitors` make who come SESSIONS times and see ROWS rows drawn by lot, and what that costs."""
    ids = tuple(item.item_id for item in population.items)
    lot = Lot.of(Among(ids, frozenset(ids)), best_first, settings.holdout_popular_share)
    cases, weights = [], []
    looked = opened_in_all = 0
    for number in range(visitors):
        rng = np.random.default_rng((settings.seed, 23, number))
        visitor, opened = population.visitor(FIRST_VISITOR + number), dict[str, float]()
        for _ in range(SESSIONS):
            history, taken = dict[str | int, float](opened), set(opened)
            for _ in range(ROWS):
                drawn = lot.draw(ROW_SIZE, taken, rng)
                taken |= {entry.item_id for entry in drawn}
                visit = visit_slate(visitor, [entry.item_id for entry in drawn], DAY, rng, opened)
                looked += len(visit.looked)
                for opening in visit.openings:
                    entry = drawn[opening.index]
                    opened[entry.item_id] = 1.0
                    opened_in_all += 1
                    if len(history) >= settings.exam_min_history:
                        cases.append(NextItemCase(f"n{number}", history, entry.item_id))
                        weights.append(1.0 / entry.propensity)
    cost = {"looked": looked, "opened": opened_in_all, "click_through": opened_in_all / looked}
    return Holdout(tuple(cases), tuple(weights)), cost


def bent_holdout(log: Log, settings: Settings) -> Holdout:
    """The exam of version 0.1: the newest choices from rows that models had filled."""
    running: dict[str, RunningHistory] = {}
    cases = []
    for row in log.raw:
        history = running.setdefault(row.visitor_id, RunningHistory(settings.kind_weights()))
        past = history.weights(settings.history_length)
        if row.seq in log.by_model and row.weight > 0 and past and row.item_id not in past:
            cases.append(NextItemCase(row.visitor_id, dict(past), row.item_id))
        history.add(row)
    return Holdout(tuple(cases[-NEWEST_BENT:]))


def tasted(model: Recommender, panel: Sequence[Judge], index: Mapping[str, int]) -> Floats:
    """Mean true interest of each judge in the model's ten best, float64 (judges,)."""
    found = model.recommend_many([judge.history for judge in panel], k=10)
    return np.array(
        [
            judge.interest[[index[str(hit.item_id)] for hit in hits]].sum() / 10
            for judge, hits in zip(panel, found, strict=True)
        ]
    )


def agreement(
    values: Floats, visitors: Sequence[object], truth: Floats, count: int | None, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Rank correlation of the means of two exams over models, with a 95 % interval over visitors and judges.

    values (models, cases), truth (models, judges). count: choices to draw, in whole visitors; None for as many as there
    are, and then the correlation is that of all.
    """
    numbers: dict[object, int] = {}
    of = np.array([numbers.setdefault(name, len(numbers)) for name in visitors])
    sums = np.array([np.bincount(of, row, minlength=len(numbers)) for row in values])
    sizes = np.bincount(of, minlength=len(numbers)).astype(np.float64)
    drawn_visitors = len(numbers) if count is None else max(2, round(count / sizes.mean()))
    found = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(len(numbers), size=drawn_visitors), minlength=len(numbers))
        judged = np.bincount(rng.integers(truth.shape[1], size=truth.shape[1]), minlength=truth.shape[1])
        found.append(spearmanr((sums @ times) / (sizes @ times), truth @ judged).statistic)
    whole = float(spearmanr(values.mean(axis=1), truth.mean(axis=1)).statistic)
    low, high = np.percentile(found, [2.5, 97.5])
    return (whole if count is None else float(np.mean(found))), float(low), float(high)


def study(store: Store, settings: Settings, population: Population, size: int, visitors: int) -> list[str]:
    """The findings at one size, as lines of Markdown."""
    log = read_log(store, settings, size)
    items = population.items
    popular = PopularityModel.from_interactions(Interactions.from_rows(log.rows.values(), horizon=inf))
    order = [str(hit.item_id) for hit in popular.recommend((), k=len(items))]
    neutral, cost = neutral_holdout(population, order, settings, visitors)
    bent = bent_holdout(log, settings)
    panel = judges(population, JUDGES)
    names, by_lot, by_slates, truth = [], [], [], []
    for name, make in models(log, items, settings):
        model = make()
        names.append(name)
        by_lot.append(neutral.examine(model))
        by_slates.append(bent.examine(model))
        truth.append(tasted(model, panel, population.index))
        print(f"{size:,}: {name}", flush=True)
    by_lot_values, by_slates_values, tastes = np.array(by_lot), np.array(by_slates), np.array(truth)
    rng = np.random.default_rng(settings.seed)
    lot_visitors = [case.user_id for case in neutral.cases]
    lines = [
        "",
        f"### {size:,} events, {len(log.rows):,} training rows, {len(names)} models",
        "",
        f"{visitors:,} simulated holdout visitors looked at {cost['looked']:,} entries drawn by lot and opened "
        f"{cost['opened']:,} ({cost['click_through']:.1%}); {len(neutral.cases):,} choices judge.",
        "",
        "| exam | choices | rank correlation with hidden tastes | 95 % |",
        "| --- | --- | --- | --- |",
    ]
    for count in (1_000, 4_000, None):
        found, low, high = agreement(by_lot_values, lot_visitors, tastes, count, rng)
        lines.append(f"| by lot | {count or len(neutral.cases):,} | {found:.3f} | {low:.3f} to {high:.3f} |")
    bent_visitors = [case.user_id for case in bent.cases]
    found, low, high = agreement(by_slates_values, bent_visitors, tastes, None, rng)
    lines.append(f"| on pages of models (0.1) | {len(bent.cases):,} | {found:.3f} | {low:.3f} to {high:.3f} |")
    lines += ["", "| model | hidden tastes | exam by lot | on pages of models |", "| --- | --- | --- | --- |"]
    for place in np.argsort(-tastes.mean(axis=1)).tolist():
        figures = (tastes[place].mean(), by_lot_values[place].mean(), by_slates_values[place].mean())
        lines.append(f"| {names[place]} | " + " | ".join(f"{figure:.4f}" for figure in figures) + " |")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, required=True, help="folder with the events.db of a simulated site")
    parser.add_argument("--sizes", type=int, nargs="+", default=[160_000, 520_000, 1_150_000])
    parser.add_argument("--visitors", type=int, default=6_000, help="simulated holdout visitors")
    parser.add_argument("--out", type=Path, help="file for the tables")
    options = parser.parse_args(arguments)
    settings = load_settings(overrides={"var": options.var})
    lines: list[str] = []
    with Store(settings.event_database) as store:
        population = Population(all_items(store.reader()), settings.seed)
        for size in options.sizes:
            found = study(store, settings, population, size, options.visitors)
            print("\n".join(found), flush=True)
            lines += found
            if options.out is not None:  # size by size, so that a run that is ended keeps what it found
                options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
