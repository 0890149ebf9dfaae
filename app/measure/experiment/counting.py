"""What the ledger adds up: a row of sums a visitor, which entries were seen and opened, what stands, and windows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import isinf

from cachetools import LRUCache

from app.measure.experiment.kind_counter import KindCounter
from app.measure.experiment.ledger_state import ArmTotals, LedgerState
from app.measure.experiment.metrics import RETURN_AFTER_S, columns_of
from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, RatioMetric
from app.measure.experiment.visitor_table import VisitorTable
from app.measure.experiment.windows import WindowCounter
from app.store.engines import Connection
from app.store.measures.experiments import (
    Exposure,
    LedgerEvent,
    StandingChange,
    exposing_slates_of,
    ledger_events_of,
    slate_entries,
    standing_changes_of,
    visitor_arm,
)
from app.values.origin import LIVE_ORIGINS
from app.visitors import assign_arm

_OPEN_SLATES = 20_000

_VISITOR, _SEEN, _OPENED, _USES, _USERS, _HIDES, _SEEN_BEFORE, _OPENED_BEFORE, *_HIDES_BY_OPENED = range(len(COLUMNS))
_STANDING = {"use": _USES, "dislike": _HIDES}


class Counting:
    """Sums of one experiment, from the beginning; `event_seq`, `slate_seq` and `standing_seq` are how far they go."""

    def __init__(
        self,
        experiment: str,
        control_share: float,
        start: float,
        window_events: int,
        metrics: tuple[RatioMetric, ...],
        excluded: frozenset[str],
        changes: tuple[float, ...],
    ) -> None:
        """See `Ledger`. excluded: visitors who do not count. changes: when another rule of assignment began to hold."""
        self._experiment = experiment
        self._control_share = control_share
        self._start = start
        self._excluded = excluded
        self._changes = changes
        self.event_seq = self.slate_seq = self.standing_seq = 0
        self._newest = 0.0
        self._success = next(iter(metrics), CLICK_THROUGH)
        self.visitors = VisitorTable(columns_of(metrics))
        self._kinds = KindCounter(self.visitors)
        self._returns = {
            self.visitors.columns.index(column): 86_400.0 * int(column.removeprefix("returned:"))
            for column in self.visitors.columns
            if column.startswith("returned:")
        }
        # By slate and item: (before exposure, opened).
        self._entries: LRUCache[str, dict[str, tuple[bool, bool]]] = LRUCache(_OPEN_SLATES)
        # By visitor, then kind and item: whether the item had been opened.
        self._standing: dict[int, dict[tuple[str, str], bool]] = {}
        self._windows = WindowCounter(window_events, metric=self._success)

    def take_up_merges(self, conn: Connection, merges: Iterable[tuple[str, str]]) -> None:
        """Count what visitors did who turned out to be one anew, and nothing of anybody else. merges: the id that went,
        and the one that its visitor has now.

        Windows stay where they begin and end, although events that both had sent count once now.
        """
        kept = dict.fromkeys(visitor_id for _, visitor_id in merges)
        gone = [merged_id for merged_id, _ in merges if merged_id not in kept]
        known = {name: index for name in (*gone, *kept) if (index := self.visitors.find(name)) is not None}
        self._windows.forget(known.values())
        for name, index in known.items():
            self._kinds.forget(index)
            self._standing.pop(index, None)
            if name in kept:
                self.visitors.clear(index)
            else:
                self.visitors.remove(name)
        for visitor_id in kept:
            self._recount(conn, visitor_id)
        self._windows.settle()

    def _recount(self, conn: Connection, visitor_id: str) -> None:
        """Count a visitor of whom nothing is counted, as far as all others are counted."""
        slates = exposing_slates_of(conn, visitor_id, self.slate_seq)
        events = ledger_events_of(conn, visitor_id, self.event_seq)
        index = self.visitors.find(visitor_id)
        if index is not None:
            self._placed(conn, visitor_id, index)
        elif not slates and not events:
            return
        answered = {slate_id for *_, slate_id, _, _ in events if slate_id is not None}
        for slate_id in answered:
            self._entries.pop(slate_id, None)
        self._kinds.forget(self._visitor(conn, visitor_id), answered)
        for _, _, served_at in slates:
            self._note_exposure(conn, visitor_id, served_at)
        for event in events:
            self._windows.revisit(event[0])
            self._count_event(conn, event)
        for change in standing_changes_of(conn, visitor_id, self.standing_seq):
            self._count_change(conn, change)

    def _visitor(self, conn: Connection, visitor_id: str) -> int:
        index = self.visitors.find(visitor_id)
        if index is not None:
            return index
        return self._placed(conn, visitor_id, None)

    def _placed(self, conn: Connection, visitor_id: str, index: int | None) -> int:
        """Give a visitor a row in their group, or put the row at `index` there."""
        found = visitor_arm(conn, visitor_id)
        if found is None:  # erased between two reads: the next look starts anew
            return self.visitors.add(visitor_id, "", "", "", counted=False, chose=False) if index is None else index
        hashed = assign_arm(found.hashed_id, self._experiment, self._control_share)
        chose = found.arm_source == "chosen"
        counted = not chose and not found.holdout and visitor_id not in self._excluded
        rule = bisect_right(self._changes, found.created_at)
        group = found.origin, found.arm, hashed
        if index is None:
            return self.visitors.add(visitor_id, *group, counted=counted, chose=chose, rule=rule)
        self.visitors.place(index, *group, counted=counted, chose=chose, rule=rule)
        return index

    def note_choices(self, visitor_ids: Iterable[str]) -> bool:
        """Take visitors out who have chosen their arm; whether there was one."""
        noted = False
        for visitor_id in visitor_ids:
            index = self.visitors.find(visitor_id)
            if index is not None and not self.visitors.chose[index]:
                self.visitors.chose[index], self.visitors.counted[index] = True, False
                noted = True
        return noted

    def note_exposures(self, conn: Connection, slates: Iterable[Exposure]) -> None:
        """Count slates whose order depends on the arm."""
        for seq, visitor_id, served_at in slates:
            self.slate_seq = seq
            self._newest = max(self._newest, served_at)
            self._note_exposure(conn, visitor_id, served_at)

    def _note_exposure(self, conn: Connection, visitor_id: str, served_at: float) -> None:
        if served_at < self._start:
            return
        index = self._visitor(conn, visitor_id)
        self.visitors.slates[index] += 1
        exposed_at = float(self.visitors.exposed_at[index])
        if served_at < exposed_at:
            if isinf(exposed_at) and self.visitors.group(index)[0] not in LIVE_ORIGINS:
                self._placed(conn, visitor_id, index)  # an imported customer was assigned as they came
            self.visitors.exposed_at[index] = served_at
        for place, within_s in self._returns.items():
            if RETURN_AFTER_S <= served_at - exposed_at <= within_s:
                self.visitors.sums[index, place] = 1

    def count(self, conn: Connection, events: Iterable[LedgerEvent]) -> None:
        """Count events; the slates that they answer were counted before."""
        for event in events:
            self.event_seq = event[0]
            self._windows.event(event[0], event[6])
            self._count_event(conn, event)

    def _count_event(self, conn: Connection, event: LedgerEvent) -> None:
        seq, visitor_id, item_id, kind, undo, slate_id, at, value = event
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
                self._windows.present(*self.visitors.group(index), index)
            if added:
                self._windows.add(*self.visitors.group(index), index, added, 0)

    def _compared(self, index: int, at: float) -> bool:
        """Whether a window compares the visitor: only who was assigned by the rule of that time."""
        return bool(self.visitors.counted[index]) and self.visitors.rule[index] == bisect_right(self._changes, at)

    def _count_entry(
        self, index: int, entries: dict[str, tuple[bool, bool]], item_id: str, opened: bool, at: float
    ) -> None:
        known = entries.get(item_id)
        before, was_opened = (self._is_before(index, at), False) if known is None else known
        seen, opened = known is None, opened and not was_opened
        if not seen and not opened:
            return
        entries[item_id] = (before, opened or was_opened)
        row = self.visitors.sums[index]
        if seen:
            row[_SEEN_BEFORE if before else _SEEN] += 1
        if opened:
            row[_OPENED_BEFORE if before else _OPENED] += 1
        if not self._compared(index, at):
            return
        if self._success.denominator == "visitors":
            self._windows.present(*self.visitors.group(index), index)
        elif self._success.denominator == "impressions":
            own = self._success.numerator == "clicks"
            self._windows.add(*self.visitors.group(index), index, int(opened) if own else 0, int(seen))

    def _slate(self, conn: Connection, index: int, seq: int, slate_id: str) -> dict[str, tuple[bool, bool]]:
        """What is known of the entries of a slate; of one not used lately it is read back from the database."""
        entries = self._entries.get(slate_id)
        if entries is None:
            found = slate_entries(conn, slate_id, seq)
            entries = self._entries[slate_id] = {
                item: (self._is_before(index, at), opened) for item, at, opened in found
            }
        return entries

    def count_changes(self, conn: Connection, changes: Iterable[StandingChange]) -> None:
        """Count uses and items marked not interested, and what was taken back of them."""
        for change in changes:
            self.standing_seq = change[0]
            self._count_change(conn, change)

    def _count_change(self, conn: Connection, row: StandingChange) -> None:
        _, visitor_id, item_id, kind, change, at, opened = row
        self._count_standing(self._visitor(conn, visitor_id), kind, item_id, change < 0, at, bool(opened))

    def _count_standing(self, index: int, kind: str, item_id: str, undo: bool, at: float, opened: bool) -> None:
        """Uses and items marked not interested count as distinct items for which the mark stands.

        opened: whether the visitor had opened the item by then; an undo takes back what its mark had counted.
        """
        key, standing = (kind, item_id), self._standing.setdefault(index, {})
        if self._is_before(index, at) or undo == (key not in standing):
            return
        if undo:
            opened = standing.pop(key)
        else:
            standing[key] = opened
        row, step = self.visitors.sums[index], -1 if undo else 1
        row[_STANDING[kind]] += step
        if kind == "dislike":
            row[_HIDES_BY_OPENED[0 if opened else 1]] += step
        row[_USERS] = row[_USES] > 0

    def _is_before(self, index: int, at: float) -> bool:
        return bool(at < self.visitors.exposed_at[index])

    def summary(self) -> LedgerState:
        """The sums by arm, and the windows."""
        arms = []
        for origin, arm in self.visitors.groups():
            if arm:
                totals = self.visitors.totals((origin, arm), len(self._changes), self._newest)
                arms.append(ArmTotals(origin, arm, *totals))
        since = max(self._changes, default=0.0)
        return LedgerState(self.event_seq, tuple(arms), self._windows.windows(), since)
