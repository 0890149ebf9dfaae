"""Growth: one site at more and more events. The population visits in process; then load comes over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np

from app.catalog import Catalog
from app.flywheel import Flywheel
from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, Moments, compare, rate
from app.models.first_model import source_of
from app.models.publish import load_current
from app.models.registry import Registry
from app.record.filling import Traffic, fill
from app.serve.fallback import FirstModelFallback
from app.serve.popularity import PopularityBoard
from app.settings import Settings, settings_environment
from app.store import Store
from app.store.events import last_seq
from app.store.items import all_items
from app.store.measures.baselines import latest_baselines
from app.store.measures.experiments import VisitorClicks, clicks_by_visitor
from app.values.interval import CONFIDENCE
from app.values.item import Item
from app.visitors.contribution import contribution_rules
from benchmarks.bulk import BulkTally, run_visits
from benchmarks.site.ceiling import ceiling_rows
from benchmarks.site.load.loadgen import LoadGenerator
from benchmarks.site.load.orders import Order
from benchmarks.site.quality import Judge, measure_quality
from benchmarks.site.running import Watch, address_of, await_first_figures, running_trainer, site_and_trainer
from recommender import FactorModel
from seed_data.population import Population

DAY = 14.0
_NEW_A_ROUND, _RETURNING_A_ROUND = 40, 20
# Of one visit, roughly: the last rounds before a mark are smaller, so as not to pass it by much.
_EVENTS_A_VISIT = 37
_WARM_UP_S = 2.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class BulkTraffic:
    """The population's visits so far: who came, and who may come back."""

    population: Population
    seed: int
    visitors: int = 0
    rounds: int = 0

    def grow(self, settings: Settings, events: int, within_s: float, tell: Tell) -> BulkTally:
        """Visit in process until the database holds `events` events or the time is up; no server may run meanwhile."""
        site = Flywheel(settings)
        total = BulkTally()
        try:
            reader = site.open().store.reader()
            started = time.perf_counter()
            begun = stored = last_seq(reader)
            while stored < events and time.perf_counter() - started < within_s:
                self._round(site, total, (events - stored) / _EVENTS_A_VISIT)
                stored = last_seq(reader)
                total.seconds = time.perf_counter() - started
                tell(f"{stored:,} of {events:,} events, {(stored - begun) / total.seconds:,.0f} a second in process")
        finally:
            site.close()
        return total

    def _round(self, site: Flywheel, total: BulkTally, visits: float) -> None:
        """Newcomers, then some of those who were here before; about `visits` of them, or fewer."""
        rng = np.random.default_rng((self.seed, 5, self.rounds))
        share = min(1.0, max(0.05, visits / (_NEW_A_ROUND + _RETURNING_A_ROUND)))
        new, returning = round(share * _NEW_A_ROUND), round(share * _RETURNING_A_ROUND)
        newcomers = range(self.visitors, self.visitors + new)
        back = rng.integers(0, self.visitors, returning).tolist() if self.visitors else []
        for numbers, session in ((newcomers, 0), (sorted(set(back)), 1 + self.rounds)):
            tally = run_visits(site, self.population, numbers, seed=self.seed, session=session, day=DAY)
            total.visits += tally.visits
            total.pages += tally.pages
            total.events += tally.events
        self.visitors += new
        self.rounds += 1


def make_site(settings: Settings, items: Sequence[Item]) -> None:
    """An event database with a catalog and no traffic."""
    with Store.create(settings.event_database) as store:
        fill(store, items, Traffic((), (), ()))


def flask(settings: Settings, *words: str) -> str:
    """Run `flask WORDS` and return what it said; RuntimeError, with its words, when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        env={**os.environ, **settings_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"`flask {' '.join(words)}` failed: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def measure_baseline(settings: Settings) -> str | None:
    """Measure the baseline once there is enough to measure it on; what stands in the way, else None."""
    with Store(settings.event_database) as store:
        if latest_baselines(store.reader()):
            return None
    try:
        flask(settings, "baseline")
    except RuntimeError as error:
        return str(error).partition("Error: ")[2] or str(error)
    return None


def catch_up(settings: Settings) -> float:
    """Have everything so far learned and judged; returns the seconds from the start of the trainer to its end."""
    started = time.perf_counter()
    flask(settings, "trainer", "--once")
    return round(time.perf_counter() - started, 1)


def measure_over_http(
    settings: Settings, load: LoadGenerator, seconds: float, rate: float, seed: int
) -> dict[str, Any]:
    """One stage: site and trainer run, visitors come at `rate` requests a second, newcomers time what a click does."""
    with site_and_trainer(settings) as (site, trainer):
        address = address_of(settings)
        await_first_figures(address)
        load.run(Order("browse", address, _WARM_UP_S, rate=min(rate, 10.0), seed=seed + 1, day=DAY))
        with Watch(settings, site, trainer) as watch:
            run = load.run(Order("browse", address, seconds, rate=rate, seed=seed, day=DAY, effect=True))
            watched = watch.watched()
    return {**asdict(run), "marks": run.marks(), "watched": asdict(watched)}


class ArmCounter:
    """Click-through of "For you" and the other shelves by arm, of what happened since the last time it was asked."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[int, int]] = {}

    def since_last(self, settings: Settings) -> dict[str, Any]:
        """Both arms and the lift, with 95 % intervals for one look; values are None where there is too little."""
        with Store(settings.event_database) as store:
            rows = clicks_by_visitor(store.reader(), ["simulated"])
        new = [(row.arm, *self._new_part(row)) for row in rows]
        self._before = {row.visitor_id: (row.impressions, row.clicks) for row in rows}
        control, treatment = (_moments([row for row in new if row[0] == arm]) for arm in ("control", "treatment"))
        found = compare(
            control, treatment, CLICK_THROUGH, confidence=CONFIDENCE, expected_visitors=control.count + treatment.count
        )
        lift = None
        if found is not None:
            lift = asdict(found.lift_fixed)
        return {"control": _plain(control), "treatment": _plain(treatment), "lift": lift}

    def _new_part(self, row: VisitorClicks) -> tuple[int, int]:
        impressions, clicks = self._before.get(row.visitor_id, (0, 0))
        return row.impressions - impressions, row.clicks - clicks


def _moments(rows: Sequence[tuple[str, int, int]]) -> Moments:
    """Sums over visitors (arm, impressions, clicks) of one arm, those who saw nothing new left out."""
    values = np.zeros((len(rows), len(COLUMNS)))
    for line, (_, impressions, clicks) in zip(values, rows, strict=True):
        line[[COLUMNS.index(name) for name in ("visitors", "impressions", "clicks")]] = 1, impressions, clicks
    return Moments.of(values[values[:, COLUMNS.index("impressions")] > 0])


def _plain(moments: Moments) -> dict[str, Any]:
    found = rate(moments, CLICK_THROUGH, CONFIDENCE)
    bounds = found.bounds
    return {
        "visitors": found.visitors,
        "impressions": found.denominator,
        "clicks": found.numerator,
        "rate": found.value,
        "low": bounds.low if bounds else None,
        "high": bounds.high if bounds else None,
    }


def quality_now(
    settings: Settings,
    population: Population,
    panel: Sequence[Judge],
    ceiling: Sequence[Sequence[int]] | None = None,
) -> dict[str, Any]:
    """What ranks for the treatment arm now, before the judges: the published model, else the site's own fallback.

    ceiling: what the best of all learners would show each judge (`ceiling_rows`).
    """
    current = load_current(settings.models_folder) if settings.models_folder.is_dir() else None
    with Store(settings.event_database) as store:
        catalog, rules = Catalog.from_items(all_items(store.reader())), contribution_rules(settings)
        order = list(PopularityBoard(store, catalog, rules, epoch=time.time()).order())
        fallback = FirstModelFallback(store, settings).model()
    served = fallback if current is None else current[1]
    found = measure_quality(served, order, population, panel, ceiling).plain()
    newest = newest_candidate(settings)
    return {
        "served": f"version {current[0].version}" if current else source_of(fallback) if fallback else "popularity",
        **found,
        "candidate": None if newest is None else measure_quality(newest, order, population, panel, ceiling).plain(),
    }


def newest_candidate(settings: Settings) -> FactorModel | None:
    """The newest model that was made, whatever the gate said of it; None before the first."""
    kept = [row.artifact for row in Registry(settings).versions() if row.artifact]
    return FactorModel.load(settings.models_folder / kept[0]) if kept else None


def trainings(settings: Settings, since: float) -> list[dict[str, Any]]:
    """Kind, rows and seconds by step of every model version made since (Unix seconds)."""
    rows = [row for row in Registry(settings).versions() if row.created_at >= since]
    return [{"kind": row.kind, "state": row.state, "rows": row.rows, "seconds": dict(row.timings)} for row in rows]


def stages(
    settings: Settings,
    load: LoadGenerator,
    traffic: BulkTraffic,
    panel: Sequence[Judge],
    plan: Mapping[str, Any],
    tell: Tell,
) -> Iterator[dict[str, Any]]:
    """Every stage in turn. `plan` has events, stage_s, rate and bulk_s; what a stage did not reach, it says."""
    arms = ArmCounter()
    tell("the learnable ceiling: what the Bayes answer would show")
    ceiling = ceiling_rows(traffic.population, panel)
    left_s = float(plan["bulk_s"])
    for number, events in zip(count(), plan["events"]):
        began = time.time()
        notes: list[str] = []
        bulk = BulkTally()
        caught_up = 0.0
        if events:
            with running_trainer(settings):
                bulk = traffic.grow(settings, events, left_s, tell)
                left_s = max(5.0, left_s - bulk.seconds)
            tell("learning all of it")
            if problem := measure_baseline(settings):
                notes.append(f"no baseline yet: {problem}")
            caught_up = catch_up(settings)
        with Store(settings.event_database) as store:
            stored = last_seq(store.reader())
        if stored < events:
            notes.append(f"traffic in process stopped at {stored:,} of {events:,} events, because its time was up")
        quality = quality_now(settings, traffic.population, panel, ceiling)
        tell(f"load over HTTP at {stored:,} events")
        http = measure_over_http(settings, load, plan["stage_s"], plan["rate"], traffic.seed + number)
        yield {
            "planned_events": events,
            "events": stored,
            "notes": notes,
            "bulk": asdict(bulk),
            "catch_up_s": caught_up,
            "trainings": trainings(settings, began),
            "http": http,
            "arms": arms.since_last(settings),
            "quality": quality,
        }
