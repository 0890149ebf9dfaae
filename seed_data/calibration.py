"""What the hidden-taste population does with slates of different quality: the numbers it was tuned to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.values.item import Item
from seed_data.population import Population

SLATE = 12


@dataclass(frozen=True, slots=True)
class Calibration:
    """Clicks an entry shown, on slates of 12: of a random, a most-popular and an all-knowing shelf."""

    random: float
    popularity: float
    oracle: float


def calibrate(items: Sequence[Item], seed: int = 7, visitors: int = 400, day: float = 7.0) -> Calibration:
    """Show every visitor one slate of each kind. Popularity is of other visitors, so nobody's own clicks help."""
    population = Population(items, seed)
    rng = np.random.default_rng((seed, 2))
    ids = [item.item_id for item in items]
    crowd = sum(population.visitor(100_000 + number).affinity(None, day) for number in range(visitors))
    popular = [ids[row] for row in np.argsort(-np.asarray(crowd), kind="stable")[:SLATE]]
    clicks = np.zeros(3)
    for number in range(visitors):
        visitor = population.visitor(number)
        best = [ids[row] for row in np.argsort(-visitor.affinity(None, day), kind="stable")[:SLATE]]
        drawn = [ids[row] for row in rng.choice(len(ids), min(SLATE, len(ids)), replace=False)]
        clicks += [len(visitor.clicks(slate, day, rng)) for slate in (drawn, popular, best)]
    shown = visitors * min(SLATE, len(ids))
    return Calibration(*(clicks / shown).tolist())


def main() -> None:
    """Print the calibration of the template catalog, and how fast a visitor is made and decides."""
    from seed_data.templates import load_templates

    items = load_templates()
    rates = calibrate(items)
    print(
        f"clicks an entry shown: random {rates.random:.1%}, "
        f"popularity {rates.popularity:.1%}, oracle {rates.oracle:.1%}"
    )
    population = Population(items)
    rng = np.random.default_rng(1)
    slate = [item.item_id for item in items[:SLATE]]
    started = time.perf_counter()
    visitors = [population.visitor(number) for number in range(2000)]
    made = time.perf_counter()
    for visitor in visitors:
        visitor.clicks(slate, 3.0, rng)
    decided = time.perf_counter()
    print(f"{(made - started) * 500:.0f} µs a visitor, {(decided - made) * 500:.0f} µs a slate of {SLATE}")


if __name__ == "__main__":
    main()
