"""What is planted in what models learn from: an echo, an effect of positions, a swarm's reversal of what was opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import stage_attributes
from app.measure.evaluation.holdout import Holdout
from app.values.item import Item
from recommender import ALSConfig, Exposures, FactorModel, Interactions, train
from recommender.evaluation import NextItemCase
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage
from recommender.second_stage.rates import ItemRates
from recommender.second_stage.weights import PLACES, fit_weights
from seed_data.population import Population
from seed_data.visits import visit_slate

DAY = 14.0
FIRST_ECHOED, FIRST_JUDGE, FIRST_PLACED = 31_000_000, 32_000_000, 33_000_000
"""Visitors of the population who come to no site."""

ECHOED, PUSHED, ROW = 300, 60, 12
DECAY = 0.25
"""Planted: an entry at position p is looked at with chance 1 / (1 + DECAY (p - 1)), though all are logged as shown."""

PLACED_VISITORS = 800


@dataclass(frozen=True, slots=True)
class Echo:
    """A model that learned from its own slates alone, and the exam that those slates would set."""

    model: FactorModel
    own: Holdout
    rows: int


def plant_echo(population: Population, seed: int) -> Echo:
    """A model that has shown everybody the same few items, and learned from what was opened of them.

    Of the visitors one half teaches and the other sets the exam on its own slates.
    """
    ids = [item.item_id for item in population.items]
    pushed = np.random.default_rng((seed, 41)).choice(ids, PUSHED, replace=False).tolist()
    taught = [
        (f"echoed-{number}", item_id, 1.0, float(number))
        for number in range(ECHOED)
        for item_id in _opened(population, FIRST_ECHOED + number, pushed, seed)
    ]
    cases = []
    for number in range(ECHOED):
        opened = list(_opened(population, FIRST_JUDGE + number, pushed, seed))
        cases += [
            NextItemCase(f"judge-{number}", tuple(opened[:place]), opened[place]) for place in range(1, len(opened))
        ]
    model = train(Interactions.from_rows(taught, horizon=inf), ALSConfig(factors=8), seed=seed)
    return Echo(model, Holdout(tuple(cases)), len(taught))


def _opened(population: Population, number: int, pushed: Sequence[str], seed: int) -> Iterator[str]:
    """What one visitor opens of the pushed items, which stand before them row by row in an order by chance."""
    rng = np.random.default_rng((seed, 43, number))
    visitor, order = population.visitor(number), rng.permutation(pushed).tolist()
    for start in range(0, len(order), ROW):
        row = order[start : start + ROW]
        for opening in visit_slate(visitor, row, DAY, rng).openings:
            yield row[opening.index]


@dataclass(frozen=True, slots=True)
class PositionEffect:
    """Odds of a click at each of PLACES but the last, relative to the first: as planted, and as learned (places,)."""

    planted: NDArray[np.float64]
    learned: NDArray[np.float64]
    clicks: int

    @property
    def largest_error(self) -> float:
        """Of learned over planted, as a share."""
        return float(np.abs(self.learned / self.planted - 1.0).max())


def plant_position_effect(population: Population, seed: int, visitors: int = PLACED_VISITORS) -> PositionEffect:
    """Rows of twelve random items, whose lower entries are overlooked more often, and the effect that is learned.

    What learns is the regression of the second stage, which takes the item's click rate as its one feature here.
    """
    rng = np.random.default_rng((seed, 47))
    items = len(population.items)
    shown = (items // 2 // ROW) * ROW
    looked = 1.0 / (1.0 + DECAY * np.arange(ROW))
    positions = np.tile(np.arange(1, ROW + 1, dtype=np.int32), shown // ROW)
    of_visitor, taken, interest = [], [], []
    for number in range(visitors):
        seen = rng.choice(items, shown, replace=False).astype(np.int32)
        chance = population.visitor(FIRST_PLACED + number).affinity(None, DAY)[seen]
        of_visitor.append(seen)
        interest.append(chance.mean())
        taken.append(rng.random(shown) < chance * looked[positions - 1])
    chosen = np.concatenate(taken)
    exposures = Exposures.from_arrays(
        tuple(f"placed-{number}" for number in range(visitors)),
        np.repeat(np.arange(visitors, dtype=np.int32), shown),
        np.concatenate(of_visitor),
        chosen,
        np.arange(len(chosen), dtype=np.float64),
        np.tile(positions, visitors),
        np.zeros(len(chosen), np.int32),
    )
    rates = ItemRates(exposures, items).without(exposures.items, exposures.taken)
    fitted = fit_weights(rates[:, None], exposures.taken, exposures.positions, exposures.contexts, np.ones(1))
    groups = [range(low + 1, high + 1) for low, high in zip((0, *PLACES), PLACES, strict=False) if low < ROW]
    chances = np.mean(interest) * np.array([looked[[p - 1 for p in group if p <= ROW]].mean() for group in groups])
    odds = chances / (1.0 - chances)
    return PositionEffect(odds / odds[0], fitted.examination[: len(groups)], int(chosen.sum()))


def poisoned_stage(champion: FactorModel, items: Sequence[Item]) -> FactorModel:
    """The champion with its second stage turned round: what it had learned to prefer it puts last.

    A champion without a second stage gets the one that is assumed beforehand, turned round.
    """
    stage = champion.second_stage
    if stage is None:
        stage = assumed_stage(ItemAttributes.of(stage_attributes(items), champion.item_ids))
    return champion.with_second_stage(replace(stage, weights=-np.abs(stage.weights)))
