"""How many wild cards keep their place from one page of a visit to the next, and what they are worth by hidden taste.

    python -m benchmarks.site.wild_cards [--visitors 300] [--population 7] [--share 0.08] [--var FOLDER] [--out FOLDER]

Simulated visitors nobody trained on open one card after another, half a minute apart, and the first row of the home
page is looked at after each. A wild card keeps its place, or it was opened, stands elsewhere in the row, where the
ranking put it, or is gone. Prints a Markdown table by the number of clicks and writes JSON. What the visitors open is
recorded in FOLDER, so the next run takes another copy of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.flywheel import Flywheel
from app.serve import Shelf
from app.serve.waiting import Logging, LogSlates
from app.settings import load_settings
from benchmarks.machine import keep
from benchmarks.site.one_taste import make_site, new_treated_visitor
from benchmarks.site.quality import FIRST_JUDGE
from seed_data.population import Population, SimulatedVisitor
from seed_data.visits import visit_slate

CLICKS = 12
_BETWEEN_S = 30.0
_DAY = 14.0
_STRANGERS = 500_000
_GROUPS = ((1, 1), (2, 3), (4, 12))


@dataclass(frozen=True, slots=True)
class Seen:
    """A wild card of a row after so many clicks of the visit, what became of it on the next page, and the true chance
    that the visitor opens it once looked at. fate: "kept", "opened", "ranked" or "gone".
    """

    clicks: int
    place: int
    fate: str
    interest: float


def walk(flywheel: Flywheel, person: SimulatedVisitor, clicks: int = CLICKS) -> list[Seen]:
    """The wild cards of one visit, in which so many items are opened."""
    rng = np.random.default_rng((7, person.number))
    visitor, now = new_treated_visitor(f"wild-{person.number}"), time.time()
    ids = [item.item_id for item in flywheel.catalog.items]
    opened: list[str] = []
    before: Shelf | None = None
    seen: list[Seen] = []
    for done in range(clicks + 1):
        row = flywheel.serve.home(visitor, now, Logging(LogSlates.NEVER)).shelves[0]
        if before is not None:
            seen += [
                Seen(done - 1, place, _fate(place, item_id, row, opened), float(person.affinity([item_id], _DAY)[0]))
                for place, item_id in wild_cards(before).items()
            ]
        before, now = row, now + _BETWEEN_S
        opened.append(_next_opened(person, [entry.item.item_id for entry in row.entries], ids, opened, rng))
        flywheel.recorder.record_one(visitor, "click", opened[-1], received_at=now)
    return seen


def wild_cards(row: Shelf) -> dict[int, str]:
    """What chance put on a row, by place."""
    return {entry.position: entry.item.item_id for entry in row.entries if entry.source == "explore"}


def _fate(place: int, item_id: str, row: Shelf, opened: Sequence[str]) -> str:
    if wild_cards(row).get(place) == item_id:
        return "kept"
    if item_id in opened:
        return "opened"
    return "ranked" if item_id in (entry.item.item_id for entry in row.entries) else "gone"


def _next_opened(
    person: SimulatedVisitor, row: list[str], ids: list[str], opened: list[str], rng: np.random.Generator
) -> str:
    """The first that the person opens of the row, else of random others."""
    slate = row
    while True:
        for opening in visit_slate(person, slate, _DAY, rng, opened).openings:
            return slate[opening.index]
        slate = [ids[place] for place in rng.choice(len(ids), min(12, len(ids)), replace=False)]


def table(seen: Sequence[Seen]) -> str:
    """What became of wild cards, by clicks before, as Markdown."""
    lines = [
        "| clicks | wild cards | kept | opened | ranked | gone | kept of those not opened | true chance |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for first, last in (*_GROUPS, (1, CLICKS)):
        own = [one for one in seen if first <= one.clicks <= last]
        if own:
            fates = Counter(one.fate for one in own)
            shares = " | ".join(f"{fates[fate] / len(own):.0%}" for fate in ("kept", "opened", "ranked", "gone"))
            left = fates["kept"] / max(1, len(own) - fates["opened"])
            worth = np.mean([one.interest for one in own])
            lines.append(f"| {first} to {last} | {len(own):,} | {shares} | {left:.1%} | {worth:.1%} |")
    return "\n".join(lines)


def measure(var: Path, visitors: int, population: int, share: float | None = None) -> list[Seen]:
    """The wild cards of so many visits to the site in `var`. share: of the slots that explore, None as by default."""
    overrides: dict[str, object] = {"var": var, "risk_interval_s": 0, "board_interval_s": 0}
    settings = load_settings(
        environment={}, overrides=overrides if share is None else {**overrides, "exploration_share": share}
    )
    flywheel = Flywheel(settings)
    try:
        flywheel.serve.balance.learn()  # as the running site does every few minutes
        people = Population(flywheel.catalog.items, population)
        first = FIRST_JUDGE + _STRANGERS
        return [one for number in range(visitors) for one in walk(flywheel, people.visitor(first + number))]
    finally:
        flywheel.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=300, help="visits (300)")
    parser.add_argument("--population", type=int, default=7, help="seed of the population (7)")
    parser.add_argument("--share", type=float, help="share of the slots that explore (as set)")
    parser.add_argument("--var", type=Path, help="folder with a seeded and trained site; a fresh one is made otherwise")
    parser.add_argument("--out", type=Path, help="folder of the JSON (benchmarks/results)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        var = options.var or Path(folder) / "var"
        if not (var / "events.db").exists():
            make_site(var)
        seen = measure(var, options.visitors, options.population, options.share)
    print(table(seen))
    print(f"\nWritten: {keep('wild_cards', {'seen': [asdict(one) for one in seen]}, options.out)}")


if __name__ == "__main__":
    main()
