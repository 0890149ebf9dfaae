"""What somebody did, as the interactions that it comes to by the fold, without any database."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from app.record.fold import UNTOUCHED, Pair, applied, fold
from app.values.interaction import Interaction


@dataclass(frozen=True)
class Did:
    """One event. at: Unix seconds, 100 + its number when not given. weight: its strength. age_s: of its visitor."""

    item_id: str
    kind: str = "click"
    undo: bool = False
    visitor_id: str = "v"
    at: float | None = None
    weight: float = 1.0
    served: bool = False
    holdout: bool = False
    origin: str = "real"
    age_s: float = 1e6
    propensity: float | None = None


def rows_of(*done: Did) -> list[Interaction]:
    """The interactions of events that came one after another, numbered from 1."""
    pairs: dict[tuple[str, str], Pair] = {}
    rows, numbers = list[Interaction](), count(1)
    for event_seq, did in enumerate(done, start=1):
        key = (did.visitor_id, did.item_id)
        pair = pairs.get(key, UNTOUCHED)
        changes = fold(pair, did.kind, undo=did.undo, strength=did.weight, served=did.served)
        pairs[key] = applied(pair, changes)
        at = 100.0 + event_seq if did.at is None else did.at
        rows += [
            Interaction(
                next(numbers),
                did.visitor_id,
                did.item_id,
                change.kind,
                change.weight,
                change.held,
                at,
                event_seq,
                did.holdout,
                did.origin,
                change.served,
                did.age_s,
                did.propensity if change.kind == did.kind and not did.undo else None,
            )
            for change in changes
        ]
    return rows
