"""Every benchmark of the library in one command, and one table of its targets.

python -m benchmarks.library.core [--quick] [--minutes 15] [--keep docs/measurements/core]

Runs each as a process of its own, within so many minutes (2 when quick): one that would not fit into what is left is
named, and so is one whose data set is not in the folder that FLYWHEEL_DATASETS names. Where the machine is busy, those
of a quick run measure fewer cases and name the others. What needs no data set runs anywhere. Ends with
`benchmarks.library.core_table`; `--keep` also writes the judged lines and the machine as DATE.json into a folder, so
that trends can be drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from app.files import OTHERS_READ, write_file
from benchmarks.library.core_table import QUICK as QUICK_DAY
from benchmarks.library.datasets import DatasetsMissingError, datasets_folder
from benchmarks.machine import RESULTS


@dataclass(frozen=True, slots=True)
class Step:
    """A benchmark, its arguments, seconds that it takes on two cores, and the file of the data set that it needs."""

    module: str
    arguments: tuple[str, ...] = ()
    seconds: float = 60.0
    needs: str = ""
    bounded: bool = False
    """Whether it takes --seconds: then it measures less where the machine is busy, and says what it left out."""


ML_100K, ML_1M, GOWALLA = "ml-100k/interactions.csv.gz", "ml-1m-m1/train.csv.gz", "gowalla/train.csv.gz"
QUICK = (
    Step("startup", ("--items", "100000", "--repeats", "1"), 25),
    Step("incremental", ("--every", "20", "--seeds", "1"), 15),
    Step("request_costs", ("--users", "30", "--rounds", "2"), 35, bounded=True),
    Step("catalogs", ("--quick", "--users", "10", "--rounds", "2"), 30, bounded=True),
)
FULL = (
    Step("request_costs", (), 180, bounded=True),
    Step("startup", (), 60),
    Step("catalogs", ("--quick", "--users", "60"), 90, bounded=True),
    Step("update_costs", ("--rows", "1000000"), 60),
    Step("incremental", ("--every", "4"), 60),
    Step("scoring", (), 90, GOWALLA),
    Step("replay", ("--datasets", "ml-100k", "--stages", "0.8"), 90, ML_100K),
    Step("newcomers", (), 60, ML_100K),
    Step("ranking", ("--datasets", "ml-1m-m1"), 90, ML_1M),
)


SHARE = 0.7
"""Of its share of the time that is left, when a bounded step begins its last case."""


TO_END_S = 4.0
"""Seconds that an interrupted step has for writing what it measured."""


def absent(step: Step) -> str:
    """Why the data set of a step cannot be read, nothing when it can."""
    if not step.needs:
        return ""
    try:
        path = datasets_folder() / step.needs
    except DatasetsMissingError as error:
        return str(error)
    return "" if path.is_file() else f"{path} is not there"


def run_steps(steps: tuple[Step, ...], limit_s: float, folder: Path) -> list[str]:
    """Run what can be run before the limit; returns a line for each step that was not, or that failed."""
    begin, lines = time.monotonic(), []
    for place, step in enumerate(steps):
        left = limit_s - (time.monotonic() - begin)
        reason = absent(step)
        if not reason and step.bounded:
            # A case that has begun is not ended, so that the last one needs room beyond the step's share.
            share = SHARE * left * step.seconds / sum(other.seconds for other in steps[place:])
            step = replace(step, arguments=(*step.arguments, "--seconds", f"{share:.0f}"))
        elif not reason and left < step.seconds:
            reason = f"{max(left, 0.0):.0f} s were left of {limit_s:.0f}, it takes about {step.seconds:.0f}"
        if not reason:
            print(f"== {step.module} {' '.join(step.arguments)}", flush=True)
            reason = run(step, folder, left)
        if reason:
            lines.append(f"{step.module}: not measured: {reason}")
            print(lines[-1], flush=True)
    return lines


def run(step: Step, folder: Path, left_s: float) -> str:
    """Run a step to its end or the limit's; says what went wrong, nothing when all went well.

    At the limit it is ended; a bounded step is interrupted, and keeps what it has measured until then.
    """
    command = [sys.executable, "-m", f"benchmarks.library.{step.module}", *step.arguments, "--out", str(folder)]
    with subprocess.Popen(command, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}) as process:
        try:
            status = process.wait(left_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT if step.bounded else signal.SIGTERM)
            try:
                process.wait(TO_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
            return "it was ended when its time was up"
    return f"it ended with status {status}" if status else ""


def kept(folder: Path, results: Path, lines: list[str], seconds: float, quick: bool = False) -> Path:
    """Write the judged lines of the table, the machine and what was not measured into DATE.json in a folder, those of a
    quick run into DATE-quick.json.
    """
    table = json.loads((results / "core_table.json").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y-%m-%d}{QUICK_DAY if quick else ''}.json"
    content = {"at": now.isoformat(timespec="seconds"), "seconds": round(seconds), **table, "not_measured": lines}
    write_file(path, json.dumps(content, indent=1) + "\n", OTHERS_READ)
    return path


def main() -> None:
    """Run, judge, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")), help="two minutes")
    parser.add_argument("--minutes", type=float, default=None, help="limit for all of it (15; 2 when quick)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON of each benchmark")
    parser.add_argument("--keep", type=Path, default=None, help="folder for the judged lines of this day")
    arguments = parser.parse_args()
    minutes = arguments.minutes or (2 if arguments.quick else 15)
    begin = time.monotonic()
    lines = run_steps(QUICK if arguments.quick else FULL, minutes * 60 - 5, arguments.results)
    table = [sys.executable, "-m", "benchmarks.library.core_table", "--results", str(arguments.results)]
    subprocess.run(table, check=True)
    seconds = time.monotonic() - begin
    print("\n".join([*lines, f"{seconds / 60:.1f} minutes"]))
    if arguments.keep is not None:
        print(f"-> {kept(arguments.keep, arguments.results, lines, seconds, arguments.quick)}")


if __name__ == "__main__":
    main()
