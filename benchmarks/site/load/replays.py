"""Replay in a short form: what every arm is worth after a part of real events, and of the population's own.

The arms, cases and metric are those of `benchmarks.library.replay`; nothing is searched for, each arm has the first of
its settings, which is what the search finds most often.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from app.models.config import als_config
from app.settings import Settings
from app.store import Store
from app.store.interactions import interactions_since
from benchmarks.library.datasets import VARIABLE, DatasetsMissingError, Event
from benchmarks.library.replay import BY_HAND, DATASETS, DAY, LIBRARY, WINDOW, Arm, arms, cases_after
from benchmarks.site.growth import Tell
from recommender.evaluation import evaluate_next_items, paired_interval

POPULATION = "the bundled population"
_LEFT_OUT = (
    "library: factors, no recency", "library: factors alone", "library: transitions above all",
    "this library, train(log)", LIBRARY, "V-SKNN", "STAN",
)  # fmt: skip
"""Arms that take longer than a report of the site should."""
_MOST_EVENTS = 60_000
_MOST_CASES = 1_500


def population_events(settings: Settings) -> list[Event]:
    """Choices of simulated visitors as (visitor, item, 1.0, Unix seconds), the newest of them, in order."""
    with Store(settings.event_database) as store:
        rows = list(interactions_since(store.reader()))
    # Its ids are texts where those of the other data sets are numbers; both are ids to the library.
    found: list[Any] = [
        (row.visitor_id, row.item_id, 1.0, row.at) for row in rows if row.weight > 0 and row.kind != "dislike"
    ]
    return found[-_MOST_EVENTS:]


def replays(settings: Settings, within_s: float, quick: bool, tell: Tell) -> Iterator[dict[str, Any]]:
    """One result a data set and stage, the most telling first, until the time is up; what is left out is said."""
    deadline = time.perf_counter() + within_s
    events: dict[str, Sequence[Event]] = {POPULATION: population_events(settings)}
    site_arms = arms((7 * DAY,), als_config(settings), {}, (64,), (1.0,), most=10_000)
    wanted = [(POPULATION, 0.8), ("ml-100k", 0.8)]
    if not quick:
        wanted += [(POPULATION, 0.25), ("ml-100k", 0.25), ("globo", 0.25), (POPULATION, 0.5), ("ml-100k", 0.5)]
    for name, share in wanted:
        if time.perf_counter() > deadline:
            yield {"data": name, "share": share, "left_out": "its time was up"}
            continue
        tell(f"{name} at {share:.0%}")
        try:
            if name not in events:
                events[name] = DATASETS[name].load()
        except DatasetsMissingError:
            where = os.environ.get(VARIABLE)
            yield {"data": name, "share": share, "left_out": f"{VARIABLE} is {where!r} and holds no {name}"}
            continue
        chosen = site_arms if name == POPULATION else DATASETS[name].arms
        yield _replay(name, events[name], share, [arm for arm in chosen if arm.name not in _LEFT_OUT])


def _replay(name: str, events: Sequence[Event], share: float, contestants: Sequence[Arm]) -> dict[str, Any]:
    newest = DATASETS[name].newest if name in DATASETS else None
    log, cases = cases_after(events, share, WINDOW, newest, _MOST_CASES)
    users = [case.user_id for case in cases]
    rows: list[dict[str, Any]] = []
    values = {}
    for arm in contestants:
        settings = {setting: tried[0] for setting, tried in arm.grid.items()}
        values[arm.name] = evaluate_next_items(arm.make(log, **settings), cases)
        interval = paired_interval(values[arm.name], np.zeros(len(cases)), groups=users)
        rows.append({"arm": arm.name, "peer": arm.peer, **_plain(interval)})
    best = max((row for row in rows if row["peer"]), key=lambda row: row["mean"])
    ahead = paired_interval(values[BY_HAND], values[best["arm"]], groups=users)
    return {
        "data": name,
        "share": share,
        "trained_on": log.rows,
        "cases": len(cases),
        "arms": rows,
        "best_peer": best["arm"],
        "ahead_of_best_peer": _plain(ahead),
    }


def _plain(interval: Any) -> dict[str, float]:
    return {"mean": round(interval.mean, 5), "low": round(interval.low, 5), "high": round(interval.high, 5)}
