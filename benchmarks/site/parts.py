"""The parts of a run, each from a plan to plain values; a part that fails says why and the others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.library import core as library_core
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
_CORE_ENDS_S = 60.0
"""Longest that the library's benchmarks take to end once their time is up, and to judge what they found."""


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
        return measure_capacity(settings, load, prepared, items, plan.step_s, plan.route_s, plan.in_turn, seed, tell)


def replay(plan: Plan, seed: int, folder: Path, tell: Tell) -> list[dict[str, Any]]:
    """Replay of the population's own events and of the data sets there are."""
    return list(replays(benchmark_settings(folder / "growth"), plan.replay_s, plan.quick, tell))


def core(plan: Plan, seed: int, folder: Path, tell: Tell) -> dict[str, Any]:
    """The library's own benchmarks in their quick form, as many as there is time for; raises RuntimeError where they
    fail.
    """
    minutes = f"{plan.core_s / 60:.2f}"
    tell(f"the library beside its peers, {minutes} minutes")
    module = library_core.__name__
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--quick", "--minutes", minutes, "--results", str(folder / "core")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=plan.core_s + _CORE_ENDS_S)
    finally:
        if process.poll() is None:
            _end_session(process)
    said = output.strip().splitlines()
    if process.returncode:
        raise RuntimeError(f"{module} ended with code {process.returncode}: {' / '.join(said[-3:])}")
    table = next(place for place, line in enumerate(said) if line.startswith("| case |"))
    kept = [line for line in said[table - 4 :] if not line.endswith("|") or "| not measured |" not in line]
    return {"command": "make bench-core QUICK=1", "said": kept}


def _end_session(process: subprocess.Popen[str]) -> None:
    """End a benchmark and what it started: they share a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()
