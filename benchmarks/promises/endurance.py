"""Hours of mixed load on site and trainer: memory, open files and the write-ahead log stay as they were."""

from __future__ import annotations

import html
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from app.cli.demo import flask_command
from app.settings import Settings
from benchmarks.promises.beside import Beside
from benchmarks.promises.senders import MAX_PROBLEMS, Client
from benchmarks.promises.sites import Site, make_site_folder
from benchmarks.site.running import benchmark_settings, running_trainer
from benchmarks.slates import SeenSlate, slates_of

_SEEDED_VISITORS = 200
_BROWSERS = 4
_KNOWN_VISITORS = 40
_VISITS_PER_NEWCOMER = 20
_ALSO = {"/search?q=retro+poster": 0.3, "/type/poster": 0.2, "/flywheel": 0.05, "/about": 0.05}
"""Pages that a visit may go to as well, and how often it does."""

_MIB = 1024 * 1024
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment: seconds since the start, memory (MiB), open files and threads of site and trainer, MiB of the log."""

    at_s: float
    site_mib: float
    site_files: int
    site_threads: int
    trainer_mib: float
    trainer_files: int
    wal_mib: float


@dataclass(slots=True)
class Endurance:
    """seconds: of load. requests: answers by status, 0 for none. samples: see `Sample`. versions: models published."""

    seconds: float = 0.0
    requests: Counter[int] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    events: int = 0
    problems: list[str] = field(default_factory=list)

    def growth(self) -> dict[str, tuple[float, float]]:
        """By name, medians of the second and of the last third of the time, the first being warm-up."""
        third = max(1, len(self.samples) // 3)
        earlier, later = self.samples[third : 2 * third], self.samples[2 * third :]
        return {name: (_median(earlier, name), _median(later, name)) for name in values(self.samples[0])}

    def tenths(self) -> list[Sample]:
        """About ten samples, evenly over the time."""
        step = max(1, len(self.samples) // 10)
        return self.samples[::step]


def endure(
    var: Path,
    seconds: float,
    *,
    visits_a_second: float = 4.0,
    every_s: float = 1.0,
    seed: int = 7,
    learned: bool = True,
) -> Endurance:
    """Let visitors browse for so many seconds beside a trainer, sampling every `every_s`.

    learned: begin with a seeded history, a baseline and a first model; without, the site is new.
    """
    if learned:
        settings = benchmark_settings(var.absolute())
        for command in (("seed", "--visitors", str(_SEEDED_VISITORS)), ("baseline",), ("trainer", "--once")):
            flask_command(settings, *command)
    else:
        settings = make_site_folder(var)
    found = Endurance()
    with Site(settings) as site, running_trainer(settings) as trainer:
        crowd = _Crowd(settings, visits_a_second, seed, found)
        with crowd:
            began = time.monotonic()
            while time.monotonic() - began < seconds:
                found.samples.append(_sample(settings, time.monotonic() - began, site.worker, trainer))
                time.sleep(every_s)
            found.seconds = time.monotonic() - began
    found.events = crowd.events
    return found


def _sample(settings: Settings, at_s: float, site: psutil.Process, trainer: psutil.Process) -> Sample:
    wal = settings.event_database.with_name(settings.event_database.name + "-wal")
    return Sample(
        round(at_s, 1),
        round(site.memory_info().rss / _MIB, 1),
        site.num_fds(),
        site.num_threads(),
        round(trainer.memory_info().rss / _MIB, 1),
        trainer.num_fds(),
        round(wal.stat().st_size / _MIB, 2) if wal.exists() else 0.0,
    )


class _Crowd(Beside):
    """Threads whose visitors browse, click, like, search, read about the flywheel and are forgotten."""

    def __init__(self, settings: Settings, visits_a_second: float, seed: int, found: Endurance) -> None:
        self._settings = settings
        self._found = found
        self._pause_s = _BROWSERS / visits_a_second
        self._lock = threading.Lock()
        self.events = 0
        super().__init__(*(partial(self._browse, random.Random(f"{seed}-{number}")) for number in range(_BROWSERS)))

    def _browse(self, rng: random.Random) -> None:
        known: list[Client] = []
        while not self._stop.is_set():
            due = time.monotonic() + rng.expovariate(1 / self._pause_s)
            if len(known) < _KNOWN_VISITORS or rng.randrange(_VISITS_PER_NEWCOMER) == 0:
                known.append(Client(self._settings))
            if len(known) > _KNOWN_VISITORS:
                known.pop(0)
            visitor = rng.choice(known)
            self._visit(visitor, rng)
            visitor.close()  # the visitor comes back, the connection does not
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _visit(self, client: Client, rng: random.Random) -> None:
        page = self._ask(client, "GET", "/")
        slates = slates_of(page)
        if not slates:
            return
        self._look(client, slates[0], rng)
        slate = rng.choice(slates)
        place = rng.randrange(len(slate.item_ids))
        item = slate.item_ids[place]
        opened = self._ask(client, "GET", f"/item/{item}?slate={slate.slate_id}&pos={slate.positions[place]}")
        token = _CSRF.search(opened)
        if token and rng.random() < 0.3:
            self._post(client, f"/item/{item}/{rng.choice(('like', 'save', 'dislike'))}", token.group(1))
        for path, share in _ALSO.items():
            if rng.random() < share:
                self._ask(client, "GET", path)
        if token and rng.random() < 0.02:
            self._post(client, "/about/forget", token.group(1))

    def _look(self, client: Client, slate: SeenSlate, rng: random.Random) -> None:
        events = [
            {
                "event_id": f"v-{slate.slate_id}-{position}",
                "kind": "view",
                "item_id": item_id,
                "slate_id": slate.slate_id,
                "position": position,
            }
            for item_id, position in zip(slate.item_ids, slate.positions, strict=True)
            if rng.random() < 0.5
        ]
        if events:
            body = json.dumps({"events": events}).encode()
            self._ask(client, "POST", "/api/v1/events", body, {"Content-Type": "application/json"})
            with self._lock:
                self.events += len(events)

    def _post(self, client: Client, path: str, token: str) -> None:
        body = f"csrf_token={html.unescape(token)}&undo=0&next=%2F".encode()
        self._ask(client, "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(
        self, client: Client, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> str:
        status, text = client.request(method, path, body, **(headers or {}))
        with self._lock:
            self._found.requests[status] += 1
            if not 200 <= status < 400 and len(self._found.problems) < MAX_PROBLEMS:
                self._found.problems.append(f"{method} {path}: {status} {' '.join(text.split())[:160]}")
        return text


def values(sample: Sample) -> dict[str, float]:
    """What must stay as it is, by name."""
    found = asdict(sample)
    del found["at_s"]
    return found


def _median(samples: Sequence[Sample], name: str) -> float:
    return float(median(values(sample)[name] for sample in samples)) if samples else float("nan")
