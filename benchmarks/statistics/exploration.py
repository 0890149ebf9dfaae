"""What wild cards cost and bring, by who draws them: uniformly, or by Thompson sampling over shrunken click rates.

    python -m benchmarks.statistics.exploration [--seeds 2] [--rounds 8] [--visits 600] [--out FOLDER]

A catalog of templates of which a seventh is new: nobody has seen it. Visitors of the hidden-taste population come
round after round, each gets the row of a model that is trained on all rounds before, and places from the fourth on show
a wild card with the site's chance. The arms differ in who draws it: nobody; uniformly from the pool of the ranking, as
the site does; uniformly from what was hardly shown; Thompson sampling over Beta posteriors of the same items, whose
prior is the click rate of all items, worth so many impressions. Every arm meets the same visitors in the same order.

Truth: the true chance of a click on what wild cards show, clicks on the row, and how much of the possible gain the
model that was learned captures for judges it never met. Off-policy: the click rate that Thompson sampling would have
had in the places that the uniform arms drew, by inverse propensity, its own propensities by so many draws.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import item_attributes
from app.settings import Settings
from benchmarks.machine import keep
from benchmarks.site.quality import Judge, judges, measure_quality
from recommender import ALSConfig, FactorModel, Interactions, SlatePolicy, train
from recommender.evaluation import snips
from seed_data.population import Population
from seed_data.templates import load_templates
from seed_data.visits import visit_slate

ARMS = ("none", "uniform", "rare", "thompson")
SHARE, POOL, FIRST_SLOT, K = 0.08, 100, 3, 12
NEW_EACH = 7
RARE_VIEWS = 30
PRIOR_VIEWS = 30.0
DRAWS = 400
PEOPLE = 900
_CONFIG = ALSConfig(factors=32, regularization=5.0, iterations=6, recency_boost=20.0, recency_decay=0.7)
Floats = NDArray[np.float64]


@dataclass(slots=True)
class Arm:
    """What one arm saw. views, clicks: (items,), of all places. wild: propensity, whether clicked, the chance that
    Thompson sampling would have drawn the item, its true chance of a click and the visitor, of each wild card.
    """

    name: str
    views: Floats
    clicks: Floats
    rows: list[tuple[str, str]]
    histories: dict[int, list[str]] = field(default_factory=dict)
    wild: list[tuple[float, bool, float, float, int]] = field(default_factory=list)
    shown: int = 0
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """An arm at the end. row_rate: clicks of the row for each entry looked at. wild_rate, wild_truth: clicks and true
    chance of a click of a wild card. captured: share of the possible gain, low and high its interval over judges.
    new_seen: share of the new items with RARE_VIEWS or more. good_new_seen: the same of the tenth of them that suits
    the crowd best. thompson_off_policy: click rate of Thompson sampling estimated from this arm, with its interval.
    """

    seed: int
    arm: str
    row_rate: float
    wild_cards: int
    wild_rate: float
    wild_truth: float
    captured: float
    low: float
    high: float
    new_seen: float
    good_new_seen: float
    thompson_off_policy: tuple[float, float, float] | None


def run(seed: int, rounds: int, visits: int, report: Callable[[str], None] = print) -> list[Outcome]:
    """All arms for one population."""
    items = load_templates()
    population = Population(items, seed)
    ids = [item.item_id for item in items]
    new = np.arange(len(ids)) % NEW_EACH == seed % NEW_EACH
    crowd = np.mean([population.visitor(500_000 + number).affinity(None, 0.0) for number in range(300)], axis=0)
    good = new & (crowd >= np.quantile(crowd[new], 0.9))
    known, judged = np.flatnonzero(~new), judges(population, 400, seed=seed)
    attributes = item_attributes(items)
    outcomes = []
    for name in ARMS:
        arm = Arm(name, np.zeros(len(ids)), np.zeros(len(ids)), [])
        _first_log(arm, population, ids, known, seed)
        model = _fit(arm, attributes, seed)
        for number in range(rounds):
            _round(arm, population, ids, model, number, visits, seed)
            model = _fit(arm, attributes, seed)
        outcomes.append(_outcome(arm, seed, model, judged, new, good, population, crowd))
        report(f"seed {seed}, {name}: {outcomes[-1]}")
    return outcomes


def _first_log(arm: Arm, population: Population, ids: list[str], known: NDArray[np.int64], seed: int) -> None:
    """What visitors did on slates of random known items, before there was a model."""
    rng = np.random.default_rng((seed, 1))
    for number in range(PEOPLE):
        for _ in range(4):
            slate = [ids[row] for row in rng.choice(known, 24, replace=False)]
            _visit(arm, population, number, slate, 0.0, rng)


def _round(
    arm: Arm, population: Population, ids: list[str], model: FactorModel, number: int, visits: int, seed: int
) -> None:
    rng = np.random.default_rng((seed, 2, number))
    index = population.index
    for person in rng.integers(0, PEOPLE, visits).tolist():
        own = np.random.default_rng((seed, 3, number, person))
        history = arm.histories.get(person, [])
        ranked = [str(hit.item_id) for hit in model.recommend(history, k=K + POOL)]
        row, drawn = ranked[:K], dict[int, tuple[float, float]]()
        pool = ranked[K:]
        if arm.name in {"rare", "thompson"}:
            taken = {*history, *row}
            pool = [ids[place] for place in np.flatnonzero(arm.views < RARE_VIEWS) if ids[place] not in taken]
        if arm.name in {"uniform", "rare"}:
            slate = SlatePolicy(SHARE, FIRST_SLOT).draw(row, pool, K, own)
            chances = _thompson_chances(arm, pool, index, own) if any(e.source == "explore" for e in slate) else {}
            for place, entry in enumerate(slate):
                if entry.source == "explore":
                    row[place] = str(entry.item_id)
                    drawn[place] = (entry.propensity, SHARE * chances.get(row[place], 0.0))
        elif arm.name == "thompson":
            for place in range(FIRST_SLOT, K):
                free = [item for item in pool if item not in row]
                if free and own.random() < SHARE:
                    row[place] = free[int(_posterior(arm, free, index, own, 1)[0].argmax())]
                    drawn[place] = (SHARE, SHARE)
        _visit(arm, population, person, row, 1.0 + number, own, drawn)


def _posterior(arm: Arm, pool: list[str], index: dict[str, int], rng: np.random.Generator, draws: int) -> Floats:
    """Draws of the click rates of the items of a pool, (draws, items)."""
    rows = [index[item] for item in pool]
    mean = max(1e-4, arm.clicks.sum() / max(1.0, arm.views.sum()))
    hits, misses = arm.clicks[rows], arm.views[rows] - arm.clicks[rows]
    return rng.beta(mean * PRIOR_VIEWS + hits, (1 - mean) * PRIOR_VIEWS + misses, (draws, len(rows)))


def _thompson_chances(arm: Arm, pool: list[str], index: dict[str, int], rng: np.random.Generator) -> dict[str, float]:
    """How likely Thompson sampling draws each item of the pool, by DRAWS draws."""
    best = _posterior(arm, pool, index, rng, DRAWS).argmax(axis=1)
    return {pool[place]: float(share) for place, share in enumerate(np.bincount(best, minlength=len(pool)) / DRAWS)}


def _visit(
    arm: Arm,
    population: Population,
    person: int,
    slate: list[str],
    day: float,
    rng: np.random.Generator,
    drawn: dict[int, tuple[float, float]] | None = None,
) -> None:
    """Let a person look at a slate, and write down what they did."""
    visitor, history = population.visitor(person), arm.histories.setdefault(person, [])
    visit = visit_slate(visitor, slate, day, rng, set(history))
    opened = {opening.index for opening in visit.openings}
    for place in visit.looked:
        arm.views[population.index[slate[place]]] += 1
    for place in sorted(opened):
        arm.clicks[population.index[slate[place]]] += 1
        history.append(slate[place])
        arm.rows.append((f"person-{person}", slate[place]))
    if drawn is not None:
        arm.shown, arm.opened = arm.shown + len(visit.looked), arm.opened + len(opened)
        truth = visitor.affinity([slate[place] for place in drawn], day)
        for (place, (logged, target)), chance in zip(drawn.items(), truth, strict=True):
            if place in visit.looked:
                arm.wild.append((logged, place in opened, target, float(chance), person))


def _fit(arm: Arm, attributes: dict[str | int, list[str]], seed: int) -> FactorModel:
    log = Interactions.from_rows(arm.rows)
    log.describe(attributes, Settings().attribute_weight)
    return train(log, _CONFIG, seed=seed)


def _outcome(
    arm: Arm,
    seed: int,
    model: FactorModel,
    judged: list[Judge],
    new: NDArray[np.bool_],
    good: NDArray[np.bool_],
    population: Population,
    crowd: Floats,
) -> Outcome:
    ids = [item.item_id for item in population.items]
    popular = [ids[row] for row in np.argsort(-crowd, kind="stable")]
    quality = measure_quality(model, popular, population, judged)
    seen = arm.views >= RARE_VIEWS
    estimate = None
    if arm.name in {"uniform", "rare"} and arm.wild:
        logged, clicked, target, _, people = zip(*arm.wild, strict=True)
        found = snips(list(map(float, clicked)), logged, target, [str(person) for person in people], 100.0)
        estimate = (found.value, found.low, found.high)
    return Outcome(
        seed,
        arm.name,
        arm.opened / max(1, arm.shown),
        len(arm.wild),
        float(np.mean([one[1] for one in arm.wild])) if arm.wild else 0.0,
        float(np.mean([one[3] for one in arm.wild])) if arm.wild else 0.0,
        quality.captured.value,
        quality.captured.low,
        quality.captured.high,
        float(seen[new].mean()),
        float(seen[good].mean()),
        estimate,
    )


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=2, help="populations, from seed 7 on (2)")
    parser.add_argument("--rounds", type=int, default=8, help="rounds, each with a model trained anew (8)")
    parser.add_argument("--visits", type=int, default=600, help="visits a round (600)")
    parser.add_argument("--out", type=Path, help="folder of the JSON (benchmarks/results)")
    options = parser.parse_args()
    outcomes = [
        outcome for seed in range(7, 7 + options.seeds) for outcome in run(seed, options.rounds, options.visits)
    ]
    print(f"Written: {keep('exploration', {'outcomes': [asdict(one) for one in outcomes]}, options.out)}")


if __name__ == "__main__":
    main()
