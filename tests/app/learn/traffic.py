"""Made-up traffic with one obvious answer: the items are thirty pairs, and whoever clicks one half wants the other.

A model that has seen a pair puts the other half first, so every good model has NDCG 1 and no gate decides by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.record.filling import store_events
from app.store import Writer
from app.store.events import NewEvent
from app.store.visitors import ensure_visitor, erase_visitor
from app.values.visitor import Visitor

PAIRS = 30
DAY_S = 86_400.0
FAR_AHEAD_S = 1e7
"""Tests move their clocks on; none of what they write is ahead of the server's."""


def item_id(number: int) -> str:
    """The id of an item of the test catalog, of `2 * PAIRS`."""
    return f"item-{number:03}"


@dataclass
class Traffic:
    """Writes visitors and events into the database of a test; every call is committed when it returns."""

    writer: Writer
    now: float
    events: int = 0

    def visitor(self, visitor_id: str, *, holdout: bool = False) -> None:
        """Write a visitor who first came the day before, and so counts for others."""
        visitor = Visitor(visitor_id, self.now - DAY_S, "treatment", "assigned", "real", holdout)
        self.writer.run(lambda db: ensure_visitor(db, visitor))

    def act(self, visitor_id: str, item: int, kind: str = "click", *, undo: bool = False) -> int:
        """Write one event of a known visitor; returns its seq."""
        return self._write([self._event(visitor_id, item, kind, undo)])

    def crowd(
        self,
        name: str,
        visitors: int,
        *,
        holdout: bool = False,
        pairs: int = PAIRS,
        poison: bool = False,
        origin: str = "real",
    ) -> int:
        """Visitors who click both halves of one of the first `pairs` pairs, or, as poison, halves that do not match.

        Returns the seq of the last event.
        """
        events = []
        for number in range(visitors):
            self.visitor(f"{name}-{number}", holdout=holdout)
            one = number % pairs
            other = PAIRS + (one + poison) % PAIRS
            events += [self._event(f"{name}-{number}", item, origin=origin) for item in (one, other)]
        return self._write(events)

    def erase(self, visitor_ids: Iterable[str]) -> None:
        """Forget visitors."""
        ids = list(visitor_ids)
        self.writer.run(lambda db: [erase_visitor(db, visitor_id) for visitor_id in ids])

    def _event(
        self, visitor_id: str, item: int, kind: str = "click", undo: bool = False, origin: str = "real"
    ) -> NewEvent:
        self.events += 1
        at = self.now + self.events
        return NewEvent(f"event-{self.events}", visitor_id, item_id(item), kind, at, origin, undo=undo)

    def _write(self, events: Sequence[NewEvent]) -> int:
        self.writer.run(lambda db: store_events(db, events, self.now + FAR_AHEAD_S))
        return self.events
