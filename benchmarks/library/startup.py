"""How soon the library answers: its first lines on a new machine, import, first recommendation of a fresh process, save
and load of a large model.

python -m benchmarks.library.startup [--items 1000000] [--factors 64] [--repeats 5] [--out FOLDER]

The first lines are those of README.md, as a program of their own: *cold* with an empty cache of kernels, then warm.
Every other time of a process is that of a fresh interpreter with a warm cache; the model that it loads is a small one.
The large model has random factors and text ids, and is loaded with mapped arrays from a warm page cache; it must give
the answers of the one that was saved. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.machine import keep
from recommender import ALSConfig, FactorModel, Interactions, train

IMPORT = """
import time
start = time.perf_counter()
from recommender import ALSConfig, Interactions, train
print(time.perf_counter() - start)
"""
ANSWER = """
import sys, time
start = time.perf_counter()
from recommender import FactorModel
imported = time.perf_counter()
FactorModel.load(sys.argv[1]).recommend([1, 2, 3])
print(time.perf_counter() - imported)
"""


CHILDREN = "children_user", "children_system"
README = Path(__file__).parent.parent.parent / "README.md"


def first_lines(repeats: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of whole processes that run the snippet of README.md, with an empty cache of kernels and a warm one; and
    the least seconds of processor time of each, which other processes lengthen less than the clock.
    """
    found = re.findall(r"```python\n(from recommender import.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    command = [sys.executable, "-c", found[0]]
    with tempfile.TemporaryDirectory() as cache:

        def run() -> tuple[float, float]:
            start, before = time.perf_counter(), os.times()
            environment = os.environ | {"NUMBA_CACHE_DIR": cache}
            subprocess.run(command, env=environment, capture_output=True, check=True)
            seconds, after = time.perf_counter() - start, os.times()
            user, system = (getattr(after, kind) - getattr(before, kind) for kind in CHILDREN)
            return seconds, user + system

        runs = {"first lines, cold": [run()], "first lines, warm": [run() for _ in range(repeats)]}
    clock = {name: [seconds for seconds, _ in some] for name, some in runs.items()}
    return clock, {name: round(min(busy for _, busy in some), 2) for name, some in runs.items()}


def in_fresh_processes(program: str, *arguments: str, repeats: int) -> list[float]:
    """What a program prints, in seconds, from `repeats` interpreters; one more before them warms the caches."""
    command = [sys.executable, "-c", program, *arguments]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(repeats + 1)]
    return [float(run.stdout) for run in runs[1:]]


def timed(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Seconds of each call, and what the last returned."""
    seconds, result = [], None
    for _ in range(repeats):
        result = None  # what was returned before is freed outside the clock
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return seconds, result


def large_model(items: int, factors: int) -> FactorModel:
    """A model of random factors, popularity and text ids."""
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(items, factors)).astype(np.float32)
    vectors *= rng.lognormal(sigma=0.5, size=(items, 1)).astype(np.float32)
    popularity = rng.pareto(1.2, size=items).astype(np.float32)
    return FactorModel([f"item-{number}" for number in range(items)], vectors, popularity, ALSConfig(factors=factors))


def measure(items: int, factors: int, repeats: int, folder: Path) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds of every repeat of every case, and of processor time of the first lines."""
    small = train(Interactions.from_rows((row % 97, row * row % 2003) for row in range(20_000)), ALSConfig())
    small.save(folder / "small")
    clock, processor = first_lines(repeats)
    cases = {
        **clock,
        "import": in_fresh_processes(IMPORT, repeats=repeats),
        "load a small model and recommend": in_fresh_processes(ANSWER, str(folder / "small"), repeats=repeats),
    }
    model = large_model(items, factors)
    cases["save a large model"], _ = timed(lambda: model.save(folder / "large"), repeats)
    cases["load a large model"], loaded = timed(lambda: FactorModel.load(folder / "large"), repeats)
    history = ["item-1", "item-7"]
    if loaded.recommend(history) != model.recommend(history) or loaded.recommend([]) != model.recommend([]):
        raise SystemExit("the loaded model does not recommend what the saved one did")
    return cases, processor


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    quick = bool(os.environ.get("QUICK"))
    parser.add_argument("--items", type=int, default=1_000_000, help="items of the large model")
    parser.add_argument("--factors", type=int, default=64, help="length of the vectors of the large model")
    parser.add_argument("--repeats", type=int, default=2 if quick else 5, help="times that each case is measured")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases, processor = measure(arguments.items, arguments.factors, arguments.repeats, Path(folder))
    summary = {
        name: {
            "median_s": round(median(seconds), 4),
            "least_s": round(min(seconds), 4),
            "most_s": round(max(seconds), 4),
        }
        for name, seconds in cases.items()
    }
    for name, seconds in processor.items():
        summary[name]["processor_s"] = seconds
    for name, row in summary.items():
        busy = f", {row['processor_s']:.2f} s of processor time" if name in processor else ""
        print(f"{name:34} {row['median_s']:7.3f} s   ({row['least_s']:.3f} to {row['most_s']:.3f}{busy})")
    result = {"items": arguments.items, "factors": arguments.factors, "repeats": arguments.repeats, "seconds": summary}
    print(f"-> {keep('startup', result, arguments.out)}")


if __name__ == "__main__":
    main()
