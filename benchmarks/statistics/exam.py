"""The exam of models, examined: does it rank them as the hidden tastes do, after how many choices, and does an echo
gain anything in it?

    python -m benchmarks.statistics.exam --var FOLDER [--sizes 160000 520000 1150000] [--visitors 2000]

FOLDER holds the event database of a simulated site, such as `make proof` leaves. Models of differing worth are made
from its log up to each size. They sit three exams: choices of simulated holdout visitors from pages drawn by lot (the
site's exam, by the site's own code), choices from pages that models had filled (that of version 0.1), and the hidden
tastes of 2,000 judges. How an exam by lot agrees with the hidden tastes after so many choices is worked out from true
interest (`exam_agreement`); what the champion gains over popularity, and what the echo does, is drawn as clicks.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from math import inf, isinf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.catalog.among import Among
from app.measure.evaluation.holdout import Holdout
from app.serve.by_lot.lot import POPULAR_PART, Lot
from app.settings import Settings, load_settings
from app.store import Store
from app.store.items import all_items
from app.visitors.history import RunningHistory
from benchmarks.site.quality import Judge, judges
from benchmarks.statistics.exam_agreement import Gain, Panel, discounted, exam_law, found_among, rank_gain
from benchmarks.statistics.exam_models import Log, models, read_log
from recommender import Interactions, PopularityModel, Recommender
from recommender.evaluation import Interval, NextItemCase, paired_interval
from seed_data.population import Population
from seed_data.visits import visit_slate

DAY = 14.0
FIRST_VISITOR, FIRST_PANEL = 20_000_000, 25_000_000
SESSIONS = 6
ROWS, ROW_SIZE = 2, 12
JUDGES = 2_000
PANEL = 240
DEPTH = 300
"""Ranks that are told apart; below, gains come to nothing or to one value for all."""

NEWEST_BENT = 2_000
CHOICES = (500, 1_000, 4_000, 16_000, 64_000, 1_000_000)
TARGET = 0.9
CHAMPION, POPULARITY, ECHO = "second stage, 32 factors", "popularity", "echo"

EXAMS: Mapping[str, tuple[Gain, float]] = {
    "rank gain 0.95 (in force)": (rank_gain(0.95, 100), 1.0),
    "rank gain 0.95, power 0.8": (rank_gain(0.95, 100), 0.8),
    "rank gain 0.95, power 0.6": (rank_gain(0.95, 100), 0.6),
    "rank gain 0.95, not weighted": (rank_gain(0.95, 100), 0.0),
    "rank gain 0.97": (rank_gain(0.97, 150), 1.0),
    "rank gain 0.98": (rank_gain(0.98, DEPTH), 1.0),
    "NDCG@10": (discounted(10), 1.0),
    "NDCG@100": (discounted(100), 1.0),
    "found among 48": (found_among(48), 1.0),
}
"""Gain of a rank, and the power of the inverse propensity that weighs it."""

Floats = NDArray[np.float64]


def neutral_holdout(
    population: Population, best_first: Sequence[str], settings: Settings, visitors: int
) -> tuple[Holdout, dict[str, float]]:
    """The holdout that `visitors` make who come SESSIONS times and see ROWS rows drawn by lot, and what that costs."""
    ids = tuple(item.item_id for item in population.items)
    popular = Among.of(best_first[: round(POPULAR_PART * len(ids))])
    lot = Lot(Among.of(ids), popular, settings.holdout_popular_share)
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
        if row.seq in log.placed and row.weight > 0 and past and row.item_id not in past:
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


def panel_of(
    made: Sequence[Recommender], population: Population, popular: NDArray[np.bool_], settings: Settings
) -> Panel:
    """Holdout visitors with two to six items opened on pages drawn by lot, and the ranks by each model."""
    ids = [item.item_id for item in population.items]
    pool, histories, interest = np.flatnonzero(popular), [], []
    for number in range(PANEL):
        rng = np.random.default_rng((settings.seed, 29, number))
        truth = population.visitor(FIRST_PANEL + number).affinity(None, DAY)
        opened: list[int] = []
        length = settings.exam_min_history + number % 5
        while len(opened) < length:
            by_popularity = rng.random(ROW_SIZE) < settings.holdout_popular_share
            row = np.where(by_popularity, rng.choice(pool, ROW_SIZE), rng.integers(0, len(ids), ROW_SIZE))
            opened += [
                item for item in dict.fromkeys(row.tolist()) if rng.random() < truth[item] and item not in opened
            ]
        opened = opened[:length]
        histories.append(tuple(ids[item] for item in opened))
        truth = truth.copy()
        truth[opened] = 0.0
        interest.append(truth)
    ranks = np.full((len(made), PANEL, len(ids)), DEPTH, np.int16)
    for model, of_model in zip(made, ranks, strict=True):
        for row, hits in zip(of_model, model.recommend_many(histories, k=DEPTH), strict=True):
            row[[population.index[str(hit.item_id)] for hit in hits]] = np.arange(len(hits))
    return Panel(ranks, np.array(interest))


def study(store: Store, settings: Settings, population: Population, size: int, visitors: int) -> list[str]:
    """The findings at one size, as lines of Markdown."""
    log, items = read_log(store, settings, size), population.items
    popularity = PopularityModel.from_interactions(Interactions.from_rows(log.rows.values(), horizon=inf))
    order = [str(hit.item_id) for hit in popularity.recommend((), k=len(items))]
    judging = judges(population, JUDGES)
    names, made, tastes = [], [], []
    for name, make in models(log, items, settings):
        names.append(name)
        made.append(make())
        tastes.append(tasted(made[-1], judging, population.index))
        print(f"{size:,}: {name} {tastes[-1].mean():.4f}", flush=True)
    truth = np.array(tastes)
    popular = np.zeros(len(items), np.bool_)
    popular[[population.index[item_id] for item_id in order[: round(POPULAR_PART * len(items))]]] = True
    panel = panel_of(made, population, popular, settings)
    chances = panel.chances(popular, settings.holdout_popular_share)
    rng = np.random.default_rng(settings.seed)
    head = "".join(f" {choices:,} |" for choices in CHOICES)
    lines = [
        "",
        f"### {size:,} events, {len(log.rows):,} training rows, {len(names)} models",
        "",
        f"| rank correlation with hidden tastes after choices |{head} choices for {TARGET} |",
        "| --- |" + " --- |" * (len(CHOICES) + 1),
    ]
    for exam, (gain, power) in EXAMS.items():
        law = exam_law(panel, chances, gain, power=power)
        cells = ["{:.2f} ({:.2f} to {:.2f})".format(*law.agreement(truth, choices, rng)) for choices in CHOICES]
        needed = law.needed(truth, TARGET, rng)
        lines.append(f"| {exam} | {' | '.join(cells)} | {'never' if isinf(needed) else f'{needed:,.0f}'} |")
    return lines + _drawn(log, settings, population, order, dict(zip(names, made, strict=True)), truth, visitors)


def _drawn(
    log: Log,
    settings: Settings,
    population: Population,
    order: Sequence[str],
    made: Mapping[str, Recommender],
    truth: Floats,
    visitors: int,
) -> list[str]:
    """What clicks of simulated visitors say of the champion and of the echo, less popularity, with intervals."""
    neutral, cost = neutral_holdout(population, order, settings, visitors)
    bent = bent_holdout(log, settings)
    lines = [
        "",
        f"{visitors:,} simulated holdout visitors looked at {cost['looked']:,} entries drawn by lot and opened "
        f"{cost['opened']:,} ({cost['click_through']:.1%}); {len(neutral.cases):,} choices judge, and "
        f"{len(bent.cases):,} from pages of models.",
        "",
        "| less popularity | true interest of ten, % | exam by lot | on pages of models |",
        "| --- | --- | --- | --- |",
    ]
    row_of = dict(zip(made, truth, strict=True))
    for name in (CHAMPION, ECHO):
        if name not in made:
            continue
        tastes = paired_interval(100 * row_of[name], 100 * row_of[POPULARITY], seed=settings.seed)
        cells = [_said(tastes), *(_examined(exam, made[name], made[POPULARITY], settings) for exam in (neutral, bent))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _examined(exam: Holdout, model: Recommender, popularity: Recommender, settings: Settings) -> str:
    """The paired difference in an exam; a dash where it has no case."""
    if not exam.cases:
        return "–"
    visitors = [case.user_id for case in exam.cases]
    return _said(paired_interval(exam.examine(model), exam.examine(popularity), visitors, seed=settings.seed))


def _said(interval: Interval) -> str:
    return f"{interval.mean:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, required=True, help="folder with the events.db of a simulated site")
    parser.add_argument("--sizes", type=int, nargs="+", default=[160_000, 520_000, 1_150_000])
    parser.add_argument("--visitors", type=int, default=2_000, help="simulated holdout visitors")
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
