"""Every batch sent ten times, shuffled, over restarts leaves the table that sending each once in order leaves."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app import create_app
from app.settings import Settings
from benchmarks.promises.kills import item_ids
from benchmarks.promises.senders import Client, Sent, make_events
from benchmarks.promises.sites import Site, make_site_folder, wait_until

COPIES = 10
VISITORS = 3
_BATCH = 8
_SENDERS = 4

Row = tuple[object, ...]
Batch = tuple[int, list[Sent]]


@dataclass(slots=True)
class Repeats:
    """sent: batches, copies counted. restarts: in between. stored: events. same: whether all tables are equal.

    difference: a row that only one of the sites has, where there is one. receipts: events that answers called stored.
    """

    sent: int = 0
    restarts: int = 0
    stored: int = 0
    receipts: int = 0
    same: bool = False
    difference: str = ""


def send_ten_times(folder: Path, batches: int, restarts: int, seed: int = 7) -> Repeats:
    """Give `batches` batches once each in order to an application, and send them ten times each, shuffled, to a site.

    The site is ended or killed `restarts` times meanwhile.
    """
    made = _make_batches(batches, random.Random(seed))
    once, often = make_site_folder(folder / "once"), make_site_folder(folder / "often")
    found = Repeats()
    _give_all(once, made)
    expected = list(_rows(once.event_database))
    copies = [batch for batch in made for _ in range(COPIES)]
    random.Random(seed + 1).shuffle(copies)
    with Site(often) as site:
        browsers = _Browsers(often)
        size = len(copies) // (restarts + 1) + 1
        for start in range(0, len(copies), size):
            if start:
                site.kill_all() if found.restarts % 2 else site.terminate()
                site.start()
                found.restarts += 1
            found.receipts += _send_all(browsers, copies[start : start + size])
        rows = list(_rows(often.event_database))
    found.sent = len(copies)
    found.stored = sum(1 for row in rows if row[0] == "events")
    found.same = rows == expected
    found.difference = repr(next(iter(sorted(map(repr, set(rows) ^ set(expected)))), ""))
    return found


def _make_batches(count: int, rng: random.Random) -> list[Batch]:
    """Batches of a few visitors, each about items of its own: what takes back and what is taken back come together.

    Event ids repeat between visitors, who have their own, and once within each batch, where the first counts.
    """
    items = item_ids()
    made: list[Batch] = []
    for number in range(count):
        visitor = number % VISITORS
        own = [items[(number // VISITORS * 4 + place) % len(items)] for place in range(4)]
        events = make_events(f"b{number // VISITORS}", own, _BATCH, rng)
        events.append({**events[0], "kind": "view"})
        made.append((visitor, events))
    return made


def _give_all(settings: Settings, batches: Sequence[Batch]) -> None:
    """Post batches in their order to the application in this process, each visitor with a browser of their own."""
    app = create_app(settings)
    try:
        browsers = [app.test_client() for _ in range(VISITORS)]
        for browser in browsers:
            browser.get("/api/v1/recommendations?k=1")
        for visitor, events in batches:
            answer = browsers[visitor].post("/api/v1/events", json={"events": events})
            if answer.status_code != 202:
                raise RuntimeError(f"a batch was answered {answer.status_code}: {answer.text[:300]}")
    finally:
        app.extensions["flywheel"].close()


class _Browsers:
    """The visitors of one site, each with a cookie that all their senders share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cookies: dict[int, str] = {}
        self.ids: dict[int, str] = {}

    def client(self, visitor: int) -> Client:
        """A new connection of a visitor, who is made at the first."""
        client = Client(self._settings)
        if visitor not in self._cookies:
            wait_until("a visitor", lambda: bool(client.become_visitor()), 30.0)
            self._cookies[visitor] = client.cookie
        client.cookie = self._cookies[visitor]
        return client


def _send_all(browsers: _Browsers, batches: Sequence[Batch]) -> int:
    """Send batches by a few threads; returns how many events the receipts call stored."""
    for visitor in range(VISITORS):
        browsers.client(visitor).close()
    with ThreadPoolExecutor(_SENDERS) as pool:
        return sum(pool.map(lambda batch: _send(browsers, batch), batches))


def _send(browsers: _Browsers, batch: Batch) -> int:
    visitor, events = batch
    client = browsers.client(visitor)
    try:
        status, receipt, text = client.post_events(events)
        if status != 202 or receipt is None:
            raise RuntimeError(f"a batch was answered {status}: {text[:300]}")
        if receipt["stored"] + receipt["duplicates"] != len(events):
            raise RuntimeError(f"a receipt that does not add up: {text}")
        return int(receipt["stored"])
    finally:
        client.close()


def _rows(database: Path) -> Iterator[Row]:
    """What must be the same in both databases: everything but ids that chance made, times and order.

    Visitors are numbered by the events that they sent, whose ids tell them apart.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as conn:
        events = conn.execute("SELECT visitor_id, event_id, item_id, kind, undo, origin FROM events").fetchall()
        stands = conn.execute(
            "SELECT visitor_id, item_id, kind, round(sum(weight), 6), round(sum(held), 6) FROM interactions"
            " GROUP BY visitor_id, item_id, kind"
        ).fetchall()
        refused = conn.execute("SELECT visitor_id, event_id, field FROM quarantine").fetchall()
    names = _names(events)
    yield from sorted(("events", names[row[0]], *row[1:]) for row in events)
    yield from sorted(("interactions", names[row[0]], *row[1:]) for row in stands)
    yield from sorted(("quarantine", names[row[0]], *row[1:]) for row in refused)


def _names(events: Sequence[Row]) -> dict[object, str]:
    """A name for each visitor that is the same in every site: a digest of what they sent."""
    sent: dict[object, list[str]] = {}
    for visitor_id, *rest in events:
        sent.setdefault(visitor_id, []).append(repr(rest))
    return {visitor_id: "|".join(sorted(rows)) for visitor_id, rows in sent.items()}
