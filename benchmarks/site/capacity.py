"""How much the site can do: the highest pace with a fast page, and its routes beside a route that does nothing."""

from __future__ import annotations

import math
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from app.record.filling import Traffic, fill
from app.settings import Settings
from app.store import Store
from app.store.connections import connect_writer
from app.store.events import NewEvent, insert_events
from app.store.visitors import ensure_visitor
from app.values.item import Item
from app.visitors import new_visitor
from benchmarks.site.growth import DAY, Tell
from benchmarks.site.load.loadgen import LoadGenerator
from benchmarks.site.load.orders import Order, Run
from benchmarks.site.load.prepared import PreparedLoad
from benchmarks.site.load.sources import BATCH
from benchmarks.site.running import address_of, await_first_figures, running_site

P99_LIMIT_MS = 100.0
_STARTS_AT = 20.0
_STEP = 1.5
_FINE = 1.12
_MOST_STEPS = 14
CONNECTIONS = 8


def measure_capacity(
    settings: Settings,
    load: LoadGenerator,
    prepared: PreparedLoad,
    items: list[Item],
    step_s: float,
    route_s: float,
    in_turn: int,
    seed: int,
    tell: Tell,
) -> dict[str, Any]:
    """Steps of arrival rate, routes as fast as they go, and raw SQLite; the trainer rests, so that routes are compared
    and not its timing.

    load: visitors who browse. prepared: asks routes, since it leaves the site nearly all of both cores. in_turn: so
    many visitors ask for recommendations in turn as well, more than the site keeps rankings of; 0 leaves that out.
    """
    with running_site(settings):
        address = address_of(settings)
        await_first_figures(address)
        load.run(Order("browse", address, 2.0, rate=10.0, seed=seed, day=DAY))
        routes: dict[str, Run] = {}
        for kind in ("noop", "recommend", "home", "events", "noop"):
            tell(f"{kind} as fast as it goes")
            run = prepared.run(Order(kind, address, route_s, connections=CONNECTIONS, seed=seed, day=DAY))
            # The no-op is asked before and after the others, and the faster one counts: against ourselves.
            if kind not in routes or run.reached > routes[kind].reached:
                routes[kind] = run
        steps = _steps(load, address, step_s, seed, tell)
        highest = max((step.offered or 0.0 for step in steps if _fast(step)), default=0.0)
        half = None
        if highest:
            tell("home page at half of capacity")
            half = load.run(Order("browse", address, 2 * step_s, rate=highest / 2, seed=seed, day=DAY))
        if in_turn:
            tell(f"recommend for {in_turn:,} visitors in turn")
            order = Order("recommend", address, route_s, connections=CONNECTIONS, seed=seed, day=DAY, visitors=in_turn)
            routes["recommend in turn"] = prepared.run(order)
    tell("raw SQLite")
    raw = raw_batches_a_second(items, settings)
    return {
        "limit_ms": P99_LIMIT_MS,
        "highest_rate": highest,
        "steps": [{**asdict(step), "marks": step.marks(), "fast": _fast(step)} for step in steps],
        "half": None if half is None else {**asdict(half), "marks": half.marks()},
        "routes": {kind: {**asdict(run), "marks": run.marks()} for kind, run in routes.items()},
        "raw_batches_a_second": raw,
        "ratios": {
            "recommend_of_noop": round(routes["recommend"].reached / routes["noop"].reached, 3),
            "events_of_raw": round(routes["events"].reached / raw, 3),
        },
    }


def _fast(run: Run) -> bool:
    """Whether pages and events both had their p99 under the limit, at the pace that was asked for."""
    everything = run.everything
    return not run.short_of_load and not run.failures and everything is not None and everything["p99"] < P99_LIMIT_MS


def _steps(load: LoadGenerator, address: str, step_s: float, seed: int, tell: Tell) -> list[Run]:
    """Faster and faster until a pace fails twice, then between the fastest that held and the slowest that failed.

    Twice, because one pause of a busy machine is no property of the site; both tries are kept.
    """
    steps: list[Run] = []
    held, failed = 0.0, 0.0
    rate = _STARTS_AT
    while len(steps) < _MOST_STEPS and (not failed or failed / max(held, 1.0) > _FINE):
        for _ in range(2):
            tell(f"{rate:.0f} requests a second")
            steps.append(load.run(Order("browse", address, step_s, rate=round(rate, 1), seed=seed, day=DAY)))
            if _fast(steps[-1]):
                break
        if _fast(steps[-1]):
            held = rate
        else:
            failed = rate
        rate = math.sqrt(held * failed) if failed and held else rate / _STEP if failed else rate * _STEP
    return steps


def raw_batches_a_second(items: list[Item], settings: Settings, seconds: float = 2.0) -> float:
    """Batches of 20 events a second, each batch one transaction, on the same schema, disk and durability (FULL)."""
    with tempfile.TemporaryDirectory(dir=settings.var.parent) as folder:
        with Store.create(Path(folder) / "raw.db") as store:
            fill(store, items, Traffic((), (), ()))
        with closing(connect_writer(Path(folder) / "raw.db")) as connection:
            return _insert(connection, items, settings, seconds)


def _insert(connection: sqlite3.Connection, items: list[Item], settings: Settings, seconds: float) -> float:
    db = Database(connection, execute_plugins=False)
    visitor = new_visitor(settings, "simulated", now=0.0, visitor_id="raw")
    ensure_visitor(db, visitor)
    batches, began = 0, time.perf_counter()
    while (lasted := time.perf_counter() - began) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        insert_events(
            db,
            [
                NewEvent(f"{batches}-{place}", "raw", items[place].item_id, "view", time.time(), "simulated")
                for place in range(BATCH)
            ],
        )
        connection.execute("COMMIT")
        batches += 1
    return round(batches / lasted, 1)
