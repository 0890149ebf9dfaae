"""What `flask export-parquet` costs on a site with millions of interactions: seconds, bytes and memory.

    python -m benchmarks.site.exported [--interactions 2000000] [--out FOLDER]

A database is filled with events and interactions of visitors who each answer a slate. Then the command runs as a
process of its own: for everything, again with nothing new, after a hundredth more, and after an erasure of one visitor,
which writes the parts again that held them. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.files import make_private_folder
from app.settings import load_settings
from app.store import Store
from app.store.items import insert_items
from app.store.visitors import erase_visitor
from benchmarks.machine import keep
from benchmarks.spending import measured
from seed_data.templates import load_templates

OF_ONE = 10
"""Interactions of a visitor: half of them answer a slate that a model filled."""
NOW = 1_700_000_000.0


def fill(database: Path, first: int, last: int, items: list[str]) -> None:
    """Visitors `first` to `last`, without the checks of the writer: it is about reading."""
    rng = np.random.default_rng(first)
    sources = json.dumps(["als"] * 5)

    def visitors() -> Iterator[tuple[Any, ...]]:
        for number in range(first, last):
            yield f"visitor-{number:08}", NOW, "treatment", "assigned", "real", number % 20 == 0

    def slates() -> Iterator[tuple[Any, ...]]:
        for number in range(first, last):
            page = f"page-{number}", f"visitor-{number:08}", "for-you", "als", "treatment", 1, NOW, "real"
            yield (f"slate-{number}", *page, "[]", sources, "[]", "[]")

    def events() -> Iterator[tuple[Any, ...]]:
        for number in range(first, last):
            for place, item in enumerate(rng.integers(0, len(items), OF_ONE).tolist()):
                slate = (f"slate-{number}", place + 1) if place < 5 else (None, None)
                seq = number * OF_ONE + place + 1
                yield (seq, f"event-{seq}", f"visitor-{number:08}", items[item], "click", *slate, NOW + seq, "real")

    conn = sqlite3.connect(database)
    with conn:
        conn.executemany("INSERT INTO visitors (visitor_id, created_at, arm, arm_source, origin, holdout)"
                         " VALUES (?, ?, ?, ?, ?, ?)", visitors())  # fmt: skip
        conn.executemany(
            "INSERT INTO slates (slate_id, page_id, visitor_id, shelf, policy, arm, model_version, served_at, origin,"
            f" items, sources, propensities, scores) VALUES ({', '.join('?' * 13)})", slates()
        )  # fmt: skip
        conn.executemany(
            "INSERT INTO events (seq, event_id, visitor_id, item_id, kind, slate_id, position, received_at, origin)"
            f" VALUES ({', '.join('?' * 9)})", events()
        )  # fmt: skip
        conn.execute(
            "INSERT INTO interactions (seq, visitor_id, item_id, kind, weight, held, at, event_seq, holdout, origin,"
            " served, age_s) SELECT seq, visitor_id, item_id, kind, 1, 0, received_at, seq, 0, origin,"
            " slate_id IS NOT NULL, 1000 FROM events WHERE seq > ?", (first * OF_ONE,)
        )  # fmt: skip
    conn.close()


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=int, default=2_000_000)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    given = parser.parse_args()
    visitors = given.interactions // OF_ONE
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as place:
        settings = load_settings(environment={}, overrides={"var": Path(place) / "var", "secret_key": "benchmark"})
        make_private_folder(settings.var)
        items = load_templates()
        with Store.create(settings.event_database) as store, store.open_writer() as writer:
            writer.run(lambda db: insert_items(db, items))
        ids = [item.item_id for item in items]
        fill(settings.event_database, 0, visitors, ids)
        os.environ |= {"FLYWHEEL_VAR": str(settings.var), "FLYWHEEL_SECRET_KEY": "benchmark"}
        command = [sys.executable, "-m", "flask", "--app", "app", "export-parquet", f"{place}/export"]

        def run(what: str) -> None:
            results[what] = measured(command)
            size = sum(path.stat().st_size for path in Path(place, "export").rglob("*.parquet"))
            results[what]["mb"] = round(size / 1e6, 1)
            print(f"{what:28s} {results[what]}", flush=True)

        run("everything")
        run("nothing new")
        fill(settings.event_database, visitors, visitors + visitors // 100, ids)
        run("a hundredth more")
        with Store(settings.event_database) as store, store.open_writer() as writer:
            writer.run(lambda db: erase_visitor(db, "visitor-00000001"))
        run("after an erasure")
        database = round(settings.event_database.stat().st_size / 1e6)
    result = {"interactions": given.interactions, "visitors": visitors, "database_mb": database, "calls": results}
    print(f"-> {keep('export', result, given.out)}")


if __name__ == "__main__":
    main()
