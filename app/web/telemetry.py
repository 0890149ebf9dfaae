"""What Prometheus reads: requests, latency by route, events stored, queue depth, the model in use.

Where several processes may serve a site, behind one port, a scrape meets any of them. Its answer has the figures of
all, each series with the label `process`: a sum over them would fall when one ends, which a counter must not.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from flask import Flask, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.flywheel import Flywheel
from app.measure.risks.integrity import Latency
from app.store import StoreError
from app.store.events import count_events
from app.web.callers import kept_for_request, this_request
from app.web.problems import route_of_request
from app.web.telling import Heard, telling_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNT_EVERY_S = 10.0
_NEWEST_PAGES = 2_000
_KEPT = 1_024
_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """The metrics of one application, in registries of its own, so that two in one process do not mix."""

    # What processes tell each other of them; see `app.web.telling.Told`.
    room = "figures"
    every = 5

    def __init__(self, parts: Flywheel, process: Callable[[], str] | None = None) -> None:
        """process: gives the label of its figures once it is forked; None where one process serves the site."""
        self.registry, self._site = CollectorRegistry(), CollectorRegistry()
        self._requests = Counter(
            "flywheel_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._latency = Histogram(
            "flywheel_request_seconds", "Time to an answer.", ("route",), buckets=_BUCKETS_S, registry=self.registry
        )
        # Looking children up by their labels takes longer than counting.
        self._requests_of = lru_cache(_KEPT)(self._requests.labels)
        self._latency_of = lru_cache(_KEPT)(self._latency.labels)
        self.registry.register(_State(parts))
        self._site.register(_Stored(parts))
        self._process = process
        self._others: tuple[str, ...] = ()
        self._pages: deque[float] = deque(maxlen=_NEWEST_PAGES)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests_of(method, route, status).inc()
        self._latency_of(route).observe(seconds)

    def observe_page(self, seconds: float) -> None:
        """Remember how long one page of the site took."""
        self._pages.append(seconds)

    def page_latency(self) -> Latency | None:
        """The 99th percentile over the newest pages; None before the first."""
        newest = sorted(self._pages.copy())
        if not newest:
            return None
        return Latency(1_000 * newest[min(len(newest) - 1, int(0.99 * len(newest)))], len(newest))

    def text(self) -> bytes:
        """Everything in Prometheus' text format, and what other processes told last."""
        texts = merged([self.tell(), *self._others]) if self._process else self.tell()
        return texts.encode() + generate_latest(self._site)

    def tell(self) -> str:
        """The figures of this process, in Prometheus' text format."""
        text = generate_latest(self.registry).decode()
        return labelled(text, self._process()) if self._process else text

    def hear(self, others: Mapping[str, Heard]) -> None:
        """Show the figures that other processes told last."""
        self._others = tuple(heard.value for heard in others.values())


class _Collector(Collector):
    """Reads the state of the parts at the time of asking."""

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: asking would open the database while the application is still being wired."""
        return []


class _State(_Collector):
    """What one process holds and does."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges; `flywheel_up` alone when the parts cannot be opened."""
        try:
            parts = self._parts.open()
        except StoreError:
            yield GaugeMetricFamily("flywheel_up", "Whether the database is open.", value=0)
            return
        state = parts.serve.state()
        yield GaugeMetricFamily("flywheel_up", "Whether the database is open.", value=1)
        yield GaugeMetricFamily("flywheel_queue_depth", "Writes that wait for a commit.", value=parts.writer.depth)
        yield GaugeMetricFamily("flywheel_commits", "Group commits so far.", value=parts.writer.commits)
        yield GaugeMetricFamily(
            "flywheel_writer_failures", "Writes that failed since one last worked.", value=parts.writer.failures
        )
        failures = GaugeMetricFamily("flywheel_job_failures", "Failures of a job in a row.", labels=("job",))
        ended = GaugeMetricFamily("flywheel_job_ended", "When a job last ended, Unix seconds.", labels=("job",))
        for job in parts.jobs.states():
            failures.add_metric((job.name,), job.failures)
            ended.add_metric((job.name,), job.ended_at or 0.0)
        yield failures
        yield ended
        yield GaugeMetricFamily(
            "flywheel_model_version", "Version of the model in use; 0 without one.", value=state.model_version or 0
        )
        yield GaugeMetricFamily(
            "flywheel_fallback", "1 while pages are ranked without a model.", value=int(state.fallback is not None)
        )
        yield GaugeMetricFamily("flywheel_catalog_items", "Items in the catalog.", value=state.items)
        yield GaugeMetricFamily("flywheel_histories", "Histories held in memory.", value=state.history_cache_size)


class _Stored(_Collector):
    """What is in the database, which is one; counted at most every few seconds."""

    def __init__(self, parts: Flywheel) -> None:
        super().__init__(parts)
        self._counted_at: float | None = None
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing while the database cannot be read."""
        try:
            counts = self._event_counts()
        except StoreError:
            return
        events = GaugeMetricFamily("flywheel_events_stored", "Events stored.", labels=("kind", "origin"))
        for (kind, origin), count in counts.items():
            events.add_metric((kind, origin), count)
        yield events

    def _event_counts(self) -> dict[tuple[str, str], int]:
        with self._lock:
            now = time.monotonic()
            if self._counted_at is None or now - self._counted_at > _COUNT_EVERY_S:
                self._counts = count_events(self._parts.open().store.reader())
                self._counted_at = now
            return self._counts


def labelled(text: str, process: str) -> str:
    """Prometheus' text with the label `process` on every sample."""
    label = f'process="{process}"'
    lines = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, brace, rest = line.partition("{")
            line = f"{name}{{{label},{rest}" if brace else "{0}{{{2}}} {1}".format(*line.split(" ", 1), label)
        lines.append(line)
    return "\n".join(lines) + "\n"


def merged(texts: Sequence[str]) -> str:
    """Several texts as one, in which the samples of one metric stand together, as the format asks."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    for text in texts:
        samples: list[str] = []
        for line in text.splitlines():
            if line.startswith("# HELP "):
                head, samples = families.setdefault(line.split(" ", 3)[2], ([], []))
                is_first = not head
            if line.startswith("#"):
                if is_first:
                    head.append(line)
            elif line:
                samples.append(line)
    return "".join("\n".join([*head, *samples]) + "\n" for head, samples in families.values())


def register(app: Flask) -> None:
    """Time every request."""
    telling = telling_of(app)
    telemetry = Telemetry(app.extensions["flywheel"], None if telling is None else telling.process_name)
    if telling is not None:
        telling.add(telemetry)
    app.extensions["telemetry"] = telemetry
    app.extensions["flywheel"].page_latency = telemetry.page_latency

    def start() -> None:
        kept_for_request().started = time.perf_counter()

    def finish(response: Response) -> Response:
        now, request = time.perf_counter(), this_request()
        seconds, method = now - kept_for_request().get("started", now), request.method
        telemetry.observe(method, route_of_request(), response.status_code, seconds)
        if method == "GET" and request.blueprint == "site":
            telemetry.observe_page(seconds)
        return response

    app.before_request(start)
    app.after_request(finish)
