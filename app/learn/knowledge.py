"""What the trainer knows: the log of all rows that stand, kept in step with the event database, and its factors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from app.catalog.attributes import item_attributes
from app.measure.evaluation.rows import TrainingRow, fold_rows, jury_events, training_events
from app.measure.evaluation.tail import event_chunks
from app.models.config import als_config
from app.settings import Settings
from app.store import Store
from app.store.events import EventRow, visitor_events
from app.store.items import all_items
from app.store.measures.exclusions import excluded_visitors, last_curation
from app.store.visitors import last_erasure
from recommender import ALSTrainer, FactorModel, Interactions

_ALL_EVENTS = 2**31

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What one reading of the database changed: events seen (jury and impressions included), rows added and withdrawn.

    rebuilt: the log was read anew as a whole and fitted, because it was the first time, somebody was erased, the
    exclusions changed, or so much was new that following it row by row would cost more than a fit. forgot: somebody was
    erased or the exclusions changed since the last reading.
    learn_s: seconds of updating or fitting alone.
    """

    events: int = 0
    added: int = 0
    withdrawn: int = 0
    rebuilt: bool = False
    forgot: bool = False
    learn_s: float = 0.0


class Knowledge:
    """The trainer's memory. `follow` learns what is new; `als` holds log and factors, None while there is no row."""

    def __init__(self, settings: Settings, warm_start: FactorModel | None, on_progress: Progress | None = None) -> None:
        self._settings = settings
        self._weights = settings.kind_weights()
        self._on_progress = on_progress
        self._warm_start = warm_start
        self._rows_at_fit = 0
        self.watermark = 0
        self.erasure: int | None = None
        self.curation: int | None = None
        self.excluded: frozenset[str] = frozenset()
        self.excluded_rows = 0
        self.als: ALSTrainer | None = None
        self.jury_events: list[EventRow] = []

    @property
    def rows(self) -> int:
        """Training rows that stand."""
        return 0 if self.als is None else self.als.log.rows

    @property
    def refit_due(self) -> bool:
        """Whether the log has changed in size by the share `refit_growth` since the last full fit."""
        return abs(self.rows - self._rows_at_fit) > self._settings.refit_growth * max(1, self._rows_at_fit)

    def follow(self, store: Store) -> Learned:
        """Read what the database has beyond the watermark and learn from it."""
        # Both numbers are read before the events: a change in between is then noticed at the next call.
        conn = store.reader()
        erasure, curation = last_erasure(conn), last_curation(conn)
        if (erasure, curation) != (self.erasure, self.curation):
            return self._rebuild(store, erasure, curation)
        events = [event for chunk in event_chunks(store, self.watermark) for event in chunk]
        if not events:
            return Learned()
        training = training_events(events, self.excluded)
        if self.als is None or len(training) > self._settings.refit_growth * max(1, self._rows_at_fit):
            return self._rebuild(store, erasure, curation)
        watermark = events[-1].seq
        started = time.perf_counter()
        added, withdrawn = self._learn(store, {event.visitor_id for event in training}, watermark)
        self.jury_events += jury_events(events, self.excluded)
        self._count_excluded(events)
        self.watermark = watermark
        return Learned(len(events), added, withdrawn, learn_s=time.perf_counter() - started)

    def refit(self) -> None:
        """Fit everything known, starting from the factors as they are."""
        if self.als is not None and self.rows:
            self.als.refit(on_progress=self._on_progress)
            self._rows_at_fit = self.rows

    def _rebuild(self, store: Store, erasure: int, curation: int) -> Learned:
        self.excluded, self.excluded_rows = excluded_visitors(store.reader()), 0
        training: list[EventRow] = []
        judging: list[EventRow] = []
        read, watermark = 0, self.watermark
        for chunk in event_chunks(store):
            training += training_events(chunk, self.excluded)
            judging += jury_events(chunk, self.excluded)
            self._count_excluded(chunk)
            read += len(chunk)
            watermark = max(watermark, chunk[-1].seq)
        rows = fold_rows(training, self._weights)
        known = (self.erasure, self.curation)
        rows_before, forgot = self.rows, known not in ((None, None), (erasure, curation))
        started = time.perf_counter()
        if rows:
            if self.als is None:
                self.als = ALSTrainer(als_config(self._settings), self._settings.seed, warm_start=self._warm_start)
            log = Interactions.from_rows(rows.values(), horizon=inf)  # a clock set back must not stop training
            if self._settings.attribute_weight:
                log.describe(item_attributes(all_items(store.reader())), self._settings.attribute_weight)
            self.als.fit(log, self._on_progress)
        else:
            self.als = None
        self.jury_events, self.watermark, self.erasure, self.curation = judging, watermark, erasure, curation
        self._rows_at_fit = len(rows)
        added, withdrawn = max(0, len(rows) - rows_before), max(0, rows_before - len(rows))
        return Learned(read, added, withdrawn, True, forgot, time.perf_counter() - started)

    def _count_excluded(self, events: Iterable[EventRow]) -> None:
        self.excluded_rows += sum(event.visitor_id in self.excluded and event.kind != "view" for event in events)

    def _learn(self, store: Store, visitors: set[str], watermark: int) -> tuple[int, int]:
        """Bring the rows of these visitors up to `watermark`; returns rows added and withdrawn.

        What an undo or a dislike withdraws depends on the visitor's past, so it is folded anew, before and after.
        """
        assert self.als is not None
        to_learn: dict[int, TrainingRow] = {}
        added = withdrawn = 0
        for visitor_id in sorted(visitors):
            events = [
                event for event in visitor_events(store.reader(), visitor_id, _ALL_EVENTS) if event.seq <= watermark
            ]
            before = fold_rows((event for event in events if event.seq <= self.watermark), self._weights)
            after = fold_rows(events, self._weights)
            new = {seq: row for seq, row in after.items() if seq not in before}
            gone = {seq: row for seq, row in before.items() if seq not in after}
            added, withdrawn = added + len(new), withdrawn + len(gone)
            to_learn |= new
            for item_id in {row.item_id for row in gone.values()}:
                self.als.discard(visitor_id, item_id)
                # What still stands on the item, such as the click behind a like that was taken back, is learned again.
                to_learn |= {seq: row for seq, row in after.items() if row.item_id == item_id}
        self.als.update(row for _, row in sorted(to_learn.items()))
        return added, withdrawn
