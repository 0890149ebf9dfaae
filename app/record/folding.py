"""Folding stored events: what stands is read, the fold decides, and its changes are appended to the interactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from app.record.fold import UNTOUCHED, Change, Pair, Standing, applied, fold, standing_of_kind
from app.store import Database
from app.store.events import EventRow, EventSpan, acts, asked_events, neutral_propensities
from app.store.interactions import StandingRow, append_interactions, standing, standing_of
from app.store.visitors import created_at_of
from app.values.interaction import HORIZON_S, Interaction


@dataclass(slots=True)
class FoldReport:
    """What folding came to. stored: events that were not known before. rows: interactions appended. ahead: events whose
    time was moved back to the clock.

    repeated: events that counted less than in full, because their visitor had said the same before, by kind.
    """

    rows: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    ahead: int = 0
    stored: int = 0

    def add(self, other: FoldReport) -> None:
        """Count another report in."""
        self.rows += other.rows
        self.repeated.update(other.repeated)
        self.ahead += other.ahead
        self.stored += other.stored


def fold_events(
    db: Database,
    events: Sequence[EventRow],
    created_at: Mapping[str, float],
    asked: Collection[int] = (),
    now: float | None = None,
    neutral: Mapping[int, float] = MappingProxyType({}),
) -> FoldReport:
    """Append what these events, stored just before and oldest first, change; for use inside a writer task.

    created_at: when each visitor was first seen, Unix seconds. asked: seqs of events that answer what their visitor had
    asked to see. now: the server's clock in Unix seconds, for events that carry times of another; None for events that
    it stamped itself. neutral: by seq, of events that answer an entry of a neutral policy, the entry's propensity.
    Two statements, whatever the number of events, and none when all are views.
    """
    acts = [event for event in events if event.kind != "view"]
    if not acts:
        return FoldReport()
    pairs = _pairs(db, acts)
    rows: list[Interaction] = []
    report = FoldReport()
    for event in acts:
        key = (event.visitor_id, event.item_id)
        pair = pairs.get(key, UNTOUCHED)
        strength = 1.0 if event.weight is None else event.weight
        served = event.slate_id is not None and event.seq not in asked
        changes = fold(pair, event.kind, undo=event.undo, strength=strength, served=served)
        at = event.received_at
        if now is not None and at > now + HORIZON_S:
            at = now
            report.ahead += 1
        if event.kind != "dislike" and not event.undo and standing_of_kind(pair, event.kind).amount:
            report.repeated[event.kind] += 1
        if changes:
            pairs[key] = applied(pair, changes)
            age_s = max(0.0, at - created_at.get(event.visitor_id, at))
            propensity = None if event.undo else neutral.get(event.seq)
            rows += (_interaction(event, change, at, age_s, propensity) for change in changes)
    if rows:
        append_interactions(db, rows)
    report.rows = len(rows)
    return report


def fold_stored(db: Database, first_seq: int, last_seq: int, now: float) -> FoldReport:
    """Fold the stored events with `first_seq` <= seq <= `last_seq`, whose times may be of another clock than `now`."""
    span = EventSpan(first_seq, last_seq)
    events = acts(db.conn, span)
    created_at = created_at_of(db.conn, {event.visitor_id for event in events})
    asked, neutral = asked_events(db.conn, span), neutral_propensities(db.conn, span)
    return fold_events(db, events, created_at, asked, now, neutral)


def _pairs(db: Database, events: Sequence[EventRow]) -> dict[tuple[str, str], Pair]:
    visitors = {event.visitor_id for event in events}
    if len(visitors) == 1:
        return _by_pair(standing(db.conn, visitors.pop(), {event.item_id for event in events}))
    return _by_pair(standing_of(db.conn, visitors))


def _by_pair(rows: Iterable[StandingRow]) -> dict[tuple[str, str], Pair]:
    found: dict[tuple[str, str], dict[str, Standing]] = {}
    for visitor_id, item_id, kind, weight, held, served in rows:
        found.setdefault((visitor_id, item_id), {})[kind] = Standing(weight, held, bool(served))
    return dict(found)


def _interaction(event: EventRow, change: Change, at: float, age_s: float, propensity: float | None) -> Interaction:
    return Interaction(
        0,
        event.visitor_id,
        event.item_id,
        change.kind,
        change.weight,
        change.held,
        at,
        event.seq,
        event.holdout,
        event.origin,
        change.served,
        age_s,
        propensity if change.kind == event.kind else None,
    )
