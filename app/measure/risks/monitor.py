"""The monitor: measures the risk indicators beside the requests and stores their readings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from app.measure.governance.suspects import find_suspects
from app.measure.risks.alerts import Webhook, state_changes
from app.measure.risks.measuring import LatencySource, no_latency, take_risks
from app.measure.risks.reading import Reading
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, Writer
from app.store.measures.exclusions import exclude
from app.store.measures.risk_counts import newest_window
from app.store.measures.risk_readings import StoredReading, insert_readings, latest_reading

REST_PER_COST = 50.0
"""Seconds of rest for each second that a round took: two hundredths of a processor at most."""


class Monitor:
    """Takes a round whenever it is asked to; no request waits for it."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        registry: Registry,
        settings: Settings,
        latency: LatencySource = no_latency,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """latency: the web process's own. clock: Unix seconds."""
        self._store = store
        self._writer = writer
        self._registry = registry
        self._settings = settings
        self._latency = latency
        self._clock = clock
        self._webhook = Webhook(settings.alert_webhook)

    def round(self) -> tuple[Reading, ...]:
        """Measure every indicator, store the readings and tell of changed states; exclude suspects if so set."""
        now = self._clock()
        readings = take_risks(self._store, self._registry, self._settings, now, self._latency)
        rows = [
            StoredReading(now, row.indicator.name, row.value, row.indicator.threshold, row.state, row.note)
            for row in readings
        ]
        before = self._last_states(readings)
        self._writer.run(lambda db: insert_readings(db, rows))
        self._webhook.tell(state_changes(before, readings))
        if self._settings.auto_exclude:
            self._exclude(now)
        return readings

    def _last_states(self, readings: Iterable[Reading]) -> dict[str, str]:
        """From the database, so that a start of the site tells nobody again what they were told."""
        reader = self._store.reader()
        last = (latest_reading(reader, reading.indicator.name) for reading in readings)
        return {stored.indicator: stored.state for stored in last if stored is not None}

    def _exclude(self, now: float) -> None:
        window = newest_window(self._store.reader(), self._settings.risk_window_events)
        found = [] if window is None else find_suspects(self._store, self._settings, window.first_seq)
        if found:
            self._writer.run(partial(exclude, found=found, by="monitor", at=now))
