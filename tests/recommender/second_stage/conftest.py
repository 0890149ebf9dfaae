"""A world whose tastes are about attributes: each user likes one style, and clicks mostly on it when it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from recommender import ALSConfig, FactorModel, Interactions, train
from recommender.second_stage.exposures import Exposures
from recommender.second_stage.learning import StageTrainer
from recommender.second_stage.stage import SecondStage

STYLES = 4
ITEMS = 160
CONFIG = ALSConfig(factors=8, regularization=2.0, iterations=6, transition_weight=0.0)


@dataclass(frozen=True)
class World:
    """A log, what was shown, attributes, and the chance of a click of each user on each item (users, items)."""

    log: Interactions
    exposures: list[tuple[Any, ...]]
    attributes: dict[str, list[str]]
    chances: np.ndarray

    def known(self, model: FactorModel) -> Exposures:
        """The exposures by the numbers of a model."""
        return Exposures.from_rows(self.exposures, model.index_of)


def made_world(
    users: int = 400, shown: int = 40, seed: int = 5, examined: Any = None, told: bool = True, liked: float = 0.35
) -> World:
    """`examined(position)`: chance that an entry is looked at. told: attributes say the style; else they are noise."""
    rng = np.random.default_rng(seed)
    styles = np.arange(ITEMS) % STYLES
    appeal = 0.5 + rng.random(ITEMS)
    taste = rng.integers(STYLES, size=users)
    chances = np.where(taste[:, None] == styles, liked, 0.05) * appeal
    rows, exposures = [], []
    for user in range(users):
        for step, item in enumerate(rng.permutation(ITEMS)[:shown].tolist()):
            position, at = int(rng.integers(1, 11)), float(1000 * step + user)
            looked = examined is None or rng.random() < examined(position)
            taken = bool(looked and rng.random() < chances[user, item])
            exposures.append((f"u{user}", f"i{item}", taken, at, position, "row"))
            if taken:
                rows.append((f"u{user}", f"i{item}", 1.0, at + 1))
    noise = rng.permutation(styles)
    attributes = {
        f"i{item}": [f"style={styles[item] if told else noise[item]}", f"size={item % 3}"] for item in range(ITEMS)
    }
    log = Interactions.from_rows(sorted(rows, key=lambda row: row[3]))
    log.describe({item: ["item=yes"] for item in attributes}, 1e-6)
    return World(log, exposures, attributes, chances)


@pytest.fixture(scope="session")
def world() -> World:
    return made_world()


@pytest.fixture(scope="session")
def model(world: World) -> FactorModel:
    return train(world.log, CONFIG, seed=3)


@pytest.fixture(scope="session")
def learned(world: World, model: FactorModel) -> tuple[StageTrainer, SecondStage]:
    """A trainer that has fitted, and what it learned."""
    trainer = StageTrainer(3)
    return trainer, trainer.fit(model, world.log, world.known(model), world.attributes)
