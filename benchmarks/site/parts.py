"""The parts of a run, each from a plan to plain values; a part that fails says why and the others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.site.capacity import measure_capacity
from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.growth import (
    BulkTraffic,
    Tell,
    catch_up,
    make_site,
    measure_baseline,
    measure_over_http,
    quality_now,
    stages,
)
from benchmarks.site.load.loadgen import load_generator
from benchmarks.site.load.prepared import PreparedLoad
from benchmarks.site.load.replays import replays
from benchmarks.site.plan import Plan
from benchmarks.site.quality import judges
from benchmarks.site.running import RUN_KEY, benchmark_settings, running_trainer
from seed_data.population import Population

ROOT = Path(__file__).parents[2]
_CORE = ("scoring", "startup", "catalogs", "newcomers", "update_costs")


def growth(plan: Plan, seed: int, folder: Path, tell: Tell) -> list[dict[str, Any]]:
    """The stages of usage, on the catalog as it is."""
    settings = benchmark_settings(folder / "growth")
    items = grown_catalog(1)
    population = Population(items, seed)
    make_site(settings, items)
    numbers = {"events": plan.events, "stage_s": plan.stage_s, "rate": plan.rate, "bulk_s": plan.bulk_s}
    with load_generator(1, seed) as load:
        return list(stages(settings, load, BulkTraffic(population, seed), judges(population), numbers, tell))


def same_seed(plan: Plan, seed: int, folder: Path, tell: Tell) -> dict[str, Any]:
    """The same small growth twice with one seed: how far the quality figures of two runs are apart."""
    items = grown_catalog(1)
    population = Population(items, seed)
    panel = judges(population)
    found = []
    for number in (1, 2):
        settings = benchmark_settings(folder / f"again-{number}")
        make_site(settings, items)
        BulkTraffic(population, seed).grow(settings, plan.repeat_events, 60.0, tell)
        measure_baseline(settings)
        catch_up(settings)
        found.append(quality_now(settings, population, panel))
    names = ("model", "popular", "ndcg", "captured")
    return {
        "events": plan.repeat_events,
        "runs": found,
        "apart": {name: round(abs(found[0][name]["value"] - found[1][name]["value"]), 5) for name in names},
    }


def catalogs(plan: Plan, seed: int, folder: Path, tell: Tell) -> list[dict[str, Any]]:
    """The same traffic on catalogs of growing size."""
    found = []
    for copies in plan.copies:
        tell(f"{copies * 2_400:,} items")
        settings = benchmark_settings(folder / f"catalog-{copies}")
        items = grown_catalog(copies)
        population = Population(items, seed)
        make_site(settings, items)
        traffic = BulkTraffic(population, seed)
        with running_trainer(settings):
            bulk = traffic.grow(settings, plan.catalog_events, plan.catalog_s * 2, tell)
        problem = measure_baseline(settings)
        caught_up = catch_up(settings)
        tell(f"{len(items):,} items, load over HTTP")
        with load_generator(copies, seed) as load:
            http = measure_over_http(settings, load, plan.catalog_s, plan.rate, seed)
        quality = quality_now(settings, population, judges(population, 100))
        notes = [problem] if problem else []
        found.append(
            {
                "items": len(items),
                "events": bulk.events,
                "catch_up_s": caught_up,
                "notes": notes,
                "http": http,
                "quality": quality,
            }
        )
    return found


def capacity(plan: Plan, seed: int, folder: Path, tell: Tell) -> dict[str, Any]:
    """Steps, routes and raw SQLite, on the folder that growth left (or a new one with a little traffic)."""
    items = grown_catalog(1)
    settings = benchmark_settings(folder / "growth")
    if not settings.event_database.exists():
        make_site(settings, items)
        BulkTraffic(Population(items, seed), seed).grow(settings, 3_000, 30.0, tell)
        measure_baseline(settings)
        catch_up(settings)
    prepared = PreparedLoad(Population(items, seed), RUN_KEY)
    with load_generator(1, seed) as load:
        return measure_capacity(settings, load, prepared, items, plan.step_s, plan.route_s, seed, tell)


def replay(plan: Plan, seed: int, folder: Path, tell: Tell) -> list[dict[str, Any]]:
    """Replay of the population's own events and of the data sets there are."""
    return list(replays(benchmark_settings(folder / "growth"), plan.replay_s, plan.quick, tell))


def core(plan: Plan, seed: int, folder: Path, tell: Tell) -> dict[str, Any]:
    """The library's own benchmarks in their quick form, one after the other until the time is up; a quick run has time
    for the first only.
    """
    deadline = time.perf_counter() + plan.core_s
    said: list[str] = []
    notes: list[str] = []
    for name in _CORE[:1] if plan.quick else _CORE:
        tell(f"benchmarks.{name}, quick")
        left = deadline - time.perf_counter()
        if left < 1.0:
            notes.append(f"{name} left out")
            continue
        lines, note = _benchmark(name, left)
        said += [f"== {name}", *lines[-25:]]
        notes += [f"{name} {note}"] if note else []
    if notes:
        notes.append(f"{plan.core_s:.0f} s are what this run has for them")
    return {"command": "make bench-core QUICK=1", "note": "; ".join(notes) or None, "said": said}


def _benchmark(name: str, within_s: float) -> tuple[list[str], str | None]:
    """What one of the library's benchmarks says, and what went wrong; ended when its time is up."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=ROOT,
        env={**os.environ, "QUICK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=within_s)
        note = None if process.returncode == 0 else f"ended with code {process.returncode}"
    except subprocess.TimeoutExpired:
        _end_session(process)
        said, _ = process.communicate()
        note = f"cut short after {within_s:.0f} s"
    finally:
        if process.poll() is None:
            _end_session(process)
    return said.strip().splitlines(), note


def _end_session(process: subprocess.Popen[str]) -> None:
    """End a benchmark and what it started: they share a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()
