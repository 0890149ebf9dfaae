"""Hand-made traffic: visitors of an arm, slates, and what was seen and clicked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.record.filling import store_events
from app.store import Writer
from app.store.events import NewEvent
from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor


@dataclass
class Traffic:
    """Writes into the database of a test; every call is committed when it returns."""

    writer: Writer
    now: float
    events: int = 0
    slates: int = 0

    def visitor(
        self, visitor_id: str, arm: str, *, origin: str = "real", arm_source: str = "assigned", holdout: bool = False
    ) -> None:
        """Write a visitor."""
        visitor = Visitor(visitor_id, self.now, arm, arm_source, origin, holdout)
        self.writer.run(lambda db: ensure_visitor(db, visitor))

    def page(
        self,
        visitor_id: str,
        seen: Sequence[int],
        clicked: Sequence[int],
        *,
        origin: str = "real",
        shelf: str = "popular",
        policy: str = "popularity",
        model_version: int | None = None,
    ) -> str:
        """Serve a slate of the items `seen`, of which `clicked` are clicked; returns its id.

        A page that has a model, whether the model filled the shelf or not, is one of the treatment arm.
        """
        self.slates += 1
        slate_id = f"slate-{self.slates}"
        items = tuple(f"item-{n:03}" for n in seen)
        slate = LoggedSlate(
            slate_id=slate_id,
            page_id=f"page-{self.slates}",
            visitor_id=visitor_id,
            shelf=shelf,
            policy=policy,
            arm="control" if model_version is None else "treatment",
            model_version=model_version,
            served_at=self.now,
            origin=origin,
            items=items,
            sources=("popularity",) * len(items),
            propensities=(1.0,) * len(items),
            scores=(None,) * len(items),
        )
        self.writer.run(lambda db: log_slates(db, [slate]))
        for n in seen:
            self.event(visitor_id, n, "view", slate_id, origin=origin)
        for n in clicked:
            self.event(visitor_id, n, "click", slate_id, origin=origin)
        return slate_id

    def event(
        self,
        visitor_id: str,
        item: int,
        kind: str,
        slate_id: str | None = None,
        *,
        origin: str = "real",
        days: float = 0,
        undo: bool = False,
    ) -> None:
        """Write one event, `days` after the first."""
        self.events += 1
        at = self.now + 86_400 * days
        event = NewEvent(f"e{self.events}", visitor_id, f"item-{item:03}", kind, at, origin, undo, slate_id)
        self.writer.run(lambda db: store_events(db, [event], at))
