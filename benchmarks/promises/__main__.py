"""`python -m benchmarks.promises NAME`: keep one promise in the long form, and write its figures."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.promises.backups import back_up_under_load
from benchmarks.promises.endurance import Endurance, endure
from benchmarks.promises.erasures import erase_and_search
from benchmarks.promises.flips import flip_bits
from benchmarks.promises.kills import kill_again_and_again
from benchmarks.promises.outages import break_one_after_another
from benchmarks.promises.overload import Overload, flood_site
from benchmarks.promises.power_cuts import cut_again_and_again
from benchmarks.promises.repeats import send_ten_times
from benchmarks.promises.rollbacks import change_models_under_requests
from benchmarks.promises.trainer_outages import fail_under_trainer
from benchmarks.promises.trainers import start_two_and_kill

_RUNS: dict[str, tuple[str, float, Callable[[Path, float], Any]]] = {
    "kills": ("kills with SIGKILL", 200, lambda folder, n: kill_again_and_again(folder, int(n), on_cycle=_tell)),
    "power-cuts": ("power cuts", 50, lambda folder, n: cut_again_and_again(folder, int(n), on_cut=_tell)),
    "repeats": ("batches, ten times each", 200, lambda folder, n: send_ten_times(folder, int(n), restarts=8)),
    "overload": ("seconds of three times the capacity", 60, lambda folder, n: _short_overload(flood_site(folder, n))),
    "outages": ("rounds of requests in each outage", 10, lambda folder, n: break_one_after_another(folder, int(n))),
    "trainer-outages": ("seconds of each fault", 5, fail_under_trainer),
    "flips": ("bits", 1000, lambda folder, n: flip_bits(folder, int(n))),
    "trainers": ("rounds of two trainers", 10, lambda folder, n: start_two_and_kill(folder, int(n))),
    "rollbacks": ("requests", 10_000, lambda folder, n: change_models_under_requests(folder, int(n))),
    "backups": ("backups under load", 10, lambda folder, n: back_up_under_load(folder, int(n))),
    "erasures": ("visitors erased", 50, lambda folder, n: erase_and_search(folder, int(n))),
    "endurance": ("seconds", 7200, lambda folder, n: _short_endurance(endure(folder, n))),
}


def main() -> None:
    """Run one promise in a temporary folder and write its figures as JSON on the standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promises", description=__doc__)
    parser.add_argument("name", choices=list(_RUNS), help="which promise")
    parser.add_argument("--count", type=float, help="how many, or how long; see `unit` in the figures")
    options = parser.parse_args()
    unit, count, run = _RUNS[options.name]
    count = options.count or count
    figures_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what commands say on the way is no figure
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), count)
    told = figures if isinstance(figures, dict) else asdict(figures)
    head = {"promise": options.name, "count": count, "unit": unit, "seconds": round(time.time() - began, 1)}
    with figures_to:
        figures_to.write(json.dumps({**head, "machine": machine(), **told}, indent=2, default=str) + "\n")


def _tell(number: int, account: Any) -> None:
    print(f"{number + 1}: {account}", file=sys.stderr, flush=True)


def _short_overload(found: Overload) -> dict[str, Any]:
    return {
        "capacity_per_s": round(found.capacity),
        "offered": found.flood.offered,
        "statuses": found.flood.statuses,
        "unsent": found.flood.unsent,
        "without_retry_after": found.flood.impolite,
        "stored_per_s": round(found.flood.stored_per_s),
        "pages_normal": {"p50": found.normal.percentile(50), "p99": found.normal.percentile(99)},
        "pages": {"p50": found.pages.percentile(50), "p99": found.pages.percentile(99)},
        "pages_statuses": found.pages.statuses,
        "memory_mib": found.memory_mib,
        "account": found.account and asdict(found.account),
    }


def _short_endurance(found: Endurance) -> dict[str, Any]:
    return {
        "load_seconds": round(found.seconds),
        "requests": found.requests,
        "problems": found.problems,
        "growth": found.growth(),
        "samples": [asdict(sample) for sample in found.tenths()],
    }


if __name__ == "__main__":
    main()
