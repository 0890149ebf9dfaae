"""The portfolio: several ways to rank, side by side on the site's own data, each with quality, cost and verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from app.catalog.attributes import item_attributes
from app.measure.evaluation.evidence import Evidence
from app.measure.evaluation.gate import K
from app.measure.evaluation.holdout import METRIC
from app.models.config import als_config
from app.settings import Settings
from app.store.measures.portfolio import PortfolioRow
from app.values.item import Item
from recommender import Interactions, ItemToItemModel, PopularityModel, Recommender, train, warm_up
from recommender.evaluation import Interval, paired_interval

BASE = "popularity"
_TIMED_CASES = 200


@dataclass(frozen=True, slots=True)
class PortfolioModel:
    """A way to rank: its name, what it is, and how it is made from training rows."""

    name: str
    description: str
    make: Callable[[Evidence, list[Item], Settings], Recommender]


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that the site uses, and its version. It judges with what it knew when it was made."""

    version: int
    model: Recommender


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One run. rows: as stored. values: by model, its rank gain in each case (cases,). visitors: whose case each is."""

    rows: tuple[PortfolioRow, ...]
    values: Mapping[str, NDArray[np.float64]]
    visitors: tuple[object, ...]

    def row(self, model: str) -> PortfolioRow:
        """The row of a model. Raises KeyError for a model that is not in the portfolio."""
        return next(row for row in self.rows if row.model == model)


def _popularity(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    return PopularityModel.from_interactions(_log(evidence))


def _item_to_item(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    return ItemToItemModel.from_interactions(_log(evidence))


def _plain_als(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    config = replace(als_config(settings), recency_boost=0.0, transition_weight=0.0)
    return train(_log(evidence), config, seed=settings.seed)


def _recency_als(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    return train(_log(evidence), replace(als_config(settings), transition_weight=0.0), seed=settings.seed)


def _attribute_als(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    config = replace(als_config(settings), transition_weight=0.0)
    return train(_described(evidence, items, settings), config, seed=settings.seed)


def _blend(evidence: Evidence, items: list[Item], settings: Settings) -> Recommender:
    return train(_described(evidence, items, settings), als_config(settings), seed=settings.seed)


PORTFOLIO_MODELS: Mapping[str, PortfolioModel] = {
    entry.name: entry
    for entry in (
        PortfolioModel(BASE, "the same most-chosen items for everybody", _popularity),
        PortfolioModel("item-to-item", "neighbours of what was opened, by BM25", _item_to_item),
        PortfolioModel("plain-als", "taste factors, all of a history counting alike", _plain_als),
        PortfolioModel("recency-als", "taste factors, the newest counting most", _recency_als),
        PortfolioModel("attribute-als", "the same, with what items have in common by their looks", _attribute_als),
        PortfolioModel("blend", "the same, with what usually comes next: what the site trains", _blend),
    )
}
"""By name, in the order in which each adds to the one before."""


def run_portfolio(
    evidence: Evidence,
    items: list[Item],
    settings: Settings,
    measured_at: float,
    champion: Champion | None = None,
    timer: Callable[[], float] = time.perf_counter,
) -> Portfolio:
    """Make every model from the same rows and have the same holdout judge it, beside the champion if there is one.

    measured_at: Unix seconds.
    """
    warm_up()  # compiled kernels are loaded once a process: no model's cost
    visitors = tuple(case.user_id for case in evidence.holdout.cases)
    values: dict[str, NDArray[np.float64]] = {}
    costs: dict[str, tuple[float, float]] = {}
    for entry in PORTFOLIO_MODELS.values():
        started = timer()
        model = entry.make(evidence, items, settings)
        train_s = timer() - started
        values[entry.name] = evidence.holdout.examine(model)
        costs[entry.name] = (train_s, _recommend_us(model, evidence, timer))
    best = max(values, key=lambda name: float(values[name].mean()))
    in_use = None if champion is None else evidence.holdout.examine(champion.model)
    rows = []
    for name, entry in PORTFOLIO_MODELS.items():
        own = paired_interval(values[name], np.zeros(len(visitors)), groups=visitors, seed=settings.seed)
        gain = paired_interval(values[name], values[BASE], groups=visitors, seed=settings.seed)
        to_best = paired_interval(values[name], values[best], groups=visitors, seed=settings.seed)
        to_champion = (
            None if in_use is None else paired_interval(values[name], in_use, groups=visitors, seed=settings.seed)
        )
        rows.append(
            PortfolioRow(
                measured_at=measured_at,
                model=name,
                description=entry.description,
                value=own.mean,
                low=own.low,
                high=own.high,
                gain=gain.mean,
                gain_low=gain.low,
                gain_high=gain.high,
                train_s=costs[name][0],
                recommend_us=costs[name][1],
                rows=len(evidence.rows),
                cases=len(visitors),
                visitors=evidence.holdout.visitors,
                watermark=evidence.watermark,
                origin=evidence.origin,
                verdict=verdict(name, best, gain, to_best),
                champion=None if champion is None else champion.version,
                to_champion=None if to_champion is None else to_champion.mean,
                to_champion_low=None if to_champion is None else to_champion.low,
                to_champion_high=None if to_champion is None else to_champion.high,
                metric=METRIC,
            )
        )
    return Portfolio(tuple(rows), values, visitors)


def verdict(name: str, best: str, gain: Interval, to_best: Interval) -> str:
    """What the figures say of one model: against popularity, and against the one with the highest mean."""
    if name == BASE:
        return "The baseline." if best != BASE else "The baseline, and nothing beats it here."
    against_base = (
        "surely better than popularity"
        if gain.low > 0
        else "surely worse than popularity"
        if gain.high < 0
        else "not told apart from popularity"
    )
    if name == best:
        return f"The highest mean; {against_base}."
    return f"{against_base.capitalize()}; {'surely behind' if to_best.high < 0 else 'not told apart from'} {best}."


def _log(evidence: Evidence) -> Interactions:
    return Interactions.from_rows(evidence.rows.values(), horizon=inf)


def _described(evidence: Evidence, items: list[Item], settings: Settings) -> Interactions:
    log = _log(evidence)
    if settings.attribute_weight:
        log.describe(item_attributes(items), settings.attribute_weight)
    return log


def _recommend_us(model: Recommender, evidence: Evidence, timer: Callable[[], float]) -> float:
    """Median microseconds of one recommendation, over histories of the holdout; the first is not timed."""
    cases = evidence.holdout.cases[-_TIMED_CASES:]
    model.recommend(cases[0].history, k=K)
    spent = []
    for case in cases:
        started = timer()
        model.recommend(case.history, k=K)
        spent.append(timer() - started)
    return float(np.median(spent)) * 1e6
