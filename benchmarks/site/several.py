"""What further web processes bring: the same load on SQLite, and on PostgreSQL with one process and with more.

python -m benchmarks.site.several [--processes 1 2] [--seconds 12] [--rounds 2] [--connections 16] [--out FOLDER]
                                  [--loads home "home, 4 connections a process"] [--only-postgres]

Each site is the same seeded catalog with a published model, without a trainer; each answers home pages,
recommendations (ten, logged as a slate) and batches of 20 events, in turn with the others, so that what else the
machine does falls on all alike. `LOADS` says by how many connections each is asked. Load generator, site and PostgreSQL
share the machine's cores: the processor time of each is counted, and how many cores other programs left. Both stores
are durable. Writes JSON, and prints a table and what a second process brings.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from app.cli.demo import flask_command, process, wait_until_ready
from app.settings import Settings
from app.store import Store
from benchmarks.machine import RESULTS, keep
from benchmarks.postgres_server import NoServerError, PostgresServer, own_server
from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.growth import DAY
from benchmarks.site.load.orders import Order, Run
from benchmarks.site.load.prepared import PreparedLoad
from benchmarks.site.running import RUN_KEY, address_of, await_first_figures, benchmark_settings
from seed_data.population import Population


@dataclass(frozen=True, slots=True)
class Load:
    """What a site is asked for, and how hard.

    a_process: connections a web process, which are never idle; None for so many as the command says, whatever the
    processes. share: of what the site answered under the first load of this kind, asked at a steady pace instead.
    """

    kind: str
    a_process: int | None = None
    share: float | None = None


LOADS = {
    "home": Load("home"),
    "home, 4 connections a process": Load("home", a_process=4),
    "home, at 70 % of the first": Load("home", share=0.7),
    "recommend": Load("recommend"),
    "events": Load("events"),
}
"""Connections that are never idle wait for each other: of n, each waits n pages long on average. So a 99th percentile
below a limit is asked for at a pace which the site can keep as well, by the same rule for one process and for several.
"""
WORTH = 1.7
"""How many times the pages of one process two are to answer, where cores allow."""
P99_LIMIT_MS = 100.0
_READY_WITHIN_S = 180.0
_WARM_S, _FIRST_WARM_S = 3.0, 15.0  # kernels are compiled beside the first pages


@dataclass(frozen=True, slots=True)
class Lineup:
    """One way to run the site."""

    name: str
    settings: Settings


def busy_s(root: psutil.Process) -> float:
    """Processor seconds of a process and of all that it started, those included that have ended."""
    total = 0.0
    for one in (root, *root.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += float(times.user + times.system + times.children_user + times.children_system)
    return total


def idle_cores(seconds: float) -> float:
    """How many cores nobody used for so many seconds."""
    before, began = psutil.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    idle = float(psutil.cpu_times().idle - before.idle)
    return round(idle / (time.perf_counter() - began), 2)


def lineups(folder: Path, server: PostgresServer | None, processes: Sequence[int], sqlite: bool) -> Iterator[Lineup]:
    """The sites, each with a history, a model and a folder of its own."""
    if sqlite:
        yield Lineup("SQLite, 1 process", seeded(benchmark_settings(folder / "sqlite")))
    if server is None:
        return
    settings = benchmark_settings(folder / "postgres", database_url=server.new_database())
    seeded(settings)
    for count in processes:
        changed = benchmark_settings(settings.var, database_url=settings.database_url, web_concurrency=count)
        yield Lineup(f"PostgreSQL, {count} process{'es' if count > 1 else ''}", changed)


def seeded(settings: Settings) -> Settings:
    """Give a site a catalog, a history, a baseline and a model."""
    for command in (("seed", "--visitors", "600", "--draw", "0"), ("baseline",), ("trainer", "--once")):
        flask_command(settings, *command)
    return settings


def measure(
    lineup: Lineup, load: PreparedLoad, server: PostgresServer | None, options: argparse.Namespace, seed: int
) -> dict[str, Any]:
    """One run of each kind of request; the site is started for it and ended after it."""
    settings = lineup.settings
    found: dict[str, Any] = {}
    database = psutil.Process(server.process.pid) if server is not None and server.process is not None else None
    with (settings.var / "site.log").open("ab") as log, process(settings, "-m", "app", log=log) as site:
        wait_until_ready(address_of(settings), site, _READY_WITHIN_S)
        _await_processes(settings)
        await_first_figures(address_of(settings))
        tree = psutil.Process(site.pid)
        for name, asked in LOADS.items():
            if name not in options.loads:
                continue
            rate = None if asked.share is None else asked.share * found[asked.kind]["a_second"]
            a_process = asked.a_process and asked.a_process * settings.web_concurrency
            order = Order(
                asked.kind,
                address_of(settings),
                options.seconds,
                rate=rate,
                connections=a_process or options.connections,
                seed=seed,
                day=DAY,
            )
            load.run(replace(order, seconds=_WARM_S if found else _FIRST_WARM_S))
            free = idle_cores(1.0)
            before, idle = (busy_s(tree), busy_s(database) if database else 0.0), psutil.cpu_times().idle
            began = time.perf_counter()
            run = load.run(order)
            lasted = time.perf_counter() - began
            spent = (busy_s(tree) - before[0], (busy_s(database) if database else 0.0) - before[1])
            found[name] = told(run, lasted, spent, free, (psutil.cpu_times().idle - idle) / lasted)
    return found


def _await_processes(settings: Settings) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    with Store(settings.database) as store:
        while store.engine.writers() < settings.web_concurrency and time.monotonic() < until:
            time.sleep(0.05)


def told(run: Run, lasted: float, spent: tuple[float, float], free: float, idle: float) -> dict[str, Any]:
    """What a run came to. Cores are shares of one core, ms are processor time of the site a request."""
    everything = run.everything or {}
    return {
        "a_second": round(run.reached, 1),
        "p50_ms": everything.get("p50"),
        "p99_ms": everything.get("p99"),
        "failures": run.failures,
        "site_cores": round(spent[0] / lasted, 2),
        "database_cores": round(spent[1] / lasted, 2),
        "generator_cores": round(run.generator_core, 2),
        "idle_cores_before": free,
        "idle_cores_during": round(idle, 2),
        "site_ms_a_request": round(1_000 * spent[0] / max(1.0, run.reached * run.seconds), 3),
        "database_ms_a_request": round(1_000 * spent[1] / max(1.0, run.reached * run.seconds), 3),
    }


def summed_up(rounds: Sequence[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Medians over the rounds of every figure of every kind."""
    found: dict[str, dict[str, Any]] = {}
    for kind in rounds[0]:
        figures = [each[kind] for each in rounds]
        found[kind] = {name: statistics.median([one[name] or 0.0 for one in figures]) for name in figures[0]}
    return found


def table(results: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """The results as lines of Markdown."""
    lines = [
        "| site | request | a second | p99, ms | cores: site | database | generator | idle | processor a request: "
        "site, ms | database, ms |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, kinds in results.items():
        for kind, row in kinds.items():
            lines.append(
                f"| {name} | {kind} | {row['a_second']:.0f} | {row['p99_ms']:.0f} | {row['site_cores']:.2f} |"
                f" {row['database_cores']:.2f} | {row['generator_cores']:.2f} | {row['idle_cores_during']:.2f} |"
                f" {row['site_ms_a_request']:.2f} | {row['database_ms_a_request']:.2f} |"
            )
    return lines


def worth(results: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """What two processes bring against one: times as many a second, and the 99th percentile of both, by load."""
    one, two = (results.get(f"PostgreSQL, {count}") for count in ("1 process", "2 processes"))
    if one is None or two is None:
        return {}
    return {
        name: {
            "times": round(two[name]["a_second"] / one[name]["a_second"], 2),
            "p99_ms_of_one": one[name]["p99_ms"],
            "p99_ms_of_two": two[name]["p99_ms"],
            "as_wanted": two[name]["a_second"] >= WORTH * one[name]["a_second"] and two[name]["p99_ms"] < P99_LIMIT_MS,
        }
        for name in one
    }


def main(say: Callable[[str], None] = print) -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--loads", nargs="+", choices=list(LOADS), default=list(LOADS))
    parser.add_argument("--only-postgres", action="store_true")
    options = parser.parse_args()
    for name in options.loads:
        if LOADS[name].share is not None and LOADS[name].kind not in options.loads:
            parser.error(f"--loads {name!r} is a share of what {LOADS[name].kind!r} reaches; name that as well")
    free = idle_cores(5.0)
    say(f"{os.cpu_count()} cores, of which {free:.2f} were idle before anything was started")
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        server: PostgresServer | None = None
        try:
            server = ending.enter_context(own_server(durable=True))
        except NoServerError as error:
            if options.only_postgres:
                parser.error(f"--only-postgres: {error}")
            say(f"only SQLite is measured: {error}")
        sites = list(lineups(folder, server, options.processes, sqlite=not options.only_postgres))
        load = PreparedLoad(Population(grown_catalog(1), 7), RUN_KEY)
        rounds: dict[str, list[dict[str, Any]]] = {site.name: [] for site in sites}
        for number in range(options.rounds):
            for site in sites:
                say(f"round {number + 1}: {site.name}")
                rounds[site.name].append(measure(site, load, server, options, seed=7 + number))
    results = {name: summed_up(found) for name, found in rounds.items()}
    say("\n".join(table(results)))
    brought = worth(results)
    for name, row in brought.items():
        say(
            f"{name}: two processes answer {row['times']:.2f} times what one does, p99 {row['p99_ms_of_two']:.0f} ms "
            f"(one: {row['p99_ms_of_one']:.0f}); wanted: {WORTH} times below {P99_LIMIT_MS:.0f} ms"
        )
    told_all = {"idle_cores_at_start": free, "worth": brought, "results": results, "rounds": rounds}
    path = keep("several", told_all, options.out)
    say(f"kept in {path}")


if __name__ == "__main__":
    main()
