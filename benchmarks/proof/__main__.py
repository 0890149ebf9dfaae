"""`make proof`: plays growth, a trial and planted faults on the real site, and shows what its own page says of them."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from app.cli.demo import require_free_port
from app.files import OTHERS_READ, write_file
from app.settings import SECRETS, load_settings
from app.store.events import last_seq
from benchmarks.bulk import BulkTally
from benchmarks.machine import RESULTS, machine
from benchmarks.proof.acts import Acts
from benchmarks.proof.finding import Finding, markdown
from benchmarks.proof.screens import take_screens
from benchmarks.proof.site import ProofSite
from benchmarks.proof.sizes import QUICK, WEAK, Sizes

VAR = Path("var-proof")
MARK = "made-by-make-proof"
"""A file in the folder of a proof: without it a folder is somebody's, and is not removed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the proof; exit code 1 when a claim did not hold."""
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the traffic, for trying it out")
    parser.add_argument("--seed", type=int, default=7, help="seed of the visits")
    parser.add_argument("--var", type=Path, default=VAR, help="folder of databases and models; what it held is removed")
    parser.add_argument("--screens", type=Path, help="folder for screenshots; beside the report when not given")
    options = parser.parse_args(arguments)
    # As on Ctrl-C: the trainer is a process of its own and must not outlive this one.
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    _clear(options.var)
    sizes = QUICK if options.quick else Sizes()
    settings = load_settings(
        overrides={
            **WEAK,
            "var": options.var,
            "control_share": sizes.control_share,
            "update_interval_s": 1.0,
            "risk_interval_s": 0.0,
            "board_interval_s": 5.0,
            "trial_share": 1.0,
            "trial_check_s": 2.0,
        }
    )
    require_free_port(settings)
    findings: list[Finding] = []
    with ProofSite(settings, options.seed) as site:
        acts = Acts(site, sizes, Ticker(started))
        for found in acts.play():
            findings.append(found)
            print(f"\r{_clock(started)}  {found.line}", flush=True)
        facts = {
            "visitors": acts.visitors,
            "seed": options.seed,
            "events": last_seq(site.flywheel.store.reader()),
            "settings": {name: str(value) for name, value in asdict(settings).items() if name not in SECRETS},
        }
        folder = RESULTS / time.strftime("proof-%Y%m%d-%H%M%S")
        folder.mkdir(parents=True)
        take_screens(site.address, options.screens or folder)
    seconds = time.monotonic() - started
    report = {"machine": machine(), **facts, "seconds": seconds, "findings": [asdict(found) for found in findings]}
    write_file(folder / "proof.json", json.dumps(report, indent=1, default=str) + "\n", OTHERS_READ)
    write_file(folder / "proof.md", markdown(findings, seconds, facts), OTHERS_READ)
    held = sum(found.holds for found in findings)
    print(f"\n{held} of {len(findings)} claims held, {seconds / 60:.1f} minutes. {folder}/proof.md")
    print(f"Look at the page with `make demo VAR={options.var}`: /flywheel")
    return 0 if held == len(findings) else 1


def _clear(var: Path) -> None:
    """Make the folder anew. Ends the program when it holds something that no proof has made."""
    if var.exists() and any(var.iterdir()) and not (var / MARK).exists():
        sys.exit(f"error: {var} holds something that `make proof` did not make; name another folder with VAR=")
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    (var / MARK).touch()


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Ticker:
    """Shows on one line of the terminal that visitors are coming, a few times a second."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._shown = 0.0

    def __call__(self, tally: BulkTally) -> None:
        """Show how far the present group has come."""
        now = time.monotonic()
        if now - self._shown > 0.5 and sys.stdout.isatty():
            self._shown = now
            pace = tally.events / tally.seconds if tally.seconds else 0.0
            print(f"\r{_clock(self._started)}  {tally.visits:,} visits, {pace:,.0f} events/s   ", end="", flush=True)


def _clock(started: float) -> str:
    seconds = int(time.monotonic() - started)
    return f"{seconds // 60:>2}:{seconds % 60:02d}"


if __name__ == "__main__":
    sys.exit(main())
