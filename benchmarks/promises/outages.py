"""What the site needs goes away while it runs and comes back: pages are answered all the time, events are refused
politely or stored, and afterwards all is as before without a hand.
"""

from __future__ import annotations

import errno
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.models.registry import Registry
from app.settings import Settings
from benchmarks.promises.accounts import Account, settle_account
from benchmarks.promises.disk import Disk, compile_disk
from benchmarks.promises.kills import item_ids
from benchmarks.promises.publishing import publish_made_up
from benchmarks.promises.senders import Client, Ledger, make_events
from benchmarks.promises.sites import Site, SiteError, make_site_folder, wait_until

RECOVERS_WITHIN_S = 30.0
FIRST_PAGE_S = 180.0
_DAY_S = 86_400
_POLITE = {202, 503, 507}


@dataclass(slots=True)
class Outage:
    """What happened while one thing was missing.

    pages, events: answers by status (0: none). impolite: refusals without Retry-After. recovered_s: until events were
    stored and /readyz was well again, once the thing was back. problems: answers that should not be, in words.
    """

    name: str
    pages: dict[int, int] = field(default_factory=dict)
    events: dict[int, int] = field(default_factory=dict)
    impolite: int = 0
    recovered_s: float = 0.0
    slowest_page_s: float = 0.0
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outages:
    """All of them, and what the database holds afterwards of what was acknowledged."""

    outages: list[Outage] = field(default_factory=list)
    account: Account | None = None


class _Break:
    """The ways in which things go away. Each is a context: broken inside of it, fixed after."""

    def __init__(self, settings: Settings, disk: Disk) -> None:
        self._settings = settings
        self._disk = disk

    @contextmanager
    def disk(self, number: int) -> Iterator[None]:
        """Let every write into the var folder fail, the log's included."""
        self._disk.fail(number)
        try:
            yield
        finally:
            self._disk.fail(0)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the write lock of the event database, as somebody's database browser does."""
        with closing(sqlite3.connect(self._settings.event_database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    @contextmanager
    def clock(self, seconds: int) -> Iterator[None]:
        """Let the wall clock be off."""
        self._disk.shift_clock(seconds)
        try:
            yield
        finally:
            self._disk.shift_clock(0)

    @contextmanager
    def without(self, path: Path) -> Iterator[None]:
        """Let a file or folder be gone."""
        aside = path.with_name(path.name + ".aside")
        path.rename(aside)
        try:
            yield
        finally:
            _remove(path)
            aside.rename(path)

    @contextmanager
    def garbage(self, path: Path, content: bytes) -> Iterator[None]:
        """Let a file hold something else."""
        with self.without(path):
            path.write_bytes(content)
            yield


def break_one_after_another(folder: Path, rounds: int = 1, seed: int = 7) -> Outages:
    """Break and fix everything once, asking for all pages and sending events `rounds` times while it is broken."""
    settings = make_site_folder(folder / "var")
    registry = Registry(settings)
    publish_made_up(settings, registry)
    publish_made_up(settings, registry)
    disk = Disk(compile_disk(folder), f"{settings.var}/", folder / "disk")
    breaks, found = _Break(settings, disk), Outages()
    pointer = settings.models_folder / "current.json"
    noise = random.Random(seed).randbytes(4096)
    with Site(settings, disk.environment()) as site:
        watcher = _Watcher(site, seed)
        watcher.await_first_pages()

        def during(name: str, breaking: Callable[[], object], stores: bool) -> None:
            found.outages.append(watcher.watch(name, breaking, rounds, stores))

        during("nothing", lambda: breaks.clock(0), True)
        during("disk full", lambda: breaks.disk(errno.ENOSPC), False)
        during("disk read-only", lambda: breaks.disk(errno.EROFS), False)
        during("disk failing", lambda: breaks.disk(errno.EIO), False)
        during("database locked by another", breaks.lock, False)
        during("clock a day ahead", lambda: breaks.clock(_DAY_S), True)
        during("clock a day behind", lambda: breaks.clock(-_DAY_S), True)
        during("registry missing", lambda: breaks.without(settings.registry_database), True)
        during("registry corrupt", lambda: breaks.garbage(settings.registry_database, noise), True)
        during("registry empty", lambda: breaks.garbage(settings.registry_database, b""), True)
        during("model missing", lambda: breaks.without(settings.models_folder), True)
        during("pointer corrupt", lambda: breaks.garbage(pointer, b'{"version":1e999}'), True)
        during("pointer not text", lambda: breaks.garbage(pointer, noise), True)
        watcher.close()
        found.account = settle_account(watcher.ledger, settings.event_database)
    return found


class _Watcher:
    """A visitor who knows the site, and a new one at each round, and an API client."""

    def __init__(self, site: Site, seed: int) -> None:
        self._site = site
        self._rng = random.Random(seed)
        self._items = item_ids()
        self.ledger = Ledger()
        self._client = Client(site.settings)
        self._visitor = self._client.become_visitor()
        self._sent = 0

    def watch(self, name: str, breaking: Callable[[], object], rounds: int, stores: bool) -> Outage:
        """Look at every page and send events while something is broken; then wait until all is well again."""
        outage = Outage(name)
        with breaking():  # type: ignore[attr-defined]
            for _ in range(rounds):
                self._look(outage)
                self._send(outage, stores)
        try:
            outage.recovered_s = round(wait_until(f"recovery from {name}", self._is_well, RECOVERS_WITHIN_S), 2)
        except SiteError as error:
            outage.problems.append(str(error))
            self._site.stop()
            self._site.start()  # a hand, so that what follows is seen too
        return outage

    def await_first_pages(self) -> None:
        """Wait until every page was answered once: a new installation compiles its kernels in the first ones."""
        for page in _pages(self._items[0]):
            wait_until(f"the first {page}", lambda: self._client.request("GET", page)[0] in (200, 302), FIRST_PAGE_S)  # noqa: B023

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _look(self, outage: Outage) -> None:
        newcomer = Client(self._site.settings)
        item = self._rng.choice(self._items)
        for client in (self._client, newcomer):
            for page in _pages(item):
                began = time.monotonic()
                status, text = client.request("GET", page)
                if status == 302:
                    status, text = client.request("GET", client.headers["location"])
                outage.slowest_page_s = max(outage.slowest_page_s, round(time.monotonic() - began, 2))
                outage.pages[status] = outage.pages.get(status, 0) + 1
                if status != 200:
                    outage.problems.append(f"GET {page}: {status} {_words(text)}")
        newcomer.close()

    def _send(self, outage: Outage, stores: bool) -> None:
        status = self._post()
        outage.events[status] = outage.events.get(status, 0) + 1
        wanted = {202} if stores else _POLITE - {202}
        if status not in wanted:
            outage.problems.append(f"events were answered {status}, not {sorted(wanted)}")
        if status in (429, 503, 507) and "retry-after" not in self._client.headers:
            outage.impolite += 1

    def _post(self) -> int:
        self._sent += 1
        events = make_events(f"o{self._sent}", self._items, 4, self._rng)
        self.ledger.send(events, self._visitor)
        status, receipt, text = self._client.post_events(events)
        self.ledger.answer(status, events, receipt, text)
        return status

    def _is_well(self) -> bool:
        return self._post() == 202 and self._site.is_ready()


def _pages(item: str) -> tuple[str, ...]:
    return ("/", f"/item/{item}", "/search?q=retro", "/type/poster", "/about", "/flywheel", f"/art/{item}.svg")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _words(page: str) -> str:
    return " ".join(page.split())[:160]
