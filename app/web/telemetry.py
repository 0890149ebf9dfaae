"""What Prometheus reads: requests, latency by route, events stored, queue depth, the model in use."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.flywheel import Flywheel
from app.measure.risks.integrity import Latency
from app.store import StoreError
from app.store.events import count_events
from app.web.problems import route_of_request

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNT_EVERY_S = 10.0
_NEWEST_PAGES = 2_000
_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """The metrics of one application, in a registry of its own, so that two in one process do not mix."""

    def __init__(self, parts: Flywheel) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "flywheel_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._latency = Histogram(
            "flywheel_request_seconds", "Time to an answer.", ("route",), buckets=_BUCKETS_S, registry=self.registry
        )
        self.registry.register(_State(parts))
        self._pages: deque[float] = deque(maxlen=_NEWEST_PAGES)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(route).observe(seconds)

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
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _State(Collector):
    """Reads the state of the parts at the time of asking; the events are counted at most every few seconds."""

    def __init__(self, parts: Flywheel) -> None:
        self._parts = parts
        self._counted_at: float | None = None
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: asking would open the database while the application is still being wired."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges; `flywheel_up` alone when the parts cannot be opened."""
        try:
            parts, counts = self._parts.open(), self._event_counts()
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
        events = GaugeMetricFamily("flywheel_events_stored", "Events stored.", labels=("kind", "origin"))
        for (kind, origin), count in counts.items():
            events.add_metric((kind, origin), count)
        yield events

    def _event_counts(self) -> dict[tuple[str, str], int]:
        with self._lock:
            now = time.monotonic()
            if self._counted_at is None or now - self._counted_at > _COUNT_EVERY_S:
                self._counts = count_events(self._parts.store.reader())
                self._counted_at = now
            return self._counts


def register(app: Flask) -> None:
    """Time every request."""
    telemetry = Telemetry(app.extensions["flywheel"])
    app.extensions["telemetry"] = telemetry
    app.extensions["flywheel"].page_latency = telemetry.page_latency

    def start() -> None:
        g.started = time.perf_counter()

    def finish(response: Response) -> Response:
        route = route_of_request()
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        telemetry.observe(request.method, route, response.status_code, seconds)
        if request.method == "GET" and request.blueprint == "site":
            telemetry.observe_page(seconds)
        return response

    app.before_request(start)
    app.after_request(finish)
