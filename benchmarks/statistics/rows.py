"""What a site's rows are worth by the hidden tastes: the first row by its balance, "Because" by how it is chosen.

    python -m benchmarks.statistics.rows --var FOLDER [--judges 800] [--out FOLDER]

FOLDER is a site that simulated visitors used, such as what `make proof` leaves. A model is learned from its database
twice, with the second stage and without. Judges are visitors of the hidden-taste population whom the site never met,
who have opened five of what they were shown by chance, and visitors of the site with their own histories. A row's
worth is the clicks that a judge's tastes expect of it, each place weighed by how likely it is looked at; captured is
the share of what lies between popularity and an oracle that knows every taste. Intervals are 95 %, over judges, paired
with popularity.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.catalog.traits import item_traits
from app.learn.training_state import TrainingState
from app.models.balance import CANDIDATES, learned_row
from app.settings import Settings, load_settings
from app.store import Store
from app.store.choices import recent_choices
from app.store.interactions import visitor_interactions
from app.store.items import all_items
from app.visitors.history import history_of
from benchmarks.bulk import simulated_id
from benchmarks.machine import keep
from benchmarks.site.quality import judges
from recommender import FactorModel
from recommender.reranking.balanced_row import BalancedRow, RowRules, Taste
from recommender.reranking.traits import ItemTraits
from seed_data.population import Population
from seed_data.templates import load_templates

K, DAY = 12, 16.0
EXAMINED = 1.0 / (1.0 + 0.06 * np.arange(K))
"""How likely each place is looked at, as the mean visitor of the population does."""

NEAREST = (1, 3, 5, 8)
"""How many times K neighbours "Because" chooses from; 1 is the nearest alone."""

Floats = NDArray[np.float64]
Asker = tuple[dict[str, float], Floats]
"""A history, and the true interest in every item (items,)."""


@dataclass(frozen=True, slots=True)
class Worth:
    """A row's mean over judges. clicks: expected. captured: percent of the possible gain, low and high its bounds."""

    judges: str
    shelf: str
    model: str
    row: str
    clicks: float
    captured: float
    low: float
    high: float


def balances(rules: RowRules) -> dict[str, RowRules | None]:
    """The rows that are compared: the model's order, the site's rules, and each part of them changed alone."""
    return {
        "the model's order": None,
        "as the site has it": rules,
        "affinity 0": replace(rules, affinity=0.0),
        "affinity 0.5": replace(rules, affinity=0.5),
        "calibration 0": replace(rules, calibration=0.0),
        "calibration 0.2": replace(rules, calibration=0.2),
        "largest share 0.67": replace(rules, largest_share=0.67),
        "largest share 0.75": replace(rules, largest_share=0.75),
        "no bound on a type": replace(rules, largest_share=1.0, distinct=1),
    }


def guests(population: Population, store: Store, settings: Settings, first: int, seed: int) -> Iterator[Asker]:
    """Simulated visitors of the site with two or more wanted items, by number from `first` on."""
    (sent,) = store.reader().execute("SELECT COUNT(*) FROM visitors WHERE origin = 'simulated'").fetchone()
    for each in islice(count(first), sent):
        rows = visitor_interactions(store.reader(), simulated_id(seed, each))
        history = history_of(rows, settings.kind_weights(), settings.history_length).weights
        wanted = {item_id: weight for item_id, weight in history.items() if weight > 0}
        if len(wanted) > 1:
            yield wanted, population.visitor(each).affinity(None, DAY)


def compare(
    name: str,
    askers: Sequence[Asker],
    models: Mapping[str, FactorModel],
    rows: Mapping[str, BalancedRow | None],
    popular: Sequence[str],
    population: Population,
) -> list[Worth]:
    """Every row for every judge, of whom `name` says who they are."""
    place = {item.item_id: row for row, item in enumerate(population.items)}
    clicks: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    oracle = []
    for history, interest in askers:

        def worth(shown: Sequence[str], interest: Floats = interest) -> float:
            return float((interest[[place[item_id] for item_id in shown]] * EXAMINED[: len(shown)]).sum())

        unseen = np.delete(interest, [place[item_id] for item_id in history])
        oracle.append(float((np.sort(unseen)[::-1][:K] * EXAMINED).sum()))
        left = [item_id for item_id in popular if item_id not in history]
        clicks["popular", "", "popularity"].append(worth(left[:K]))
        for title, model in models.items():
            best = model.recommend(history, k=CANDIDATES)
            ranked, scores = [str(hit.item_id) for hit in best], [hit.score for hit in best]
            for label, row in rows.items():
                order = (
                    range(K) if row is None else row.arrange(ranked, scores, K, Taste(dict(history.items()))).order[:K]
                )
                clicks["for-you", title, label].append(worth([ranked[at] for at in order]))
            shown = {*history, *ranked[:K]}
            near = [str(hit.item_id) for hit in model.similar(list(history)[-1], k=(max(NEAREST) + 4) * K)]
            free = [item_id for item_id in near if item_id not in shown]
            for times in NEAREST:
                suits = model.recommend(history, k=K, candidates=free[: times * K])
                chosen = free[:K] if times == 1 else [str(hit.item_id) for hit in suits]
                clicks["because", title, f"best of the {times * K} nearest"].append(worth(chosen))
    zero, possible = np.array(clicks["popular", "", "popularity"]), np.array(oracle)
    room = float((possible - zero).mean())
    found = []
    for (shelf, title, label), values in clicks.items():
        gain = (np.array(values) - zero) / room
        mean, half = 100 * float(gain.mean()), 196 * float(gain.std()) / len(gain) ** 0.5
        found.append(Worth(name, shelf, title, label, float(np.mean(values)), mean, mean - half, mean + half))
    return found


def main() -> None:
    """Compare, print a table and keep it as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--var", type=Path, required=True, help="folder of a site that simulated visitors used")
    parser.add_argument("--judges", type=int, default=800, help="judges of each sort (800)")
    parser.add_argument("--first", type=int, default=10_000, help="number of the first simulated visitor (10000)")
    parser.add_argument("--seed", type=int, default=7, help="seed of their visits (7)")
    parser.add_argument("--out", type=Path, help="folder of the JSON (benchmarks/results)")
    options = parser.parse_args()
    settings = load_settings(overrides={"var": options.var})
    population = Population(load_templates(), seed=7)
    with Store(settings.event_database) as store:
        models = {}
        for staged in (False, True):
            state = TrainingState(replace(settings, second_stage=staged), None)
            state.follow(store)
            models["second stage" if staged else "factors and transitions"] = state.model(store)
        balanced = learned_row(ItemTraits(*item_traits(all_items(store.reader()))), settings, store)
        rows = {
            label: None if rules is None else balanced.with_rules(rules)
            for label, rules in balances(balanced.rules).items()
        }
        chosen = Counter(item_id for _, item_id in recent_choices(store.reader()))
        popular = sorted((item.item_id for item in population.items), key=lambda item_id: -chosen[item_id])
        known = list(islice(guests(population, store, settings, options.first, options.seed), options.judges))
        strangers = [
            (dict.fromkeys(judge.history, 1.0), judge.interest) for judge in judges(population, options.judges, DAY)
        ]
        groups = {"strangers": strangers, "visitors of the site": known}
        found = [
            worth
            for name, askers in groups.items()
            if askers
            for worth in compare(name, askers, models, rows, popular, population)
        ]
    print(table(found))
    keep("rows", {"worth": [asdict(worth) for worth in found]}, options.out)


def table(found: Sequence[Worth]) -> str:
    """The rows as a table of Markdown."""
    lines = ["| judges | shelf | model | row | expected clicks | captured |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.judges} | {one.shelf} | {one.model} | {one.row} | {one.clicks:.3f} | "
        f"{one.captured:.1f} % ({one.low:.1f} to {one.high:.1f}) |"
        for one in found
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
