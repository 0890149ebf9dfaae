"""What lift of clicks the site could show: each ranking on the pages of simulated visitors, without the site.

    python -m benchmarks.statistics.lift [--visitors 1200] [--tastes 15000] [--database var/events.db --events 1150000]

Visitors come as in `make bench`: two home pages a visit, a third of all visits by somebody who was here before. They
look at the first row, at the second, and below some of what they open at what is like it. In control the first row is
popular, the second new (drawn evenly), the third popular of the type. In treatment a visitor with a history gets the
ranking in all three, without repeats; nobody else differs, for before the first click nothing is known. The same
visitors see both. Rankings: an oracle, which knows every whim; the Bayes answer (`benchmarks.site.ceiling`), better
than which no learner is on average; every mixture of popularity and the Bayes answer that captures a given share of
what can be learned; and, of a database, what a model of it ranks.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import item_attributes, stage_attributes
from app.store.slates import OWN_SHELVES
from benchmarks.library.second_stage import CONFIG, read_log
from benchmarks.site.ceiling import FIRST_TASTE
from benchmarks.site.quality import K, judges
from recommender import Exposures, FactorModel, Interactions, StageTrainer, train
from seed_data.population import Population
from seed_data.templates import load_templates

DAY, SEED, ROW = 14.0, 7, 12
FIRST_VISITOR = 60_000_000
LOOKS_BELOW = 0.35
EXAMINED = 1.0 / (1.0 + 0.06 * np.arange(ROW))
SHARES = (0.25, 0.33, 0.5)

Floats = NDArray[np.float64]
Histories = Sequence[Sequence[int]]
Ranking = Callable[[Histories], Floats]
"""Scores float64 (visitors, items) of histories, rows of items oldest first."""


@dataclass(slots=True)
class Seen:
    """What each visitor looked at and opened, int64 (visitors,); blank: of what they looked at, without a history."""

    looked: NDArray[np.int64]
    opened: NDArray[np.int64]
    blank: NDArray[np.int64]


class Bayes:
    """Scores by posterior mean interest over tastes drawn from the population."""

    def __init__(self, population: Population, tastes: int) -> None:
        numbers = range(FIRST_TASTE, FIRST_TASTE + tastes)
        self._interest = np.concatenate(
            [population.expected_interest_of(numbers[at : at + 2000], DAY) for at in range(0, tastes, 2000)]
        )
        self._log_lift = np.log(self._interest / self._interest.mean(axis=1, keepdims=True))

    def __call__(self, histories: Histories) -> Floats:
        weights = np.stack([self._log_lift[:, list(opened)].sum(axis=1) for opened in histories])
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        scores: Floats = (weights @ self._interest).astype(np.float64)
        return scores


def mixed(ranking: Ranking, popular: Floats, sharpness: float) -> Ranking:
    """Log scores of `ranking` times sharpness beside those of popularity times the rest."""
    return lambda histories: sharpness * np.log(ranking(histories)) + (1 - sharpness) * np.log(popular)


def by_model(model: FactorModel, index: dict[str, int]) -> Ranking:
    """What a model ranks, best first, 60 of it."""
    ids = list(index)

    def scores(histories: Histories) -> Floats:
        found = np.full((len(histories), len(ids)), -inf)
        for row, hits in enumerate(model.recommend_many([[ids[at] for at in opened] for opened in histories], k=60)):
            for place, hit in enumerate(hits):
                found[row, index[str(hit.item_id)]] = -float(place)
        return found

    return scores


def browse(population: Population, visitors: int, popular: Floats, ranking: Ranking | None) -> Seen:
    """Every visitor's visits; without a ranking as in control. The same visitor draws from the same chance in both."""
    items = len(population.items)
    types = np.unique([item.type for item in population.items], return_inverse=True)[1]
    people = [population.visitor(FIRST_VISITOR + number) for number in range(visitors)]
    interest = np.stack([one.affinity(None, DAY) for one in people])
    histories: list[list[int]] = [[] for _ in people]
    seen = Seen(*(np.zeros(visitors, np.int64) for _ in range(3)))
    for page in range(4):  # two visits of two pages; every second visitor returns
        here = [number for number in range(visitors) if page < 2 or number % 2 == 0]
        known = [number for number in here if histories[number]]
        scores = np.tile(popular, (visitors, 1))
        if ranking is not None and known:
            scores[known] = ranking([histories[number] for number in known])
        for number in here:
            rng = np.random.default_rng((SEED, 59, number, page))
            learned = ranking is not None and bool(histories[number])
            order = np.argsort(-scores[number], kind="stable")
            order = order[~np.isin(order, histories[number])]
            blank = not histories[number]
            first = order[:ROW]
            fresh = rng.permutation(items)[: 2 * ROW]
            second = order[ROW : 2 * ROW] if learned else fresh[~np.isin(fresh, first)][:ROW]
            rows, opened = [first, second], []
            for place, row in enumerate(rows):
                opened += _look(row, interest[number], rng, seen, number, blank)
                if place == 1:
                    for item in opened.copy():
                        if rng.random() < LOOKS_BELOW:
                            left = order[~np.isin(order, [*first, *second])]
                            below = left[:ROW] if learned else left[types[left] == types[item]][:ROW]
                            opened += _look(below, interest[number], rng, seen, number, blank)
            histories[number] += [item for item in dict.fromkeys(opened) if item not in histories[number]]
    return seen


def _look(
    row: NDArray[np.int64], interest: Floats, rng: np.random.Generator, seen: Seen, number: int, blank: bool
) -> list[int]:
    chances = rng.random((2, ROW))
    looked = chances[0, : len(row)] < EXAMINED[: len(row)]
    opened = row[looked & (chances[1, : len(row)] < interest[row])]
    seen.looked[number] += looked.sum()
    seen.opened[number] += len(opened)
    seen.blank[number] += looked.sum() * blank
    return [int(item) for item in opened]


def lift(treated: Seen, control: Seen) -> tuple[float, float, float]:
    """Clicks a look of treatment over control's less one, with a 95 % interval, over visitors, paired."""
    rates = [(one.opened.sum() / one.looked.sum(), one) for one in (treated, control)]
    influence = [(one.opened - rate * one.looked) / one.looked.mean() / rate for rate, one in rates]
    ratio = rates[0][0] / rates[1][0]
    half = 1.96 * ratio * float((influence[0] - influence[1]).std()) / len(treated.looked) ** 0.5
    return 100 * (ratio - 1), 100 * (ratio - 1 - half), 100 * (ratio - 1 + half)


def learned_model(database: Path, events: int, population: Population) -> FactorModel:
    """The site's model of the first events of a database, with its second stage."""
    found = read_log(database, events)
    log = Interactions.from_rows(found.rows, horizon=inf)
    log.describe(item_attributes(population.items), 1.0)
    model = train(log, CONFIG, seed=SEED)
    exposures = Exposures.from_rows(found.exposures, model.index_of, OWN_SHELVES)
    return model.with_second_stage(StageTrainer(SEED).fit(model, log, exposures, stage_attributes(population.items)))


def captured(population: Population, ranking: Ranking, popular: Floats, bayes: Ranking, count: int = 400) -> float:
    """Share of what can be learned of judges with five opened items, percent."""
    panel = judges(population, count)
    histories = [[population.index[item_id] for item_id in judge.history] for judge in panel]

    def worth(scores: Floats) -> float:
        for row, opened in zip(scores, histories, strict=True):
            row[opened] = -inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :K]
        return float(np.mean([judge.interest[rows].mean() for judge, rows in zip(panel, best, strict=True)]))

    plain = worth(np.tile(popular, (len(panel), 1)))
    return 100 * (worth(ranking(histories)) - plain) / (worth(bayes(histories)) - plain)


def main() -> None:
    """Print a table for docs/measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=1200)
    parser.add_argument("--tastes", type=int, default=15_000)
    parser.add_argument("--database", type=Path, help="event database of a site of simulated visitors")
    parser.add_argument("--events", type=int, default=1_150_000, help="learn from so many of its first events")
    options = parser.parse_args()
    population = Population(load_templates(), SEED)
    bayes = Bayes(population, options.tastes)
    everybody = population.expected_interest_of(range(FIRST_VISITOR - 2000, FIRST_VISITOR), DAY).mean(axis=0)
    popular: Floats = everybody.astype(np.float64)
    rankings: dict[str, Ranking] = {}
    if options.database:
        model = learned_model(options.database, options.events, population)
        rankings[f"the site's model of {options.events:,} events"] = by_model(model, population.index)
    rankings |= {f"Bayes answer to the power {sharp}": mixed(bayes, popular, sharp) for sharp in SHARES}
    rankings["Bayes answer"] = bayes
    control = browse(population, options.visitors, popular, None)
    print(
        f"control: {100 * control.opened.sum() / control.looked.sum():.2f} clicks in 100 looks, "
        f"{100 * control.blank.sum() / control.looked.sum():.0f} % of them before the first click"
    )
    print("| ranking | of what can be learned, five opened | clicks in 100 looks | lift, % |\n|---|---|---|---|")
    for name, ranking in rankings.items():
        seen = browse(population, options.visitors, popular, ranking)
        share = captured(population, ranking, popular, bayes)
        mean, low, high = lift(seen, control)
        rate = 100 * seen.opened.sum() / seen.looked.sum()
        print(f"| {name} | {share:.0f} | {rate:.2f} | {mean:+.0f} ({low:+.0f} to {high:+.0f}) |", flush=True)


if __name__ == "__main__":
    main()
