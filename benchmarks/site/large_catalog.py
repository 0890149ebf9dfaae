"""A catalog of a million items: how long it takes to import and to open, what memory it needs, and what a page costs.

    python -m benchmarks.site.large_catalog [--items 1000000] [--requests 300]

No model takes part: the figures are those of a shop's first day, when popularity and the newest items fill the pages.
Each answer is checked before its time counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app import create_app
from app.catalog.feed import Report, read_rows
from app.catalog.feed.columns import Columns
from app.catalog.feed.items import read_items
from app.keys import CATALOG, add_key
from app.record.catalog_import import import_items
from app.server.opening import open_parts
from app.settings import load_settings
from app.store import Store
from benchmarks.machine import machine

_DEPARTMENTS = 40
_BRANDS = 500


def write_feed(path: Path, items: int) -> None:
    """A CSV of so many made-up products in 40 departments and 500 brands."""
    rng = np.random.default_rng(5)
    brands, prices = rng.integers(0, _BRANDS, items).tolist(), rng.lognormal(2.5, 1.0, items).round(2).tolist()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "category", "brand", "price", "added_at"])
        for number in range(items):
            department = number * 7919 % _DEPARTMENTS
            writer.writerow(
                [
                    f"sku/{number}",
                    f"Product {number} of brand {brands[number]}",
                    f"Department {department}",
                    f"Brand {brands[number]}",
                    prices[number],
                    1_600_000_000 + number * 60,
                ]
            )


class _Told(dict[str, object]):
    """Figures that are told as they come: a run that is cut short has said what it found."""

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        print(f"{name}: {value}", file=sys.stderr, flush=True)


def peak_mib() -> float:
    """The most memory that this process held so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(ask: Callable[[int], None], requests: int) -> dict[str, float]:
    """Median and 99th percentile of so many calls, ms."""
    taken = []
    for number in range(requests):
        started = time.perf_counter()
        ask(number)
        taken.append(1000 * (time.perf_counter() - started))
    return {"p50_ms": round(float(np.median(taken)), 2), "p99_ms": round(float(np.quantile(taken, 0.99)), 2)}


def measure(items: int, requests: int, folder: Path) -> dict[str, object]:
    """Import, open and ask; returns the figures by name."""
    found: dict[str, object] = _Told({"items": items, "requests": requests, "machine": machine()})
    settings = load_settings(environment={}, overrides={"var": folder / "var", "secret_key": "benchmark"})
    feed_file = folder / "feed.csv"
    write_feed(feed_file, items)
    found["feed_mib"] = round(feed_file.stat().st_size / 2**20, 1)
    started, report = time.perf_counter(), Report()
    with Store.create(settings.event_database) as store:
        feed = read_items(feed_file, read_rows(feed_file), Columns(), report, save_picture=str)
        done = import_items(store, feed.items, report)
    assert done.written.new == items
    assert not report.refused_lines
    found["import_s"] = round(time.perf_counter() - started, 1)
    found["import_peak_mib"] = round(peak_mib())
    found["database_mib"] = round(settings.event_database.stat().st_size / 2**20)

    site = create_app(settings)
    started = time.perf_counter()
    open_parts(site)
    found["open_s"] = round(time.perf_counter() - started, 1)
    found["open_peak_mib"] = round(peak_mib())
    client = site.test_client()
    client.get("/")
    key = {"Authorization": f"Bearer {add_key(settings.var, 'benchmark', [CATALOG])}"}

    def home(number: int) -> None:
        assert client.get("/").text.count('class="card"') >= 12

    def recommend(number: int) -> None:
        assert len(client.get("/api/v1/recommendations?k=10").get_json()["items"]) == 10

    def item(number: int) -> None:
        assert client.get(f"/item/sku%2F{number * 7919 % items}").status_code == 200

    def search(number: int) -> None:
        assert client.get(f"/search?q=product {number * 7919 % items}").status_code == 200

    def write(number: int) -> None:
        answer = client.put(f"/api/v1/items/new%2F{number}", json={"title": f"New {number}"}, headers=key)
        assert answer.status_code == 201, answer.text

    for name, ask, count in (
        ("home", home, requests),
        ("recommendations", recommend, requests),
        ("item", item, requests),
        ("search", search, max(10, requests // 10)),
        ("write_one_item", write, max(10, requests // 10)),
    ):
        found[name] = timed(ask, count)
    found["serving_peak_mib"] = round(peak_mib())
    site.extensions["flywheel"].close()
    return found


def main() -> None:
    """Measure and print as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        json.dump(measure(options.items, options.requests, Path(folder)), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
