"""Merging two ids of one person: all rows become those of one visitor, and what they did is folded as one history.

Somebody browses without a name and logs in: from then on both ids are the same visitor. Everything happens in one
transaction, so that a kill leaves both as they were or one. What stands afterwards is what the one fold makes of both
histories in the order in which they were recorded, as if one visitor had done it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.record.fold import CLICKS, ONCE
from app.record.folding import fold_events
from app.store import Database, StoreError
from app.store.events import EventRow, EventSpan, acts, asked_events, neutral_propensities
from app.store.interactions import delete_interactions, visitor_interactions
from app.store.merges import MovedRows, assignment_of, merged_into, move_rows
from app.store.visitors import ensure_visitor, get_visitor
from app.values.interaction import Interaction
from app.values.visitor import Visitor
from app.visitors.merging import MergeError, first_assignment

CHUNK = 10_000
_UP = 1.0 + 1e-9  # the fold rounds down to a grain, and a division must not fall short of it
_NOTHING_MOVED = MovedRows(0, 0, 0)


class NobodyToMergeError(StoreError):
    """There is no visitor of the id that is to be merged."""

    def __init__(self) -> None:
        super().__init__("nothing is known of the visitor who is to be merged")


class NobodyToBecomeError(StoreError):
    """There is no visitor of the id that is to stay, and none was to be made."""

    def __init__(self) -> None:
        super().__init__("nothing is known of the visitor whom the other is to become")


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge came to. visitor: who both are now. done: False when they were one before. moved: what was moved.
    created: whether nothing had been known of the id that stays.
    """

    visitor: Visitor
    done: bool
    moved: MovedRows = _NOTHING_MOVED
    created: bool = False


def merge(db: Database, merged_id: str, into: Visitor, at: float, create: bool = True) -> Merge:
    """Make the visitor of `merged_id` and `into`, who may be new, one visitor with the id of `into`; at: Unix seconds.

    create: whether `into` may be new. For use inside a writer task. Merging again changes nothing. Raises
    NobodyToMergeError when nothing is known of `merged_id`, NobodyToBecomeError for a new one who may not be,
    MergeError when `merged_id` was merged into somebody else or the origins differ, and what `ensure_visitor` raises.
    """
    conn = db.conn
    kept_id = merged_into(conn, into.visitor_id) or into.visitor_id
    known_as = merged_into(conn, merged_id) or merged_id
    stored = get_visitor(conn, kept_id)
    if known_as == kept_id and stored is not None:
        return Merge(stored, done=False)
    if known_as != merged_id:
        raise MergeError(f"{merged_id[:80]!r} was merged into another visitor before; merge it with that one")
    merged = get_visitor(conn, merged_id)
    if merged is None:
        raise NobodyToMergeError
    created = stored is None
    if stored is None:
        if not create:
            raise NobodyToBecomeError
        ensure_visitor(db, into)
        stored = into
    after = first_assignment(assignment_of(conn, stored), assignment_of(conn, merged))
    rows = sorted(visitor_interactions(conn, merged_id) + visitor_interactions(conn, kept_id))
    delete_interactions(db, (merged_id, kept_id))
    moved = move_rows(db, merged_id, after, at)
    _fold_anew(db, after.visitor, rows, at)
    return Merge(after.visitor, done=True, moved=moved, created=created)


def _fold_anew(db: Database, visitor: Visitor, rows: Sequence[Interaction], at: float) -> None:
    """Fold all events of a visitor, and what the rows say of those that are kept no longer."""
    span = EventSpan(visitor_id=visitor.visitor_id)
    events = acts(db.conn, span)
    known = {event.seq for event in events}
    gone = [(event, row) for event, row in _expired(rows, visitor) if event.seq not in known]
    asked = asked_events(db.conn, span)
    neutral = neutral_propensities(db.conn, span) | {
        event.seq: row.propensity for event, row in gone if row.propensity is not None
    }
    everything = sorted([*events, *(event for event, _ in gone)], key=lambda event: event.seq)
    for start in range(0, len(everything), CHUNK):
        part = everything[start : start + CHUNK]
        fold_events(db, part, {visitor.visitor_id: visitor.created_at}, asked, at, neutral)


def _expired(rows: Iterable[Interaction], visitor: Visitor) -> Iterator[tuple[EventRow, Interaction]]:
    """The events that rows were made by, oldest first, as far as the rows tell: each folds to the same rows again.

    Rows outlive their events where a site keeps events for a limited time.
    """
    amounts: dict[tuple[str, str, str], float] = {}
    for event_seq, group in groupby(sorted(rows, key=lambda row: (row.event_seq, row.seq)), lambda row: row.event_seq):
        changes = list(group)
        mark = next((row for row in changes if row.kind == "dislike"), None)
        raised = [row for row in changes if row.kind != "dislike" and row.weight + row.held > 0]
        row = raised[-1] if raised else mark or changes[0]
        key = (row.visitor_id, row.item_id, row.kind)
        before, added = amounts.get(key, 0.0), row.weight + row.held
        for change in changes:
            of = (change.visitor_id, change.item_id, change.kind)
            amounts[of] = amounts.get(of, 0.0) + change.weight + change.held
        undo = added < 0
        strength = 1.0
        if not undo and row.kind != "dislike":
            # What adds so much to what stood: see `fold` for both rules.
            strength = before + added if row.kind in ONCE else _UP * 2.0 * added / (CLICKS - before)
        yield (
            EventRow(
                seq=event_seq,
                event_id="",
                visitor_id=visitor.visitor_id,
                item_id=row.item_id,
                kind=row.kind,
                undo=undo,
                slate_id="" if row.served else None,
                position=None,
                received_at=row.at,
                origin=row.origin,
                holdout=visitor.holdout,
                weight=strength,
            ),
            row,
        )
