"""What only a quiet machine can show: kernels beside implicit, neighbours beside NumPy, and what a second thread gives.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.quiet [--users 100] [--rounds 5] [--out FOLDER]

Where other processes work, single calls find their caches emptied and a second thread finds no core. So this says how
many cores others used meanwhile, before all and during each part, and marks what was measured beside more than
`QUIET` of one. Batches by two threads say how many cores this process had. Gowalla is measured where FLYWHEEL_DATASETS
names a folder that holds it, generated catalogs in any case; about three minutes. Every answer is checked before it is
timed. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.library import catalogs, request_costs, scoring
from benchmarks.library.datasets import DatasetsMissingError, gowalla
from benchmarks.library.generated import generate
from benchmarks.machine import keep
from recommender import Interactions, warm_up

QUIET = 0.1
"""Cores that others may use before a figure is marked."""
WATCHED_S = 2.0
"""Seconds for which the machine is watched before anything is measured."""
ITEMS = 100_000


STAT = Path("/proc/stat")


def busy_seconds() -> float:
    """Seconds that all cores of the machine together have worked since it started, from the kernel's own count."""
    if not STAT.is_file():
        raise SystemExit("what other processes use is read from /proc/stat, which only Linux has; run this there")
    fields = STAT.read_text(encoding="ascii").splitlines()[0].split()[1:]
    idle_and_waiting = int(fields[3]) + int(fields[4])
    return (sum(map(int, fields[:8])) - idle_and_waiting) / os.sysconf("SC_CLK_TCK")


def others_meanwhile(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and the cores that other processes used meanwhile, on average."""
    start, busy, own = time.perf_counter(), busy_seconds(), time.process_time()
    result = call()
    seconds = time.perf_counter() - start
    others = (busy_seconds() - busy) - (time.process_time() - own)
    return result, round(max(others, 0.0) / seconds, 2)


def parts(users: int, rounds: int) -> list[tuple[str, Callable[[], Any]]]:
    """Each part by name, the generated ones first."""
    catalog = generate(ITEMS, 64, users, skewed=True)
    case = request_costs.Case(f"{ITEMS:,} items", catalog.model, catalog.peer, catalog.histories)
    found: list[tuple[str, Callable[[], Any]]] = [
        ("kernel", lambda: catalogs.kernel_rows(f"{ITEMS:,} items", catalog, ">= 120 x implicit", users, rounds)),
        ("neighbours", lambda: request_costs.similar_rows(case, rounds)),
        ("two threads", lambda: request_costs.batch_rows(case, rounds)),
    ]
    try:
        log = Interactions.from_rows(gowalla())
    except DatasetsMissingError as error:
        print(f"Gowalla: not measured: {error}", flush=True)
        return found
    for factors in (64, 128):
        found += [
            (f"kernel, Gowalla, {factors}", partial(scoring.measure, log, factors, users, rounds)),
            (f"two threads, Gowalla, {factors}", partial(gowalla_batches, log, factors, users, rounds)),
        ]
    return found


def gowalla_batches(log: Interactions, factors: int, users: int, rounds: int) -> list[request_costs.Row]:
    """Batches of real histories by one thread and by two."""
    return request_costs.batch_rows(request_costs.gowalla_case(log, factors, users), rounds)


def main() -> None:
    """Watch, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100, help="users drawn (seeded)")
    parser.add_argument("--rounds", type=int, default=5, help="times that every call is repeated")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    _, before = others_meanwhile(lambda: time.sleep(WATCHED_S))
    print(
        f"others use {before} cores now{'' if before <= QUIET else ': figures below are not those of a quiet machine'}"
    )
    warm_up()
    results = []
    with threadpool_limits(limits=1, user_api="blas"):
        for name, measure in parts(arguments.users, arguments.rounds):
            rows, others = others_meanwhile(measure)
            print(f"-- {name}: others used {others} cores{'' if others <= QUIET else ' (NOT QUIET)'}\n", flush=True)
            results.append({"part": name, "cores_of_others": others, "quiet": others <= QUIET, "measured": rows})
    print(f"-> {keep('quiet', {'cores_of_others_before': before, 'parts': results}, arguments.out)}")


if __name__ == "__main__":
    main()
