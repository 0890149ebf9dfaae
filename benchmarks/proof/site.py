"""The site under proof: the real application in this process, its real trainer beside it, and visitors to send."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType

from waitress.server import create_server

from app import create_app
from app.cli.demo import flask_command, process
from app.flywheel import Flywheel
from app.measure.governance.suspects import find_suspects
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store.events import last_seq
from app.store.measures.exclusions import exclude, excluded_visitors
from benchmarks.bulk import BulkTally, run_visits
from seed_data.population import Population
from seed_data.templates import load_templates

FIRST_VISITOR = 10_000
"""Numbers below are the seed's visitors."""


class ProofError(RuntimeError):
    """The proof cannot go on; the message says what did not come."""


@dataclass(frozen=True, slots=True)
class Visited:
    """Visitors sent so far, by number of the population: `first` up to but not including `after`."""

    first: int
    after: int


class ProofSite:
    """Opens seeded site, HTTP server and trainer; ends them in order. One process writes, as on any site."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings = settings
        self.seed = seed
        self.population = Population(load_templates(), seed=7)
        self.registry = Registry(settings)
        self._next_visitor = FIRST_VISITOR
        self._closing = ExitStack()
        self._trainer = ExitStack()

    def command(self, *words: str) -> None:
        """Run `flask WORDS` in a process of its own. Raises DemoError when it fails."""
        flask_command(self.settings, *words)

    def open(self) -> None:
        """Open the site and answer HTTP on `settings.port`."""
        app = create_app(self.settings)
        self.flywheel: Flywheel = app.extensions["flywheel"]
        self.flywheel.open()
        self._closing.callback(self.flywheel.close)
        server = create_server(app, host=self.settings.host, port=self.settings.port, threads=4)
        thread = threading.Thread(target=server.run, name="http", daemon=True)
        thread.start()
        self._closing.callback(server.close)

    @property
    def address(self) -> str:
        """Where the site answers."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start_trainer(self) -> None:
        """Start the trainer process."""
        self._trainer.enter_context(process(self.settings, "-m", "flask", "--app", "app", "trainer"))

    def stop_trainer(self) -> None:
        """End the trainer process, as an outage would."""
        self._trainer.close()

    def send(
        self, count: int, *, pages: int = 1, on_progress: Callable[[BulkTally], None] | None = None
    ) -> tuple[BulkTally, Visited]:
        """Let `count` new visitors come."""
        first = self._next_visitor
        self._next_visitor += count
        numbers = range(first, self._next_visitor)
        tally = run_visits(
            self.flywheel, self.population, numbers, seed=self.seed, pages=pages, on_progress=on_progress
        )
        return tally, Visited(first, self._next_visitor)

    def send_again(
        self, numbers: range, session: int, *, on_progress: Callable[[BulkTally], None] | None = None
    ) -> BulkTally:
        """Let known visitors come back. session: which visit of theirs this is, from 1."""
        return run_visits(
            self.flywheel,
            self.population,
            numbers,
            seed=self.seed,
            session=session,
            day=14.0 + session,
            pages=1,
            on_progress=on_progress,
        )

    @contextlib.contextmanager
    def changed(self, **changes: object) -> Iterator[None]:
        """Run with other settings of visitors for a while, as a wrong deployment would."""
        before = self.flywheel.settings
        self.flywheel.settings = replace(before, **changes)  # type: ignore[arg-type]
        try:
            yield
        finally:
            self.flywheel.settings = before

    @property
    def visitors(self) -> int:
        """New visitors sent so far."""
        return self._next_visitor - FIRST_VISITOR

    def exclude_suspects(self) -> list[str]:
        """Exclude whoever the rules suspect, as `flask exclusions apply` does, through the site's writer; their ids."""
        store = self.flywheel.store
        found = find_suspects(store, self.settings)
        already = excluded_visitors(store.reader())
        fresh = [row for row in found if row.visitor_id not in already]
        self.flywheel.writer.run(lambda db: exclude(db, fresh, "make proof", time.time()))
        return [row.visitor_id for row in fresh]

    def versions(self) -> list[ModelVersion]:
        """Model versions, oldest first."""
        return list(reversed(self.registry.versions()))

    def wait(self, what: str, holds: Callable[[], bool], within_s: float = 60.0) -> float:
        """Wait until something holds; returns the seconds. Raises ProofError after `within_s`."""
        started = time.monotonic()
        while not holds():
            if time.monotonic() - started > within_s:
                raise ProofError(f"{what} did not come within {within_s:.0f} s")
            time.sleep(0.25)
        return time.monotonic() - started

    def caught_up(self, margin: int = 0) -> bool:
        """Whether the gate has judged a version that has seen all events but `margin`."""
        judged = self.judged_after(0)
        return bool(judged) and judged[-1].watermark >= last_seq(self.flywheel.store.reader()) - margin

    def judged_after(self, version: int) -> list[ModelVersion]:
        """Versions made after one, oldest first, as far as the gate has judged them."""
        return [row for row in self.versions() if row.version > version and row.state != "candidate"]

    def __enter__(self) -> ProofSite:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._trainer.close()
        self._closing.close()
