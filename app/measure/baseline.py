"""The baseline: how well popularity and chance predict the next item, before any model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.learn.gate import METRIC, K
from app.learn.jury import LEAST_CASES, LEAST_VISITORS, Jury, summon
from app.learn.rows import fold_rows, jury_events, training_events
from app.learn.tail import event_chunks
from app.settings import Settings
from app.store import Store
from app.store.baselines import BaselineRow
from app.store.events import EventRow
from app.store.exclusions import excluded_visitors
from recommender import Interactions, PopularityModel, RandomModel, Recommender
from recommender.evaluation import evaluate_next_items, paired_interval


class BaselineError(Exception):
    """There is not enough data to measure a baseline on; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class _Data:
    """What is measured on. rows: training rows. origin: origins of the jury, joined by ``+``."""

    log: Interactions
    jury: Jury
    rows: int
    watermark: int
    origin: str


def measure_baselines(store: Store, settings: Settings, usecase_hash: str, measured_at: float) -> list[BaselineRow]:
    """Popularity and random on the jury's newest interactions, as the gate measures models; nothing is written.

    Popularity is counted over all but the jury; excluded visitors count nowhere. Intervals are 95 %, over visitors.
    Raises BaselineError when there is nothing to count or the jury is too small.
    """
    data = _read(store, settings)
    if not data.rows:
        raise BaselineError("there are no clicks to count yet; run `flask seed` or let visitors in first")
    if not data.jury.can_judge:
        raise BaselineError(
            f"the jury has {len(data.jury.cases)} cases of {data.jury.visitors} visitors, needed are {LEAST_CASES} of "
            f"{LEAST_VISITORS}; wait for more visitors, seed more history, or raise jury_share before any are recorded"
        )
    arms: dict[str, Recommender] = {
        "popularity": PopularityModel.from_interactions(data.log),
        "random": RandomModel(data.log.item_ids, settings.seed),
    }
    return [_measure(name, arm, data, settings.seed, usecase_hash, measured_at) for name, arm in arms.items()]


def _measure(name: str, arm: Recommender, data: _Data, seed: int, usecase_hash: str, measured_at: float) -> BaselineRow:
    values = evaluate_next_items(arm, data.jury.cases, K)
    visitors = [case.user_id for case in data.jury.cases]
    interval = paired_interval(values, np.zeros(len(values)), groups=visitors, seed=seed)
    return BaselineRow(
        measured_at=measured_at,
        usecase_hash=usecase_hash,
        metric=METRIC,
        model=name,
        value=interval.mean,
        low=interval.low,
        high=interval.high,
        cases=len(data.jury.cases),
        visitors=data.jury.visitors,
        watermark=data.watermark,
        rows=data.rows,
        origin=data.origin,
    )


def _read(store: Store, settings: Settings) -> _Data:
    excluded = excluded_visitors(store.reader())
    training: list[EventRow] = []
    judging: list[EventRow] = []
    watermark = 0
    for chunk in event_chunks(store):
        training += training_events(chunk, excluded)
        judging += jury_events(chunk, excluded)
        watermark = chunk[-1].seq
    weights = settings.kind_weights()
    rows = fold_rows(training, weights)
    jury = summon(judging, weights, settings.gate_window_events, settings.history_length)
    visitors = {case.user_id for case in jury.cases}
    origins = sorted({event.origin for event in judging if event.visitor_id in visitors})
    return _Data(Interactions.from_rows(rows.values()), jury, len(rows), watermark, "+".join(origins))
