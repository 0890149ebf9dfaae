"""What each part of a batch of events costs: processor time of the request's thread and of the writer's, apart.

    python -m benchmarks.site.batch_parts [--batches 300] [--rounds 3]

The site is in this process, as for `event_batches`, and the parts are timed where they are called; a part's time is its
own, without that of parts inside it. Batches come one at a time, of 20 and of 100 events. A figure is the least over
the rounds. Beside the parts stands a request that does nothing: the same headers and key, answered at once.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from app.record.filling import Traffic, fill
from app.record.recorder import Recorder
from app.store import Store
from app.store.items import all_items
from benchmarks.machine import RESULTS, keep
from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.event_batches import VISITORS, Batches, post, writer_clock
from benchmarks.site.running import benchmark_settings

_RECORDER, _FOLDING, _VIEWS = map(import_module, ("app.record.recorder", "app.record.folding", "app.web.api.views"))

NOTHING = "/nothing"

PARTS: tuple[tuple[str, Any, str], ...] = (
    ("read and check the shape", _VIEWS, "parse_batch"),
    ("believe it", Recorder, "_store"),
    ("statement of events", _RECORDER, "append_if_new"),
    ("read what stands", _FOLDING, "standing"),
    ("fold", _RECORDER, "fold_events"),
    ("statement of interactions", _FOLDING, "append_interactions"),
    ("tell pages", Recorder, "_tell"),
)
"""Name of each part, and where it is called from."""
_OF_REQUEST = {"read and check the shape"}


class Clock:
    """Adds up what parts cost the threads that call them, in seconds of processor time."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._inside = threading.local()

    def timed(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        """The part, which adds its own time under `name` whenever it is called."""

        def call(*args: Any, **named: Any) -> Any:
            outer, self._inside.spent = getattr(self._inside, "spent", 0.0), 0.0
            began = time.thread_time()
            try:
                return part(*args, **named)
            finally:
                whole = time.thread_time() - began
                self.spent[name] += whole - self._inside.spent
                self._inside.spent = outer + whole

        return call

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Time all parts from now to the end of the block."""
        with ExitStack() as undo:
            for name, place, attribute in PARTS:
                part = getattr(place, attribute)
                undo.callback(setattr, place, attribute, part)
                setattr(place, attribute, self.timed(name, part))
            yield


def measure_round(site: Flask, batches: list[tuple[str, bytes]]) -> dict[str, float]:
    """Milliseconds of processor time a batch, by part."""
    clock, writer = Clock(), writer_clock()
    with clock.watch():
        written, began = time.clock_gettime(writer), time.thread_time()
        for batch in batches:
            post(site, *batch)
        requests, written = time.thread_time() - began, time.clock_gettime(writer) - written
    began = time.thread_time()
    for batch in batches:
        post(site, *batch, call=f"GET {NOTHING}")
    nothing = time.thread_time() - began
    by_request = sum(spent for name, spent in clock.spent.items() if name in _OF_REQUEST)
    by_writer = sum(clock.spent.values()) - by_request
    found = {
        "a request that does nothing": nothing,
        "the rest of the request": requests - by_request - nothing,
        **{name: clock.spent[name] for name, _, _ in PARTS},
        "commit and hand over": written - by_writer,
        "request and writer": requests + written,
    }
    return {name: 1_000 * spent / len(batches) for name, spent in found.items()}


def measure(folder: Path, count: int, rounds: int) -> dict[str, dict[str, float]]:
    """The least of the rounds, by number of events a batch and by part."""
    settings = benchmark_settings(folder, board_interval_s=0.0, risk_interval_s=0.0)
    with Store.create(settings.event_database) as store:
        fill(store, grown_catalog(1), Traffic((), (), ()))
        ids = [item.item_id for item in all_items(store.reader())]
    site = create_app(settings)
    site.add_url_rule(NOTHING, "nothing", lambda: ("{}", 202))
    site.extensions["flywheel"].open()
    found = {}
    for size in (20, 100):
        source = Batches(ids, size, prefix=f"of-{size}")
        measure_round(site, source.make(2 * VISITORS))
        taken = [measure_round(site, source.make(count)) for _ in range(rounds)]
        found[f"{size} events"] = {name: round(min(row[name] for row in taken), 3) for name in taken[0]}
    site.extensions["flywheel"].close()
    return found


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    ask = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), ask.batches, ask.rounds)
    print(json.dumps(found, indent=1))
    print(keep("batch-parts", found, ask.out))


if __name__ == "__main__":
    main()
