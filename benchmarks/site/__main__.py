"""`make bench`: everything about the site under load, in one report.

    python -m benchmarks.site [--quick] [--minutes N] [--seed 7] [--base results.json] [--only PART …] [--out FOLDER]

Starts the real site and trainer on a temporary folder, ends them again, whatever happens, and writes report.html,
report.md, pictures and results.json into benchmarks/results/<time>. With --base it also says what got better or worse
than the run in that file, beyond noise.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import structlog

from app.settings import Settings
from benchmarks.machine import RESULTS, machine
from benchmarks.site import parts
from benchmarks.site.plan import fit_rest, make_plan
from benchmarks.site.progress import Progress
from benchmarks.site.report.compare import compare
from benchmarks.site.report.report import write_report
from benchmarks.site.report.summary import summary_lines
from recommender import warm_up

PARTS = {
    "growth": parts.growth,
    "same seed again": parts.same_seed,
    "capacity": parts.capacity,
    "catalogs": parts.catalogs,
    "replay": parts.replay,
    "core": parts.core,
}


def main() -> None:
    """Run, report, end; Ctrl-C ends what was started and leaves nothing behind."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.site", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--minutes", type=float, default=None, help="most time to take (default 25, quick 4)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--base", type=Path, default=None, help="results.json of an earlier run to compare with")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    if options.base is not None and not options.base.is_file():
        parser.error(f"--base {options.base} is not a file; give the results.json of an earlier run")
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        results = run(options)
    except KeyboardInterrupt:
        sys.exit("\nStopped; the site, the trainer and the load generator were ended.")
    folder = options.out or RESULTS / results["started_at"].replace(":", "").replace("-", "")[:15]
    write_report(results, folder)
    print("\n".join(summary_lines(results)))
    print(f"\nThe report: {folder / 'report.html'}")
    if options.base is not None:
        print("\n" + "\n".join(compare(json.loads(options.base.read_text("utf-8")), results)))


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Every part in turn; one that fails is told in the results and does not stop the others."""
    plan, scaled = make_plan(options.quick, options.minutes * 60 if options.minutes else None)
    planned = {part: s for part, s in plan.seconds().items() if part in (*options.only, "report")}
    progress = Progress(planned)
    results: dict[str, Any] = {
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"make bench{' QUICK=1' if options.quick else ''}",
        "seed": options.seed,
        "machine": machine(),
        "commit": _commit(),
        "settings": _settings_words(),
        "plan": {name: getattr(plan, name) for name in plan.__dataclass_fields__},
        "scaled": scaled,
        "failed": {},
    }
    progress.tell("compiling kernels, the first time only")
    warm_up()  # a fresh clone would measure its compiler instead of its pages
    with tempfile.TemporaryDirectory(prefix="flywheel-bench-") as folder:
        for part in options.only:
            progress.start(part)
            fitted, cost = fit_rest(plan, part, options.only, progress.elapsed_s)
            if cost:
                results["scaled"].append(cost)
            if fitted is None:
                continue
            try:
                results[part] = PARTS[part](fitted, options.seed, Path(folder), progress.tell)
            except Exception as error:  # a broken part must be told, not hide what the others found
                results["failed"][part] = f"{error}"
                traceback.print_exc()
        progress.end()
    results["took_s"] = progress.took_s
    results["took"] = round(progress.elapsed_s)
    return results


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _commit() -> str:
    """The commit, with a plus when files differ from it."""
    git = ["git", "-C", str(parts.ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _settings_words() -> str:
    """The settings of the site that differ from its defaults here."""
    defaults = Settings()
    return (
        f"the site's defaults ({defaults.threads} threads, {defaults.factors} factors, control arm "
        f"{defaults.control_share:.0%}, holdout {defaults.holdout_share:.0%}), but no rate limit"
    )


if __name__ == "__main__":
    main()
