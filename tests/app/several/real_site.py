"""A site of several real web processes on a PostgreSQL database, and programs that talk to it."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from app.files import make_private_folder
from app.settings import Settings, load_settings
from app.store import Store
from app.store.events import events_since
from app.store.items import insert_items
from tests.app.server.conftest import PATIENCE_S, Site, free_port, is_running, running, until
from tests.conftest import make_items

API_KEY = "k" * 24
_LAST_TRIES = 1_000
"""How often a follower looks whether all is read, at the end; the server may be gone."""
ITEMS = [f"item-{number:03}" for number in range(60)]


def several_settings(var: Path, database_url: str, processes: int = 2) -> Settings:
    """Settings of a site of sixty items that so many processes serve."""
    own = {
        "var": var,
        "database_url": database_url,
        "secret_key": "test",
        "api_key": API_KEY,
        "admin_password": "p" * 12,
        "port": free_port(),
        "web_concurrency": processes,
        "threads": 4,
        "grace_s": 1,
        "client_connections": 0,
        "rate_limit": "1000000 per minute",
    }
    settings = load_settings(environment={}, overrides=own)
    make_private_folder(var)
    with Store.create(settings.database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, make_items()))
    return settings


def workers_of(site: Site) -> list[int]:
    """The processes that answer requests now."""
    pid = site.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if is_running(int(child))]


@contextmanager
def several(settings: Settings) -> Iterator[Site]:
    """The site, with all its processes; ended politely, so that none outlives its master."""
    with running(settings) as site:
        until(lambda: _writing(settings) == settings.web_concurrency, "a process")
        try:
            yield site
        finally:
            site.process.terminate()
            site.process.wait(PATIENCE_S)


def _writing(settings: Settings) -> int:
    with Store(settings.database) as store:
        return store.engine.writers()


def ask(settings: Settings, method: str, path: str, document: object = None) -> tuple[int, Any]:
    """One request over a connection of its own, which any process may accept; status 0 where none answered."""
    connection = HTTPConnection("127.0.0.1", settings.port, timeout=PATIENCE_S)
    body = None if document is None else json.dumps(document)
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    except (OSError, HTTPException):
        return 0, None
    finally:
        connection.close()


@dataclass
class Programs:
    """Threads that each tell of what a visitor of theirs does, a batch again and again until it is acknowledged."""

    settings: Settings
    visitors: Sequence[str]
    acknowledged: set[str] = field(default_factory=set)
    sent_again: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._tell, args=(name,)) for name in self.visitors]

    def __enter__(self) -> Programs:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _tell(self, visitor: str) -> None:
        rng, number = random.Random(visitor), 0
        while not self._stop.is_set():
            number += 1
            events = [
                {"event_id": f"{number}-{place}", "kind": kind, "item_id": rng.choice(ITEMS)}
                for place, kind in enumerate(("view", "click", "like"))
            ]
            status, answer = self._send(visitor, events)
            if status != 202:
                return
            if answer["quarantined"] or answer["stored"] + answer["duplicates"] != len(events):
                self.problems.append(str(answer))
            with self._changed:
                self.acknowledged.update(f"{visitor} {event['event_id']}" for event in events)
                self._changed.notify_all()

    def _send(self, visitor: str, events: list[dict[str, Any]]) -> tuple[int, Any]:
        """The answer that acknowledges a batch, or else the last one before it was refused or all was to end."""
        while True:
            status, answer = ask(self.settings, "POST", f"/api/v1/events?visitor_id={visitor}", {"events": events})
            if status == 202:
                return status, answer
            self.sent_again += 1
            if status not in {0, 503}:
                self.problems.append(f"{status}: {answer}")
                return status, answer
            if self._stop.wait(0.01):
                return status, answer

    def wait_for(self, more: int) -> None:
        """Until so many more events are acknowledged."""
        with self._changed:
            wanted = len(self.acknowledged) + more
            reached = self._changed.wait_for(lambda: len(self.acknowledged) >= wanted, 2 * PATIENCE_S)
        assert reached, f"nothing goes on after {len(self.acknowledged)} events; {self.problems}"


class Follower:
    """Reads events at a watermark while they are written, as a trainer does."""

    def __init__(self, settings: Settings) -> None:
        self.seen: list[str] = []
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> Follower:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)

    def _follow(self) -> None:
        watermark, last, tries = 0, False, 0
        while not last and tries < _LAST_TRIES:
            last = self._stop.wait(0.002)  # one more look once all is written
            tries += last
            try:
                with Store(self._settings.database) as store:
                    while rows := events_since(store.reader(), watermark, 1_000):
                        self.seen += [f"{row.visitor_id} {row.event_id}" for row in rows]
                        watermark = rows[-1].seq
            except Exception:
                last = False
