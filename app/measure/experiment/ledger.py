"""The ledger: per-visitor sums of the experiment, kept up with the events at a cost that follows what is new.

Grouping a million events takes seconds, and the page is read every few. So every visitor has a row of sums in memory;
new events change the rows of their visitors; the visitors of a merge are counted anew; and an erasure or a changed
exclusion, which takes rows away, starts all of it anew.

A visitor is in the analysis from their first exposure: the first slate that was served to them, at or after the start
of the experiment, whose order depends on the arm: any but the results of a search by somebody without a history. What
they saw before is the pre-period. Visitors whom different rules assigned, because control's share was changed, are
never compared with each other: the arms hold who was assigned by the rule in force. Entries are told apart: seen twice
counts once, and one opened without a recorded impression (a browser without scripts) counts as seen too, because nobody
can open what was not on screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from app.measure.experiment.counting import Counting
from app.measure.experiment.ledger_state import LedgerState
from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, RatioMetric
from app.measure.governance.usecase import UseCaseError, load_use_case, use_case_metrics
from app.settings import Settings
from app.store import Store
from app.store.engines import Connection
from app.store.measures.assignments import assignment_changes
from app.store.measures.exclusions import excluded_visitors
from app.store.measures.experiments import (
    exposing_slates,
    ledger_events,
    standing_changes,
    visitors_who_chose,
)
from app.store.merges import last_merge, merges_since
from app.store.visitors import last_erasure

CHUNK = 20_000
WINDOW_EVENTS = 1_000
_OPEN_SLATES = 20_000

_VISITOR, _SEEN, _OPENED, _USES, _USERS, _HIDES, _SEEN_BEFORE, _OPENED_BEFORE, *_HIDES_BY_OPENED = range(len(COLUMNS))
_STANDING = {"use": _USES, "dislike": _HIDES}


class Ledger:
    """Follows one event database. Safe between threads: one follows, the others wait and share what it found."""

    def __init__(
        self,
        store: Store,
        *,
        experiment: str,
        control_share: float,
        start: float = 0.0,
        window_events: int = WINDOW_EVENTS,
        metrics: Callable[[], tuple[RatioMetric, ...]] = tuple,
    ) -> None:
        """experiment, control_share: how the hash assigns. start: Unix seconds at which the experiment started.
        metrics: what the use case measures, success first; when it names others, everything is counted anew.
        """
        self._store = store
        self._experiment = experiment
        self._control_share = control_share
        self._start = start
        self._window_events = window_events
        self._read_metrics = metrics
        self._lock = threading.Lock()
        self._counted: tuple[object, ...] | None = None
        self._merge = 0
        self._state: LedgerState | None = None

    def follow(self) -> LedgerState:
        """Count what is new and return the state; the same object while nothing is."""
        with self._lock:
            conn = self._store.reader()
            merge = last_merge(conn)
            changed = self._begin_anew(conn, merge)
            counting = self._counting
            if merge != self._merge:
                counting.take_up_merges(conn, merges_since(conn, self._merge))
                self._merge, changed = merge, True
            changed |= counting.note_choices(visitors_who_chose(conn))
            while events := ledger_events(conn, counting.event_seq, CHUNK):
                # After the events: a slate is committed before what answers it, so these hold all that they need.
                self._note_exposures(conn)
                counting.count(conn, events)
                changed = True
            changed |= self._note_exposures(conn)
            while rows := standing_changes(conn, counting.standing_seq, CHUNK):
                self._note_exposures(conn)
                counting.count_changes(conn, rows)
                changed = True
            if self._state is None or changed:
                self._state = counting.summary()
            return self._state

    def _begin_anew(self, conn: Connection, merge: int) -> bool:
        """Forget all sums where rows were taken away or count otherwise than before; whether that is so."""
        excluded, changes, metrics = excluded_visitors(conn), assignment_changes(conn), self._read_metrics()
        counted = (last_erasure(conn), excluded, changes, metrics)
        if counted == self._counted:
            return False
        self._counting = Counting(
            self._experiment, self._control_share, self._start, self._window_events, metrics, excluded, changes
        )
        self._counted, self._merge = counted, merge
        return True

    def _note_exposures(self, conn: Connection) -> bool:
        noted = False
        while slates := exposing_slates(conn, self._counting.slate_seq, CHUNK):
            self._counting.note_exposures(conn, slates)
            noted = True
        return noted


def open_ledger(store: Store, settings: Settings) -> Ledger:
    """The ledger of the experiment that the settings name, and of the metrics that the use case names."""
    return Ledger(
        store,
        experiment=settings.experiment,
        control_share=settings.control_share,
        start=settings.experiment_start,
        metrics=partial(measured_metrics, settings),
    )


def measured_metrics(settings: Settings) -> tuple[RatioMetric, ...]:
    """What the use case in force measures, success first; click-through where it cannot be read, which checks say."""
    try:
        use_case = load_use_case(settings.use_case_file)
        return use_case_metrics(use_case)
    except UseCaseError:
        return (CLICK_THROUGH,)
