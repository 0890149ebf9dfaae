"""The ledger: per-visitor sums of the experiment, kept up with the events at a cost that follows what is new.

Grouping a million events takes seconds, and the page is read every few. So every visitor has a row of sums in memory;
new events change the rows of their visitors; and an erasure, a merge of two visitors or a changed exclusion, which
takes rows away, starts it anew.

A visitor is in the analysis from their first exposure: the first slate that was served to them, at or after the start
of the experiment, whose order depends on the arm: any but the results of a search by somebody without a history. What
they saw before is the pre-period. Visitors whom different rules assigned, because control's share was changed, are
never compared with each other: the arms hold who was assigned by the rule in force. Entries are told apart: seen twice
counts once, and one opened without a recorded impression (a browser without scripts) counts as seen too, because nobody
can open what was not on screen.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import partial
from math import isinf

from cachetools import LRUCache

from app.measure.experiment.kind_counter import KindCounter
from app.measure.experiment.ledger_state import ArmTotals, LedgerState
from app.measure.experiment.metrics import RETURN_AFTER_S, columns_of
from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, RatioMetric
from app.measure.experiment.visitor_table import VisitorTable
from app.measure.experiment.windows import WindowCounter
from app.measure.governance.usecase import UseCaseError, load_use_case, use_case_metrics
from app.settings import Settings
from app.store import Store
from app.store.measures.assignments import assignment_changes
from app.store.measures.exclusions import excluded_visitors
from app.store.measures.experiments import (
    Connection,
    LedgerEvent,
    StandingChange,
    exposing_slates,
    ledger_events,
    slate_entries,
    standing_changes,
    visitor_arm,
    visitors_who_chose,
)
from app.store.merges import last_merge
from app.store.visitors import last_erasure
from app.values.origin import LIVE_ORIGINS
from app.visitors import assign_arm

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
        self._metrics: tuple[RatioMetric, ...] = ()
        self._lock = threading.Lock()
        self._erasure = self._merge = -1
        self._excluded: frozenset[str] = frozenset()
        self._changes: tuple[float, ...] = ()
        self._state: LedgerState | None = None
        self._reset()

    def follow(self) -> LedgerState:
        """Count what is new and return the state; the same object while nothing is."""
        with self._lock:
            conn = self._store.reader()
            erasure, excluded, changes = last_erasure(conn), excluded_visitors(conn), assignment_changes(conn)
            metrics, merge = self._read_metrics(), last_merge(conn)
            before = (self._erasure, self._excluded, self._changes, self._merge, self._metrics)
            if (erasure, excluded, changes, merge, metrics) != before:
                self._metrics = metrics
                self._reset()
                self._erasure, self._excluded, self._changes, self._merge = erasure, excluded, changes, merge
            changed = self._note_choices(visitors_who_chose(conn))
            while events := ledger_events(conn, self._event_seq, CHUNK):
                # After the events: a slate is committed before what answers it, so these hold all that they need.
                self._note_exposures(conn)
                self._count(conn, events)
                changed = True
            changed |= self._note_exposures(conn)
            while rows := standing_changes(conn, self._standing_seq, CHUNK):
                self._note_exposures(conn)
                self._count_changes(conn, rows)
                changed = True
            if self._state is None or changed:
                self._state = self._summary()
            return self._state

    def _reset(self) -> None:
        self._event_seq = self._slate_seq = self._standing_seq = 0
        self._newest = 0.0
        self._success = next(iter(self._metrics), CLICK_THROUGH)
        self._visitors = VisitorTable(columns_of(self._metrics))
        self._kinds = KindCounter(self._visitors)
        self._returns = {
            self._visitors.columns.index(column): 86_400.0 * int(column.removeprefix("returned:"))
            for column in self._visitors.columns
            if column.startswith("returned:")
        }
        # By slate and item: (before exposure, opened).
        self._entries: LRUCache[str, dict[str, tuple[bool, bool]]] = LRUCache(_OPEN_SLATES)
        self._standing: dict[tuple[int, str, str], bool] = {}
        self._windows = WindowCounter(self._window_events, metric=self._success)
        self._state = None

    def _visitor(self, conn: Connection, visitor_id: str) -> int:
        index = self._visitors.find(visitor_id)
        if index is not None:
            return index
        return self._placed(conn, visitor_id, None)

    def _placed(self, conn: Connection, visitor_id: str, index: int | None) -> int:
        """Give a visitor a row in their group, or put the row at `index` there."""
        found = visitor_arm(conn, visitor_id)
        if found is None:  # erased between two reads: the next look starts anew
            return self._visitors.add(visitor_id, "", "", "", counted=False, chose=False) if index is None else index
        hashed = assign_arm(found.hashed_id, self._experiment, self._control_share)
        chose = found.arm_source == "chosen"
        counted = not chose and not found.holdout and visitor_id not in self._excluded
        rule = bisect_right(self._changes, found.created_at)
        group = found.origin, found.arm, hashed
        if index is None:
            return self._visitors.add(visitor_id, *group, counted=counted, chose=chose, rule=rule)
        self._visitors.place(index, *group, counted=counted, chose=chose, rule=rule)
        return index

    def _note_choices(self, visitor_ids: Iterable[str]) -> bool:
        noted = False
        for visitor_id in visitor_ids:
            index = self._visitors.find(visitor_id)
            if index is not None and not self._visitors.chose[index]:
                self._visitors.chose[index], self._visitors.counted[index] = True, False
                noted = True
        return noted

    def _note_exposures(self, conn: Connection) -> bool:
        noted = False
        while slates := exposing_slates(conn, self._slate_seq, CHUNK):
            noted = True
            for seq, visitor_id, served_at in slates:
                self._slate_seq = seq
                self._newest = max(self._newest, served_at)
                if served_at >= self._start:
                    self._note_exposure(conn, visitor_id, served_at)
        return noted

    def _note_exposure(self, conn: Connection, visitor_id: str, served_at: float) -> None:
        index = self._visitor(conn, visitor_id)
        self._visitors.slates[index] += 1
        exposed_at = float(self._visitors.exposed_at[index])
        if served_at < exposed_at:
            if isinf(exposed_at) and self._visitors.group(index)[0] not in LIVE_ORIGINS:
                self._placed(conn, visitor_id, index)  # an imported customer was assigned as they came
            self._visitors.exposed_at[index] = served_at
        for place, within_s in self._returns.items():
            if RETURN_AFTER_S <= served_at - exposed_at <= within_s:
                self._visitors.sums[index, place] = 1

    def _count(self, conn: Connection, events: Iterable[LedgerEvent]) -> None:
        for seq, visitor_id, item_id, kind, undo, slate_id, at, value in events:
            self._event_seq = seq
            self._windows.event(seq, at)
            if kind in self._kinds.kinds:
                self._count_kind(self._visitor(conn, visitor_id), item_id, kind, bool(undo), slate_id, at, value)
            if slate_id is not None and not undo and kind in ("view", "click"):
                index = self._visitor(conn, visitor_id)
                self._count_entry(index, self._slate(conn, index, seq, slate_id), item_id, kind == "click", at)

    def _count_kind(
        self, index: int, item_id: str, kind: str, undo: bool, slate_id: str | None, at: float, value: float | None
    ) -> None:
        """An event of a kind that a metric counts, before the exposure or after it."""
        if self._is_before(index, at):
            self._kinds.count_before(index, kind, undo, value)
            return
        changes = self._kinds.count(index, item_id, kind, undo, slate_id, value)
        if self._compared(index, at):
            added = changes.get(self._success.numerator, 0.0)
            if self._success.denominator == "visitors":
                self._windows.present(*self._visitors.group(index), index)
            if added:
                self._windows.add(*self._visitors.group(index), index, added, 0)

    def _compared(self, index: int, at: float) -> bool:
        """Whether a window compares the visitor: only who was assigned by the rule of that time."""
        return bool(self._visitors.counted[index]) and self._visitors.rule[index] == bisect_right(self._changes, at)

    def _count_entry(
        self, index: int, entries: dict[str, tuple[bool, bool]], item_id: str, opened: bool, at: float
    ) -> None:
        known = entries.get(item_id)
        before, was_opened = (self._is_before(index, at), False) if known is None else known
        seen, opened = known is None, opened and not was_opened
        if not seen and not opened:
            return
        entries[item_id] = (before, opened or was_opened)
        row = self._visitors.sums[index]
        if seen:
            row[_SEEN_BEFORE if before else _SEEN] += 1
        if opened:
            row[_OPENED_BEFORE if before else _OPENED] += 1
        if not self._compared(index, at):
            return
        if self._success.denominator == "visitors":
            self._windows.present(*self._visitors.group(index), index)
        elif self._success.denominator == "impressions":
            own = self._success.numerator == "clicks"
            self._windows.add(*self._visitors.group(index), index, int(opened) if own else 0, int(seen))

    def _slate(self, conn: Connection, index: int, seq: int, slate_id: str) -> dict[str, tuple[bool, bool]]:
        """What is known of the entries of a slate; of one not used lately it is read back from the database."""
        entries = self._entries.get(slate_id)
        if entries is None:
            found = slate_entries(conn, slate_id, seq)
            entries = self._entries[slate_id] = {
                item: (self._is_before(index, at), opened) for item, at, opened in found
            }
        return entries

    def _count_changes(self, conn: Connection, rows: Iterable[StandingChange]) -> None:
        for seq, visitor_id, item_id, kind, change, at, opened in rows:
            self._standing_seq = seq
            self._count_standing(self._visitor(conn, visitor_id), kind, item_id, change < 0, at, bool(opened))

    def _count_standing(self, index: int, kind: str, item_id: str, undo: bool, at: float, opened: bool) -> None:
        """Uses and items marked not interested count as distinct items for which the mark stands.

        opened: whether the visitor had opened the item by then; an undo takes back what its mark had counted.
        """
        key = (index, kind, item_id)
        if self._is_before(index, at) or undo == (key not in self._standing):
            return
        if undo:
            opened = self._standing.pop(key)
        else:
            self._standing[key] = opened
        row, step = self._visitors.sums[index], -1 if undo else 1
        row[_STANDING[kind]] += step
        if kind == "dislike":
            row[_HIDES_BY_OPENED[0 if opened else 1]] += step
        row[_USERS] = row[_USES] > 0

    def _is_before(self, index: int, at: float) -> bool:
        return bool(at < self._visitors.exposed_at[index])

    def _summary(self) -> LedgerState:
        arms = []
        for origin, arm in self._visitors.groups():
            if arm:
                totals = self._visitors.totals((origin, arm), len(self._changes), self._newest)
                arms.append(ArmTotals(origin, arm, *totals))
        since = max(self._changes, default=0.0)
        return LedgerState(self._event_seq, tuple(arms), self._windows.windows(), since)


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
