"""What a batch of events through a key costs: processor time of the process, in one thread and from eight at once.

python -m benchmarks.site.event_batches [--batches 400] [--size 100] [--rounds 5] [--profile]

The site is in this process, without a network: what is measured is the application, from the WSGI call to the answer
after the commit, with its writer; at the end a real server gets batches over eight connections. Visitors take turns;
of a batch 60 of 100 events are views, 30 clicks, 10 saves. A figure is the least over the rounds. Beside it stands
what the rows of such batches cost the database by themselves: two statements and a commit, with nothing to decide. The
answers are checked: every event was stored. Writes JSON.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from flask import Flask
from sqlite_utils import Database

from app import create_app
from app.record.filling import Traffic, fill
from app.settings import Settings
from app.store import Store
from app.store.connections import connect_writer
from app.store.events import NewEvent, append_events
from app.store.interactions import append_interactions
from app.store.items import all_items
from app.values.interaction import Interaction
from benchmarks.machine import RESULTS, keep
from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.running import RUN_KEY, benchmark_settings, running_site

THREADS = 8
VISITORS = 50
_KINDS = ("view",) * 6 + ("click",) * 3 + ("save",)


class Batches:
    """Bodies of batches, each with ids of its own, for visitors who take turns."""

    def __init__(self, item_ids: list[str], size: int, seed: int = 7, prefix: str = "shop") -> None:
        self._item_ids, self._size, self._rng, self._prefix = item_ids, size, random.Random(seed), prefix
        self._made = 0

    def make(self, count: int) -> list[tuple[str, bytes]]:
        """The visitor and the body of each of the next batches."""
        return [self._one() for _ in range(count)]

    def _one(self) -> tuple[str, bytes]:
        self._made += 1
        events = [
            {
                "event_id": f"{self._prefix}-{self._made}-{place}",
                "kind": _KINDS[place % len(_KINDS)],
                "item_id": self._rng.choice(self._item_ids),
                "client_time": time.time(),
            }
            for place in range(self._size)
        ]
        return f"customer-{self._made % VISITORS}", json.dumps({"events": events}).encode()


def post(site: Flask, visitor_id: str, body: bytes, call: str = "POST /api/v1/events") -> dict[str, Any]:
    """Post one batch as a server would call the application; the answer. Raises ValueError for any other than 202."""
    method, path = call.split()
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": f"{path}?visitor_id={visitor_id}",
        "QUERY_STRING": f"visitor_id={visitor_id}",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": f"Bearer {RUN_KEY}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        said.append(status)
        return lambda data: None

    answer = b"".join(site.wsgi_app(environ, start_response))
    if not said[0].startswith("202"):
        raise ValueError(f"a batch was answered {said[0]}: {answer[:300]!r}")
    found: dict[str, Any] = json.loads(answer)
    return found


def writer_clock() -> int:
    """The clock of the processor time of the writer's thread."""
    return next(time.pthread_getcpuclockid(t.ident or 0) for t in threading.enumerate() if t.name == "event-writer")


def _send(site: Flask, batches: list[tuple[str, bytes]], size: int, threads: int) -> tuple[float, float, float]:
    """Processor seconds of the requests and of the writer, and wall seconds, that these batches take."""

    def one(batch: tuple[str, bytes]) -> float:
        began = time.thread_time()
        receipt = post(site, *batch)
        spent = time.thread_time() - began
        if receipt["stored"] != size:
            raise ValueError(f"of {size} events {receipt} were stored")
        return spent

    clock = writer_clock()
    with ThreadPoolExecutor(threads) as pool:
        written, wall = time.clock_gettime(clock), time.perf_counter()
        spent = sum(pool.map(one, batches))
        return spent, time.clock_gettime(clock) - written, time.perf_counter() - wall


def measure(folder: Path, batches: int, size: int, rounds: int, profile: bool) -> dict[str, Any]:
    """Milliseconds of processor time a batch, least of the rounds, in one thread and in eight, and batches a second."""
    settings = benchmark_settings(folder, board_interval_s=0.0, risk_interval_s=0.0)
    with Store.create(settings.event_database) as store:
        fill(store, grown_catalog(1), Traffic((), (), ()))
        ids = [item.item_id for item in all_items(store.reader())]
    site = create_app(settings)
    site.extensions["flywheel"].open()
    source = Batches(ids, size)
    _send(site, source.make(2 * VISITORS), size, 1)
    found: dict[str, Any] = {"size": size}
    for threads in (1, THREADS):
        rows = [_send(site, source.make(batches), size, threads) for _ in range(rounds)]
        requests, written, walls = zip(*rows, strict=True)
        found[f"{threads} at once"] = {
            "request_ms": _least(requests, batches),
            "writer_ms": _least(written, batches),
            "events_a_second": round(size * batches / min(walls)),
        }
    if profile:
        _print_profile(site, source.make(batches))
    site.extensions["flywheel"].close()
    with closing(connect_writer(settings.event_database)) as connection:
        costs = [_rows_alone(Database(connection, execute_plugins=False), source.make(batches)) for _ in range(rounds)]
    found["database_ms"] = _least(costs, batches)
    found["over HTTP"] = over_http(settings, source.make(5 * batches), size)
    return found


def _rows_alone(db: Database, batches: list[tuple[str, bytes]]) -> float:
    """Processor seconds of storing the rows of these batches, each in a transaction of its own."""
    spent, now = 0.0, time.time()
    for visitor_id, body in batches:
        told = json.loads(body)["events"]
        events = [
            NewEvent(
                one["event_id"], visitor_id, one["item_id"], one["kind"], now, "real", client_at=one["client_time"]
            )
            for one in told
        ]
        changes = [
            Interaction(0, visitor_id, one["item_id"], one["kind"], 1.0, 0.0, now, 1, False, "real", False, 0.0)
            for one in told
            if one["kind"] != "view"
        ]
        began = time.thread_time()
        db.conn.execute("BEGIN IMMEDIATE")
        append_events(db, events, False)
        append_interactions(db, changes)
        db.conn.execute("COMMIT")
        spent += time.thread_time() - began
    return spent


def over_http(settings: Settings, batches: list[tuple[str, bytes]], size: int) -> dict[str, float]:
    """The same by a real server, over eight connections: events a second, and processor time of the site a batch."""
    waiting = iter(batches)
    guard = threading.Lock()

    def send_some() -> None:
        connection = HTTPConnection(settings.host, settings.port, timeout=60)
        headers = {"Authorization": f"Bearer {RUN_KEY}", "Content-Type": "application/json"}
        while True:
            with guard:
                batch = next(waiting, None)
            if batch is None:
                connection.close()
                return
            connection.request("POST", f"/api/v1/events?visitor_id={batch[0]}", batch[1], headers)
            answer = connection.getresponse()
            receipt = json.loads(answer.read())
            if answer.status != 202 or receipt["stored"] != size:
                raise ValueError(f"a batch was answered {answer.status}: {receipt}")

    with running_site(settings) as site, ThreadPoolExecutor(THREADS) as pool:
        before, began = site.cpu_times(), time.perf_counter()
        for done in [pool.submit(send_some) for _ in range(THREADS)]:
            done.result()
        lasted, after = time.perf_counter() - began, site.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return {
        "events_a_second": round(size * len(batches) / lasted),
        "cpu_ms": round(1_000 * spent / len(batches), 3),
    }


def _least(seconds: Sequence[float], batches: int) -> dict[str, float]:
    """Milliseconds a batch: the least over the rounds, and the median."""
    return {
        "least": round(1_000 * min(seconds) / batches, 3),
        "median": round(1_000 * statistics.median(seconds) / batches, 3),
    }


def _print_profile(site: Flask, batches: list[tuple[str, bytes]]) -> None:
    """What the thread of requests spends its processor time on, without the writer's."""
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    for batch in batches:
        post(site, *batch)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, default=400)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS)
    ask = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), ask.batches, ask.size, ask.rounds, ask.profile)
    print(json.dumps(found, indent=1))
    print(keep("event-batches", found, ask.out))


if __name__ == "__main__":
    main()
