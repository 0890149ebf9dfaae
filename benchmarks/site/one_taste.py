"""What a visitor of one style, genre or type gets to see after 1, 3, 5 and 8 clicks, on a fresh site.

    python -m benchmarks.site.one_taste [--visitors 12] [--movielens FOLDER] [--var FOLDER] [--out FOLDER]

A fresh site is seeded and trained as `make demo` does it. Each visitor likes one value (seven styles of the templates,
or seven genres of the films) and opens a random card of it in the first row of the home page, any item of it where the
row has none, one after another, and looks at the row after each. Then two more looks: how many of six alike in a row
are left when three of them are hidden, and how many entries of a row are left that was on screen five times without a
click. Prints a Markdown table and writes JSON, so that two states of the code can be laid side by side.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.flywheel import Flywheel
from app.record import Event, EventBatch
from app.serve import Page, Shelf
from app.settings import load_settings
from app.values.item import Item
from app.values.visitor import Visitor
from benchmarks.machine import keep

CLICKS = (1, 3, 5, 8)
VALUES = 7
SEEN = 5
_HIDDEN_OF = 6


@dataclass(frozen=True, slots=True)
class Row:
    """The first row after so many clicks on items of one value.

    match: share of the entries that have the value. first_eight: the same of the first eight. types: distinct types.
    largest_type: share of the most frequent one. moved: share of the entries that were not in the row before the last
    click. causes: distinct sentences. wild: entries drawn by chance; wild_first: those among the first three places.
    """

    value: str
    clicks: int
    match: float
    first_eight: float
    types: int
    largest_type: float
    moved: float
    causes: int
    wild: int
    wild_first: int


@dataclass(frozen=True, slots=True)
class Alike:
    """What is left in the next row of entries like those that were hidden, and of those seen without a click.

    before, after: entries of the type and style (films: two genres) of those that were hidden. seen_left: share of a
    row that is still in it after it was on screen five times.
    """

    value: str
    before: int
    after: int
    seen_left: float


def has_value(item: Item, value: str) -> bool:
    """Whether a template is of a style, or a film of a genre."""
    return item.style == value if item.year is None else value in (item.type, *item.tags)


def main_values(items: Sequence[Item], count: int = VALUES) -> list[str]:
    """The styles (films: genres) with the most items."""
    slugs = (item.style if item.year is None else item.type for item in items)
    return [slug for slug, _ in Counter(slugs).most_common(count)]


def new_treated_visitor(name: str) -> Visitor:
    """A visitor whose page follows them and who judges no model."""
    return Visitor(name, time.time(), "treatment", "assigned", "simulated", holdout=False)


def click_through(flywheel: Flywheel, value: str, number: int, clicks: Sequence[int] = CLICKS) -> list[Row]:
    """One visitor's rows: they open random cards of `value`, as `open_card` does, until the last of `clicks`."""
    rng = np.random.default_rng((7, number, *value.encode()))
    visitor = new_treated_visitor(f"one-{value}-{number}")
    rows, opened = [], set[str]()
    page = flywheel.serve.home(visitor, time.time())
    for done in range(1, max(clicks) + 1):
        before = page.shelves[0]
        opened.add(open_card(flywheel, visitor, page, value, opened, rng))
        page = flywheel.serve.home(visitor, time.time())
        if done in clicks:
            rows.append(_described(value, done, page.shelves[0], before))
    return rows


def open_card(
    flywheel: Flywheel, visitor: Visitor, page: Page, value: str, opened: set[str], rng: np.random.Generator
) -> str:
    """Open a random card of `value` in the first row, or without one a random item, by a link. Returns its id."""
    cards = [
        (shelf.slate_id, entry)
        for shelf in page.shelves[:1]
        for entry in shelf.entries
        if has_value(entry.item, value) and entry.item.item_id not in opened
    ]
    if not cards:
        items = [item for item in flywheel.catalog.items if has_value(item, value) and item.item_id not in opened]
        chosen = items[int(rng.integers(len(items)))].item_id
        flywheel.recorder.record_one(visitor, "click", chosen, received_at=time.time())
        return chosen
    slate_id, entry = cards[int(rng.integers(len(cards)))]
    flywheel.recorder.record_one(
        visitor, "click", entry.item.item_id, slate_id=slate_id, position=entry.position, received_at=time.time()
    )
    return entry.item.item_id


def first_row(flywheel: Flywheel, visitor: Visitor) -> Shelf:
    """The first row of the visitor's home page, logged."""
    return flywheel.serve.home(visitor, time.time()).shelves[0]


def _described(value: str, clicks: int, row: Shelf, before: Shelf) -> Row:
    items = [entry.item for entry in row.entries]
    known = {entry.item.item_id for entry in before.entries}
    matching = [has_value(item, value) for item in items]
    types = Counter(item.type for item in items)
    return Row(
        value,
        clicks,
        float(np.mean(matching)),
        float(np.mean(matching[:8])),
        len(types),
        max(types.values()) / len(items),
        float(np.mean([item.item_id not in known for item in items])),
        len({entry.reason for entry in row.entries}),
        sum(entry.source == "explore" for entry in row.entries),
        sum(entry.source == "explore" for entry in row.entries[:3]),
    )


def hide_and_pass_over(flywheel: Flywheel, value: str, number: int) -> Alike:
    """Hide three of six alike; and, as another visitor, look at a row five times without a click.

    The visitor opens two items of one type and the value; where the row does not hold six of these, more are opened.
    """
    rng = np.random.default_rng((11, number, *value.encode()))
    pairs = Counter(item.type for item in flywheel.catalog.items if has_value(item, value))
    common = [kind for kind, count in pairs.most_common() if count >= 4 * _HIDDEN_OF] or [pairs.most_common(1)[0][0]]
    kind = common[int(rng.integers(len(common)))]
    alike = [item for item in flywheel.catalog.items if item.type == kind and has_value(item, value)]
    visitor = new_treated_visitor(f"hide-{value}-{number}")

    def like(row: Shelf) -> list[str]:
        return [entry.item.item_id for entry in row.entries if entry.item.type == kind and has_value(entry.item, value)]

    row = first_row(flywheel, visitor)
    for place in rng.permutation(len(alike))[:12]:
        if len(like(row)) >= _HIDDEN_OF:
            break
        flywheel.recorder.record_one(visitor, "click", alike[place].item_id, received_at=time.time())
        row = first_row(flywheel, visitor)
    before = like(row)
    for item_id in before[: _HIDDEN_OF // 2]:
        flywheel.recorder.record_one(visitor, "dislike", item_id, received_at=time.time())
    after = len(like(first_row(flywheel, visitor)))
    return Alike(value, len(before), after, _left_after_passing_over(flywheel, value, number))


def _left_after_passing_over(flywheel: Flywheel, value: str, number: int) -> float:
    rng = np.random.default_rng((13, number, *value.encode()))
    items = [item for item in flywheel.catalog.items if has_value(item, value)]
    visitor = new_treated_visitor(f"pass-{value}-{number}")
    for place in rng.permutation(len(items))[:3]:
        flywheel.recorder.record_one(visitor, "click", items[place].item_id, received_at=time.time())
    first: set[str] = set()
    for look in range(SEEN):
        row = first_row(flywheel, visitor)
        shown = {entry.item.item_id for entry in row.entries if entry.source != "explore"}
        first = shown if not look else first & shown
        views = [
            Event.model_validate(
                {
                    "event_id": f"v-{row.slate_id}-{entry.position}",
                    "kind": "view",
                    "item_id": entry.item.item_id,
                    "slate_id": row.slate_id,
                    "position": entry.position,
                }
            )
            for entry in row.entries
        ]
        flywheel.recorder.record(EventBatch(events=views), visitor, received_at=time.time())
    left = {entry.item.item_id for entry in first_row(flywheel, visitor).entries}
    return len(first & left) / max(1, len(first))


def make_site(var: Path, movielens: Path | None = None) -> None:
    """Seed (or import), measure the baseline and train, in a folder that has no site yet."""
    fill = ["seed"] if movielens is None else ["import-movielens", str(movielens)]
    environment = {**os.environ, "FLYWHEEL_VAR": str(var)}
    for words in (fill, ["baseline"], ["trainer", "--once"]):
        subprocess.run([sys.executable, "-m", "flask", "--app", "app", *words], check=True, env=environment)


def table(rows: Sequence[Row], alike: Sequence[Alike]) -> str:
    """The rows by value and number of clicks, and the smallest, mean and largest share of a match, as Markdown."""
    lines = [
        "| clicks | row that matches, by value (mean) | least value | most | first 8 | types | largest type | moved "
        "| causes | wild cards | in first 3 |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    values = list(dict.fromkeys(row.value for row in rows))
    for clicks in dict.fromkeys(row.clicks for row in rows):
        own = [row for row in rows if row.clicks == clicks]
        by_value = [float(np.mean([row.match for row in own if row.value == value])) for value in values]
        mean = _mean_of(own)
        lines.append(
            f"| {clicks} | {np.mean(by_value):.0%} | {min(by_value):.0%} | {max(by_value):.0%} "
            f"| {mean(lambda row: row.first_eight):.0%} | {mean(lambda row: row.types):.1f} (least "
            f"{min(row.types for row in own)}) | {mean(lambda row: row.largest_type):.0%} (most "
            f"{max(row.largest_type for row in own):.0%}) | {mean(lambda row: row.moved):.0%} "
            f"| {mean(lambda row: row.causes):.1f} | {mean(lambda row: row.wild):.2f} "
            f"| {mean(lambda row: row.wild_first):.2f} |"
        )
    full = [one for one in alike if one.before >= _HIDDEN_OF]
    if full:
        left = [one.after for one in full]
        lines.append("")
        alike_before = np.mean([one.before for one in full])
        lines.append(
            f"After hiding three of at least six alike ({len(full)} visitors, {alike_before:.1f} alike in the row): "
            f"{np.mean(left):.2f} alike in the next row, most {max(left)}."
        )
    seen_left = np.mean([one.seen_left for one in alike])
    lines.append(f"Of what was on screen {SEEN} times without a click, {seen_left:.0%} is in the next row.")
    return "\n".join(lines)


def _mean_of(rows: Sequence[Row]) -> Callable[[Callable[[Row], float]], float]:
    return lambda figure: float(np.mean([figure(row) for row in rows]))


def measure(var: Path, visitors: int) -> tuple[list[Row], list[Alike]]:
    """Rows of `visitors` visitors for each of seven values on the site in `var`; what hiding and passing over do."""
    settings = load_settings(environment={}, overrides={"var": var, "risk_interval_s": 0, "board_interval_s": 0})
    flywheel = Flywheel(settings)
    try:
        flywheel.serve.balance.learn()  # as the running site does every few minutes
        values = main_values(flywheel.catalog.items)
        rows = [row for value in values for n in range(visitors) for row in click_through(flywheel, value, n)]
        alike = [hide_and_pass_over(flywheel, value, number) for value in values for number in range(visitors)]
    finally:
        flywheel.close()
    return rows, alike


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=12, help="visitors for each value (12)")
    parser.add_argument("--movielens", type=Path, help="folder of MovieLens, for a site of films")
    parser.add_argument("--var", type=Path, help="folder with a seeded and trained site; a fresh one is made otherwise")
    parser.add_argument("--out", type=Path, help="folder of the JSON (benchmarks/results)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        var = options.var or Path(folder) / "var"
        if not (var / "events.db").exists():
            make_site(var, options.movielens)
        rows, alike = measure(var, options.visitors)
    print(table(rows, alike))
    found: dict[str, Any] = {"rows": [asdict(row) for row in rows], "alike": [asdict(one) for one in alike]}
    print(f"\nWritten: {keep('one_taste', found, options.out)}")


if __name__ == "__main__":
    main()
