"""The baseline: how well popularity, chance and the site as it is predict the next item, before any model."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from app.measure.evaluation.evidence import Evidence, read_evidence
from app.measure.evaluation.holdout import METRIC
from app.measure.evaluation.site_baseline import CLICK_THROUGH_DAYS, click_through_by_policy, serving_chain
from app.measure.experiment.ratio import CLICK_THROUGH
from app.settings import Settings
from app.store import Store
from app.store.measures.baselines import BaselineRow
from app.store.measures.experiments import clicks_by_policy, last_served_at
from app.values.interval import CONFIDENCE
from recommender import Interactions, PopularityModel, RandomModel, Recommender
from recommender.evaluation import paired_interval

RECENT_INTERACTIONS = 20_000
"""As many as the fallback of the site reads."""


def measure_baselines(
    store: Store, settings: Settings, usecase_hash: str, measured_at: float, recent: int = RECENT_INTERACTIONS
) -> list[BaselineRow]:
    """Popularity, random and the site as it is, as the gate measures models, in the holdout's newest interactions.

    Of the site also the click-through of what it shows, by policy and origin. Nothing is written. recent: from how
    many of the newest interactions the site makes its neighbours while no model is published.
    Popularity is counted over all but the holdout; excluded visitors count nowhere. Intervals are 95 %, over visitors.
    Raises EvidenceError when there is nothing to count or the holdout is too small.
    """
    data = read_evidence(store, settings)
    log = Interactions.from_rows(data.rows.values(), horizon=inf)
    popularity = PopularityModel.from_interactions(log)
    arms: dict[str, Recommender] = {
        "popularity": popularity,
        "random": RandomModel(log.item_ids, settings.seed),
    }
    rows = [_measure(name, arm, data, settings.seed, usecase_hash, measured_at) for name, arm in arms.items()]
    chain, name = serving_chain(store, settings, popularity, recent)
    site = _measure("site", chain, data, settings.seed, usecase_hash, measured_at)
    return [*rows, replace(site, detail=name), *_online(store, data, usecase_hash, measured_at)]


def _online(store: Store, data: Evidence, usecase_hash: str, measured_at: float) -> list[BaselineRow]:
    conn = store.reader()
    served_after = last_served_at(conn) - 86_400 * CLICK_THROUGH_DAYS
    found = click_through_by_policy(clicks_by_policy(conn, served_after), confidence=CONFIDENCE)
    return [
        BaselineRow(
            measured_at=measured_at,
            usecase_hash=usecase_hash,
            metric=CLICK_THROUGH.name,
            model="site",
            value=rate.value,
            low=rate.bounds.low,
            high=rate.bounds.high,
            cases=int(rate.denominator),
            visitors=rate.visitors,
            watermark=data.watermark,
            rows=len(data.rows),
            origin=origin,
            detail=policy,
        )
        for (origin, policy), rate in found.items()
        if rate.value is not None and rate.bounds is not None
    ]


def _measure(
    name: str, arm: Recommender, data: Evidence, seed: int, usecase_hash: str, measured_at: float
) -> BaselineRow:
    values = data.holdout.examine(arm)
    visitors = [case.user_id for case in data.holdout.cases]
    interval = paired_interval(values, np.zeros(len(values)), groups=visitors, seed=seed)
    return BaselineRow(
        measured_at=measured_at,
        usecase_hash=usecase_hash,
        metric=METRIC,
        model=name,
        value=interval.mean,
        low=interval.low,
        high=interval.high,
        cases=len(data.holdout.cases),
        visitors=data.holdout.visitors,
        watermark=data.watermark,
        rows=len(data.rows),
        origin=data.origin,
    )
