"""Three times the events that the site can take: it says so politely, and pages are served as before."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from app.models.registry import Registry
from benchmarks.promises.accounts import Account, settle_account
from benchmarks.promises.beside import Beside
from benchmarks.promises.floods import Flood, flood
from benchmarks.promises.kills import item_ids
from benchmarks.promises.publishing import publish_made_up
from benchmarks.promises.senders import Client, Ledger, Sent
from benchmarks.promises.sites import Site, make_site_folder

TIMES = 3.0
_SENDERS = 8
_CONNECTIONS = 200
_PAGES_A_SECOND = 20.0
_BROWSERS = 4
_BATCH = 5
_MIB = 1024 * 1024


@dataclass(slots=True)
class Pages:
    """Home pages asked for at a steady rate: milliseconds from when each was due, and answers by status."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def add(self, other: Pages) -> None:
        """Add what another time saw."""
        self.latencies_ms += other.latencies_ms
        self.statuses += other.statuses

    def percentile(self, share: float) -> float:
        """Milliseconds that this share (0 to 100) of pages took at most."""
        return round(float(np.percentile(self.latencies_ms, share)), 1) if self.latencies_ms else float("nan")


@dataclass(slots=True)
class Overload:
    """capacity: batches a second that are stored when nobody waits. normal, pages: at half of it, before and after the
    flood, and under it.

    memory_mib: of the worker before and at most. account: of everything that was acknowledged.
    """

    capacity: float = 0.0
    normal: Pages = field(default_factory=Pages)
    pages: Pages = field(default_factory=Pages)
    flood: Flood = field(default_factory=Flood)
    memory_mib: tuple[float, float] = (0.0, 0.0)
    account: Account | None = None


def flood_site(
    var: Path, seconds: float, measure_s: float | None = None, *, waiting_requests: int | None = None
) -> Overload:
    """Find the capacity, then offer half of it and three times it, each for so many seconds.

    measure_s: how long capacity and normal are measured; a quarter of `seconds` when not given. waiting_requests: the
    site's setting; where it is given, the flood sends as fast as answers come in place of three times the capacity, so
    that more wait than may however quick the machine is at that moment.
    """
    settings = make_site_folder(var, client_connections=0)
    if waiting_requests is not None:
        settings = replace(settings, waiting_requests=waiting_requests)
    publish_made_up(settings, Registry(settings))
    found = Overload()
    measure_s = measure_s or seconds / 4
    with Site(settings) as site:
        batches = _Batches(site)
        place = (settings.host, settings.port)
        flood(place, batches.make(""), measure_s / 2, _SENDERS, on_answer=batches.note)  # the first ones are slower
        found.capacity = flood(place, batches.make("c"), measure_s, _SENDERS, on_answer=batches.note).stored_per_s
        found.normal.add(_half_of_capacity(site, batches, found.capacity, "n", measure_s))
        rate = TIMES * found.capacity if waiting_requests is None else None
        with _Memory(site.worker) as memory, _Visitor(site) as visitor:
            found.flood = flood(place, batches.make("f"), seconds, _CONNECTIONS, rate, batches.note)
        found.pages = visitor.pages
        found.memory_mib = memory.before, memory.most
        # Once more, as the machine may be another's by now.
        found.normal.add(_half_of_capacity(site, batches, found.capacity, "m", measure_s))
        found.account = settle_account(batches.ledger, settings.event_database)
    return found


def _half_of_capacity(site: Site, batches: _Batches, capacity: float, prefix: str, seconds: float) -> Pages:
    place = (site.settings.host, site.settings.port)
    with _Visitor(site) as visitor:
        flood(place, batches.make(prefix), seconds, _CONNECTIONS, capacity / 2, batches.note)
    return visitor.pages


class _Batches:
    """Requests that store a few events each, all of one visitor, with ids that say where they were sent."""

    def __init__(self, site: Site) -> None:
        client = Client(site.settings)
        self._visitor = client.become_visitor()
        self._head = (
            f"POST /api/v1/events HTTP/1.1\r\nHost: {site.settings.host}\r\nContent-Type: application/json\r\n"
            f"Cookie: {client.cookie}\r\nContent-Length: "
        ).encode()
        self._items = item_ids()
        self._prefix = ""
        self.ledger = Ledger()
        client.close()

    def make(self, prefix: str) -> Callable[[int], bytes]:
        """A maker of requests whose event ids begin with `prefix`."""
        self._prefix = prefix

        def request(number: int) -> bytes:
            events = self._events(number)
            self.ledger.send(events, self._visitor)
            body = json.dumps({"events": events}).encode()
            return b"%s%d\r\n\r\n%s" % (self._head, len(body), body)

        return request

    def note(self, number: int, status: int) -> None:
        """Keep what was acknowledged."""
        if status == 202:
            self.ledger.acknowledged.update(event["event_id"] for event in self._events(number))

    def _events(self, number: int) -> list[Sent]:
        name, items = f"{self._prefix}{number}", self._items
        return [
            {"event_id": f"{name}-{place}", "kind": "view", "item_id": items[(number + place) % len(items)]}
            for place in range(_BATCH)
        ]


class _Visitor(Beside):
    """Somebody who opens the home page at a steady rate while something else goes on; each has a thread to wait in."""

    def __init__(self, site: Site) -> None:
        self.pages = Pages()
        self._settings = site.settings
        self._lock = threading.Lock()
        self._began = time.perf_counter()
        super().__init__(*(partial(self._browse, number) for number in range(_BROWSERS)))

    def _browse(self, number: int) -> None:
        client = Client(self._settings, timeout_s=30.0)
        turn = number
        while True:
            due = self._began + turn / _PAGES_A_SECOND
            if self._stop.wait(max(0.0, due - time.perf_counter())):
                break
            turn += _BROWSERS
            status, _ = client.request("GET", "/")
            with self._lock:
                self.pages.statuses[status] += 1
                self.pages.latencies_ms.append(1000 * (time.perf_counter() - due))
        client.close()


class _Memory(Beside):
    """Memory of a process while something goes on, in MiB."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.before = self.most = self._read()
        super().__init__(self._watch)

    def _read(self) -> float:
        return round(float(self._process.memory_info().rss) / _MIB, 1)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            self.most = max(self.most, self._read())
