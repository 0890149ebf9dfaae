"""Reading what is new in the interactions, with the event up to which they are complete, as of one moment."""

from __future__ import annotations

from dataclasses import dataclass

from app.store import Store
from app.store.engines import dialect_of
from app.store.events import last_seq
from app.store.interactions import interactions_since, last_interaction
from app.values.interaction import Interaction


@dataclass(frozen=True, slots=True)
class Tail:
    """rows: new interactions, oldest first, without those of excluded visitors. seq: the newest interaction there is.

    watermark: the newest event there is: all that it and those before it changed is in `rows` or was read before.
    """

    rows: list[Interaction]
    seq: int
    watermark: int


def read_tail(store: Store, after: int = 0) -> Tail:
    """Interactions with a seq above `after`."""
    conn = store.reader()
    with dialect_of(conn).snapshot(conn):  # the watermark belongs to the rows
        return Tail(list(interactions_since(conn, after)), last_interaction(conn), last_seq(conn))
