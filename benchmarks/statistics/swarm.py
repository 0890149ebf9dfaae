"""How far a swarm of bots moves what other people are shown: an item's exposure with the swarm, over without it.

A small site in this process, its real recorder and pages, a past and visitors of the hidden-taste population; no model,
so that pages are ranked by popularity and by what is opened together, which follow clicks at once. As many bots as a
stated share of all visitors push one item. `fresh` bots come with a new cookie each, click, like, save and use it at
once, and never return. `patient` bots look at pages, push, come back after five minutes and on five more days, and push
again. Then honest newcomers and returning visitors are served home pages. The same visits without the bots are the
other side of the ratio. Run `python -m benchmarks.statistics.swarm`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.cli.first_traffic import seed_traffic
from app.flywheel import Flywheel
from app.record.filling import fill
from app.settings import load_settings
from app.store import Store
from app.values.visitor import Visitor
from app.visitors import new_visitor
from benchmarks.bulk import run_visits, simulated_id
from benchmarks.machine import keep
from seed_data.history import seed_history
from seed_data.population import Population
from seed_data.templates import load_templates

SWARM, MOST = 0.01, 2.0
"""The promise: a swarm of this share of all visitors moves an item's exposure to others at most so many times."""

KINDS = ("click", "like", "save", "use")
_DAY_S = 86_400.0
_PATIENT_DAYS = 6
_FIRST_VISITOR = 10_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Visitors of the past, honest visitors of today, home pages served to newcomers, and as many to who returns."""

    past: int = 200
    honest: int = 400
    looked_at: int = 200


@dataclass(frozen=True, slots=True)
class Exposure:
    """Entries of one item on the home pages that were served, and how many pages those were."""

    entries: int
    pages: int

    @property
    def rate(self) -> float:
        """Entries for each page."""
        return self.entries / self.pages


class _Clock:
    """Unix seconds that pass a little with every look, so that no two moments are one."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def measure(kind: str, bots: int, target: str, sizes: Sizes, seed: int) -> Exposure:
    """Exposure of `target` to honest visitors after `bots` bots of one kind have pushed it. kind: fresh or patient."""
    with tempfile.TemporaryDirectory(prefix="swarm-") as folder:
        settings = load_settings(
            environment={},
            overrides={
                "var": Path(folder),
                "secret_key": "swarm",
                "board_interval_s": 0,
                "risk_interval_s": 0,
                "control_share": 0.5,
            },
        )
        items = load_templates()
        population = Population(items, seed)
        # The past ends a week ago, so that everything that the bots do lies behind the pages that are looked at.
        clock = _Clock(time.time() - 7 * _DAY_S)
        visits = list(seed_history(items, population, sizes.past, seed, start_at=clock.now))
        with Store.create(settings.event_database) as store:
            fill(store, items, seed_traffic(visits, settings))
        flywheel = Flywheel(settings)
        flywheel.open()
        try:
            numbers = range(_FIRST_VISITOR, _FIRST_VISITOR + sizes.honest)
            run_visits(flywheel, population, numbers, seed=seed, clock=clock, pages=1, threads=1)
            # People return as well: what they chose counts from then on, as the bots' does.
            clock.now += 2 * _DAY_S
            run_visits(flywheel, population, numbers, seed=seed, session=1, clock=clock, pages=1, threads=1)
            _SWARMS[kind](flywheel, bots, target, clock)
            clock.now = time.time()
            return _look(flywheel, target, sizes, seed, clock)
        finally:
            flywheel.close()


def _fresh(flywheel: Flywheel, bots: int, target: str, clock: _Clock) -> None:
    for number in range(bots):
        bot = new_visitor(flywheel.settings, "real", now=clock(), visitor_id=f"fresh-{number}")
        _push(flywheel, bot, target, clock)


def _patient(flywheel: Flywheel, bots: int, target: str, clock: _Clock) -> None:
    crowd = [
        new_visitor(flywheel.settings, "real", now=clock(), visitor_id=f"patient-{number}") for number in range(bots)
    ]
    for _ in range(_PATIENT_DAYS):
        for bot in crowd:
            flywheel.serve.home(bot, clock())
            _push(flywheel, bot, target, clock)
        clock.now += 300.0
        for bot in crowd:
            _push(flywheel, bot, target, clock)
        clock.now += _DAY_S / 2


_SWARMS: dict[str, Callable[[Flywheel, int, str, _Clock], None]] = {"fresh": _fresh, "patient": _patient}


def _push(flywheel: Flywheel, bot: Visitor, target: str, clock: _Clock) -> None:
    """Everything good that a visitor can say of an item."""
    for kind in KINDS:
        flywheel.recorder.record_one(bot, kind, target, received_at=clock())


def _look(flywheel: Flywheel, target: str, sizes: Sizes, seed: int, clock: _Clock) -> Exposure:
    """Serve home pages to newcomers and to visitors who return, and count the entries of the item."""
    time.sleep(1.1)  # the popularity board is sorted at most once a second
    entries = pages = 0
    visitors = [
        new_visitor(flywheel.settings, "real", now=clock(), visitor_id=f"newcomer-{number}")
        for number in range(sizes.looked_at)
    ]
    visitors += [
        new_visitor(flywheel.settings, "simulated", now=clock(), visitor_id=simulated_id(seed, _FIRST_VISITOR + number))
        for number in range(min(sizes.looked_at, sizes.honest))
    ]
    for visitor in visitors:
        page = flywheel.serve.home(visitor, clock())
        pages += 1
        entries += sum(entry.item.item_id == target for shelf in page.shelves for entry in shelf.entries)
    return Exposure(entries, pages)


def ranked_items(sizes: Sizes, seed: int) -> list[str]:
    """Items by how often they were chosen in the past, most often first, ties in catalog order."""
    items = load_templates()
    history = seed_history(items, Population(items, seed), sizes.past, seed, start_at=time.time())
    chosen = Counter(event.item_id for visit in history for event in visit.events if event.kind in KINDS)
    return sorted((item.item_id for item in items), key=lambda item_id: -chosen[item_id])


def measure_swarms(
    shares: Sequence[float], ranks: Sequence[int], sizes: Sizes, seed: int, tell: Callable[[str], object]
) -> list[dict[str, Any]]:
    """Each kind of swarm, as each share of all visitors, pushes each of the items at those ranks of the past.

    ratio: of entries plus one half each, so that an item that is shown by chance only has a ratio too.
    """
    rows = []
    order = ranked_items(sizes, seed)
    for rank in ranks:
        without = measure("fresh", 0, order[rank], sizes, seed)
        for kind in _SWARMS:
            for share in shares:
                bots = round(share * (sizes.past + sizes.honest))
                pushed = measure(kind, bots, order[rank], sizes, seed)
                ratio = (pushed.entries + 0.5) / (without.entries + 0.5)
                row = {"kind": kind, "share": share, "bots": bots, "rank": rank, "ratio": ratio}
                rows.append({**row, "without": asdict(without), "with": asdict(pushed)})
                tell(
                    f"{kind}: {bots} bots ({share:.0%} of visitors) push the item of rank {rank}: {without.entries} -> "
                    f"{pushed.entries} entries on {pushed.pages} home pages, {ratio:.2f} x"
                )
    return rows


def main() -> None:
    """Measure, print, keep; fail where a swarm of 1 % moves an item's exposure more than MOST times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.01, 0.1], help="bots as a share of all visitors")
    parser.add_argument("--ranks", type=int, nargs="+", default=[20, 100, 2000], help="ranks of the items pushed")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    rows = measure_swarms(
        arguments.shares, arguments.ranks, Sizes(), arguments.seed, lambda line: print(line, flush=True)
    )
    print(keep("swarm", {"sizes": asdict(Sizes()), "rows": rows}, arguments.out))
    if moved := [row for row in rows if row["share"] <= SWARM and row["ratio"] > MOST]:
        sys.exit(f"broken: a swarm of {SWARM:.0%} moves an item's exposure {max(row['ratio'] for row in moved):.1f} x")


if __name__ == "__main__":
    main()
