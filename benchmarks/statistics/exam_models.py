"""Models of differing worth, made from one log up to a size, for the exam to rank: few and many factors, attributes,
order, second stages whole and in parts, old data, poison, echo, popularity, chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from app.catalog.attributes import item_attributes, stage_attributes
from app.measure.evaluation.tail import read_tail
from app.models.config import als_config
from app.settings import Settings
from app.store import Store
from app.store.exposures import exposures_since
from app.store.interactions import placed_entries
from app.store.slates import OWN_SHELVES
from app.values.interaction import Interaction
from app.values.item import Item
from app.visitors.contribution import TrainingRow, contribution_rules, training_rows
from benchmarks.library.second_stage import variants
from recommender import (
    ALSConfig,
    Exposures,
    FactorModel,
    Interactions,
    PopularityModel,
    RandomModel,
    Recommender,
    StageTrainer,
    train,
)

Rows = dict[int, TrainingRow]
Shown = tuple[str, str, bool, float, int, str]
"""An exposure, as `Exposures.from_rows` takes it."""

EVERYTHING = 1 << 60
"""More events than there are."""

STAGED = (2, 8, 32)
"""Factors that a second stage is learned over; parts of it are left out over the most."""


@dataclass(frozen=True, slots=True)
class Log:
    """A site's log up to a size: rows that train by seq, the seqs of rows that answered a model's choice, all
    interactions, and exposures of visitors who are trusted.
    """

    rows: Rows
    placed: frozenset[int]
    raw: tuple[Interaction, ...]
    shown: tuple[Shown, ...]


def read_log(store: Store, settings: Settings, size: int, *, exposures: bool = True) -> Log:
    """What trains of the first `size` events; with `exposures` also what was shown. Raises ValueError when nothing
    trains.
    """
    raw = tuple(row for row in read_tail(store).rows if row.event_seq <= size and not row.holdout)
    placed = placed_entries(store.reader())
    rules = contribution_rules(settings)
    rows = training_rows(raw, rules, placed)
    if not rows:
        raise ValueError(f"the first {size:,} events of {store.name} train nothing; name a folder with more traffic")
    found = exposures_since(store.reader(), 0, EVERYTHING) if exposures else ()
    every = [row for row in found if row.seq <= size]
    trusted = {row.visitor_id for row in every if rules.trusts(row)}
    shown = tuple(
        (row.visitor_id, row.item_id, bool(row.clicked), row.at, row.position, row.shelf)
        for row in every
        if row.visitor_id in trusted
    )
    return Log(rows, frozenset(placed), raw, shown)


def models(log: Log, items: Sequence[Item], settings: Settings) -> Iterator[tuple[str, Callable[[], Recommender]]]:
    """Names of models, and how each is made."""
    base = als_config(settings)
    rows = list(log.rows.values())
    plain = replace(base, transition_weight=0.0)

    def fit(of: Sequence[TrainingRow], config: ALSConfig, attributes: float = 1.0) -> Callable[[], Recommender]:
        return lambda: train(_described(of, items, attributes), config, seed=settings.seed)

    for factors in (2, 4, 8, 16, 32, 64):
        yield f"{factors} factors, attributes", fit(rows, replace(plain, factors=factors))
        yield f"{factors} factors", fit(rows, replace(plain, factors=factors), 0.0)
    for factors in (8, 32):
        yield f"{factors} factors, attributes, order", fit(rows, replace(base, factors=factors))
    yield "heavy attributes", fit(rows, plain, 4.0)
    yield "light regularization", fit(rows, replace(plain, regularization=1.0))
    yield "heavy regularization", fit(rows, replace(plain, regularization=30.0))
    for share in (0.02, 0.1, 0.3, 0.6):
        yield f"the first {share:.0%} of the rows", fit(rows[: int(share * len(rows))], plain)
    own = [row for seq, row in log.rows.items() if seq in log.placed]
    others = [row for seq, row in log.rows.items() if seq not in log.placed]
    if own:
        yield "echo", fit(own, plain)
        yield "as many rows as the echo, of others", fit(others[-len(own) :], plain)
    yield "without the echo", fit(others, plain)
    rng = np.random.default_rng(settings.seed)
    ids = [item.item_id for item in items]
    for bots in (30, 120, 400):
        yield f"{bots} bots", fit([*rows, *_bots(bots, ids, rows[-1].timestamp, rng)], plain)
    for share in (0.3, 0.7, 1.0):
        yield f"{share:.0%} of the rows shuffled", fit(_shuffled(rows, share, rng), plain)
    for factors in STAGED:
        staged = _staged(log, items, settings, replace(base, factors=factors))
        for name in staged if factors == max(STAGED) else ["second stage"]:
            yield f"{name}, {factors} factors", lambda made=staged[name]: made  # type: ignore[misc]
    counted = Interactions.from_rows(rows, horizon=inf)
    yield "popularity", lambda: PopularityModel.from_interactions(counted)
    yield "random", lambda: RandomModel(ids, settings.seed)


def _staged(log: Log, items: Sequence[Item], settings: Settings, config: ALSConfig) -> dict[str, FactorModel]:
    """A model with a second stage, and with parts of it."""
    made = _described(list(log.rows.values()), items, 1.0)
    model = train(made, config, seed=settings.seed)
    exposures = Exposures.from_rows(log.shown, model.index_of, OWN_SHELVES)
    return variants(model, StageTrainer(settings.seed).fit(model, made, exposures, stage_attributes(items)))


def _described(rows: Sequence[TrainingRow], items: Sequence[Item], attributes: float) -> Interactions:
    made = Interactions.from_rows(rows, horizon=inf)
    if attributes:
        made.describe(item_attributes(items), attributes)
    return made


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
