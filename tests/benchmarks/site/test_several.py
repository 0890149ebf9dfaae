"""What is told of runs with one web process and with more."""

from __future__ import annotations

import os

import psutil

from benchmarks.site.load.orders import Run
from benchmarks.site.several import LOADS, busy_s, summed_up, table, told


def test_processor_time_is_told_a_request_and_in_cores() -> None:
    run = Run({}, 10.0, None, 200.0, 0, [], {"p50": 8.0, "p99": 40.0}, None, 0.25)
    row = told(run, lasted=10.0, spent=(8.0, 2.0), free=1.5, idle=0.1)
    assert (row["a_second"], row["p99_ms"], row["site_cores"], row["database_cores"]) == (200.0, 40.0, 0.8, 0.2)
    assert (row["site_ms_a_request"], row["database_ms_a_request"]) == (4.0, 1.0)
    other = row | {"a_second": 100.0}
    middle = summed_up([dict.fromkeys(LOADS, row), dict.fromkeys(LOADS, other), dict.fromkeys(LOADS, other)])
    assert middle["home"]["a_second"] == 100.0
    lines = table({"SQLite, 1 process": middle})
    assert lines[2].startswith("| SQLite, 1 process | home | 100 | 40 | 0.80 | 0.20 | 0.25 | 0.10 | 4.00 | 1.00 |")
    assert len(lines) == 2 + len(LOADS)


def test_processor_time_of_this_process_is_counted() -> None:
    assert busy_s(psutil.Process(os.getpid())) > 0
