"""Random histories of visitors with plain tastes, as an export and as the log of the site's own trainer."""

from __future__ import annotations

from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from app.catalog.attributes import item_attributes
from app.export.manifest import Manifest
from app.export.parquet_tables import item_rows, write_table
from app.values.interaction import Interaction
from app.visitors.contribution import ContributionRules, TrainingRow, training_rows
from recommender import ALSConfig, ALSTrainer, Interactions
from tests.app.interactions import Did, rows_of
from tests.conftest import make_items

ITEMS, TASTES = 48, 4
KINDS = {"click": 1.0, "save": 2.0, "like": 3.0, "use": 4.0}
RULES: dict[str, Any] = {"trust_after_s": 120.0, "first_visit_weight": 1.5, "placed_weight": 0.25}
CONFIG = ALSConfig(
    factors=8, alpha=6.0, regularization=1000.0, iterations=15, transition_window=3, transition_backward=0.5,
    activity_shrinkage=2.0,
)  # fmt: skip
"""Regularization is that of its bound, so that trainer and Spark must find the same strength of shrunken rows."""
SETTINGS: dict[str, Any] = {
    **asdict(CONFIG), **RULES, "kind_weights": KINDS, "attribute_weight": 1.0, "seed": 7, "second_stage": True,
}  # fmt: skip


def histories(visitors: int, seed: int) -> tuple[list[Interaction], dict[int, str]]:
    """Interactions of visitors who mostly keep to every fourth item, and take much back; and what placed some of them.

    Half of the visitors are never trusted, one in ten judges models.
    """
    rng = np.random.default_rng(seed)
    rows: list[Interaction] = []
    placed: dict[int, str] = {}
    numbers = count(1)
    for visitor in range(visitors):
        old = rng.random() < 0.5
        done = []
        for _ in range(int(rng.integers(1, 25))):
            taste = visitor % TASTES if rng.random() < 0.9 else int(rng.integers(TASTES))
            often = rng.random() < 0.6  # so that much is said, taken back and said again of a few
            item = int(rng.integers(3 if often else ITEMS // TASTES)) * TASTES + taste
            kind = str(rng.choice(["click", "click", "like", "save", "use", "dislike", "dislike"]))
            done.append(
                Did(
                    f"item-{item:03}", kind, bool(rng.random() < 0.3), f"visitor-{visitor:03}",
                    served=bool(rng.random() < 0.6), holdout=visitor % 10 == 9,
                    age_s=float(rng.integers(100, 10_000 if old else 119)),
                    origin="seed" if visitor % 37 == 36 else "real",
                )
            )  # fmt: skip
        for row in rows_of(*done):
            seq = next(numbers)
            rows.append(row._replace(seq=seq, at=row.at + 1000.0 * visitor))
            if row.weight > 0 and rng.random() < 0.3:
                placed[seq] = str(rng.choice(["als", "first-factors", "pinned"]))
    return rows, placed


def write_export(folder: Path, rows: list[Interaction], placed: dict[int, str]) -> None:
    """The export of a site with these interactions, in two files."""
    manifest = Manifest("test", 10**9, complete=True, settings=SETTINGS, watermark=len(rows), interaction=len(rows))
    half = len(rows) // 2
    for name, table, of_table in (
        ("interactions/part-000000.parquet", "interactions", [(*row, placed.get(row.seq)) for row in rows[:half]]),
        ("interactions/part-000001.parquet", "interactions", [(*row, placed.get(row.seq)) for row in rows[half:]]),
        ("items/items.parquet", "items", item_rows(make_items(ITEMS + 3))),
    ):
        manifest.files[name] = write_table(folder / name, table, of_table, lambda count: None)
    manifest.write(folder)


def rows_here(rows: list[Interaction], placed: dict[int, str]) -> dict[int, TrainingRow]:
    """What trains of them by the site's own rules."""
    rules = ContributionRules(kind_weights=KINDS, **RULES)
    return training_rows([row for row in rows if not row.holdout], rules, placed)


def trainer_here(rows: dict[int, TrainingRow]) -> ALSTrainer:
    """The site's own trainer, fitted to rows that train."""
    log = Interactions.from_rows(rows.values(), horizon=float("inf"))
    log.describe(item_attributes(make_items(ITEMS + 3)), 1.0)
    trainer = ALSTrainer(CONFIG, seed=7)
    trainer.fit(log)
    return trainer
