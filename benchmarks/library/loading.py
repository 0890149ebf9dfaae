"""Loading whole columns: seconds a million rows from a matrix, frames and rows, answers checked against each other.

    python -m benchmarks.library.loading [--rows 2000000] [--cpu] [--out FOLDER]

Generated clicks of 100,000 users on at most 50,000 items. Rows of tuples, which are checked one by one, stand beside
for comparison, on a tenth of the clicks. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import scipy.sparse

from benchmarks.machine import keep
from recommender import Interactions

RUNS = 3


def measure(rows: int, clock: Callable[[], float]) -> list[dict[str, Any]]:
    """Median seconds a million rows of each way to load, after one run that is not counted."""
    rng = np.random.default_rng(7)
    users, items = rng.integers(100_000, size=rows), rng.zipf(1.3, size=rows) % 50_000
    times = 1.6e9 + rng.random(rows) * 1e6
    numbers = pd.DataFrame({"user_id": users, "item_id": items, "at": times})
    texts = pd.DataFrame({
        "user_id": "user-" + numbers.user_id.astype(str), "item_id": "item-" + numbers.item_id.astype(str),
        "at": pd.to_datetime(times, unit="s"),
    })  # fmt: skip
    table = pyarrow.Table.from_pandas(texts)
    matrix = scipy.sparse.csr_matrix((np.ones(rows, np.float32), (users, items)), shape=(100_000, 50_000))
    some = list(zip(users.tolist(), items.tolist(), [1.0] * rows, times.tolist(), strict=True))[: rows // 10]
    ways: dict[str, tuple[int, Callable[[], Interactions]]] = {
        "SciPy CSR": (matrix.nnz, lambda: Interactions.from_matrix(matrix)),
        "pandas, numbers": (rows, lambda: Interactions.from_frame(numbers, timestamp="at")),
        "pandas, texts and dates": (rows, lambda: Interactions.from_frame(texts, timestamp="at")),
        "Arrow, texts and dates": (rows, lambda: Interactions.from_frame(table, timestamp="at")),
        "rows of tuples": (len(some), lambda: Interactions.from_rows(some)),
    }
    results = []
    for name, (count, load) in ways.items():
        spent = []
        for _ in range(RUNS + 1):
            start = clock()
            log = load()
            spent.append(clock() - start)
            assert log.rows == count, f"{name} has {log.rows} rows, not {count}"
        seconds = float(np.median(spent[1:])) / count * 1e6
        results.append({"way": name, "rows": count, "seconds_a_million": round(seconds, 3), "ordered": log.ordered})
        print(f"{name:28s} {count:10,d} rows {seconds:8.3f} s a million", flush=True)
    return results


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000, help="clicks that are generated")
    parser.add_argument("--cpu", action="store_true", help="measure time by the processor's clock (a shared machine)")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    result = {"ways": measure(arguments.rows, time.process_time if arguments.cpu else time.perf_counter)}
    print(f"-> {keep('loading', result, arguments.out)}")


if __name__ == "__main__":
    main()
