"""A site whose visitors' events are also folded by hand: what stands of them, worked out from docs/interactions.md."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from app.catalog import Catalog
from app.learn.training_state import TrainingState
from app.models.publish import CurrentModelWatch
from app.models.storage import FolderStorage
from app.record import EventBatch, Recorder
from app.serve import Serve
from app.serve.model_holder import ModelHolder
from app.serve.popularity import PopularityBoard
from app.settings import Settings, load_settings
from app.store import Store, Writer
from app.store.items import insert_items
from app.store.measures.exclusions import NewExclusion, exclude, lift, read_exclusions
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor
from app.visitors.contribution import contribution_rules
from tests.app.store.test_slates import SLATE
from tests.conftest import NOW, make_items

DAY = 86_400.0
ITEMS = 3
WORTH = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}
VISITORS = {
    name: Visitor(name, NOW - DAY, "control" if name == "cy" else "treatment", "assigned", "real", name == "judge")
    for name in ("ann", "bob", "cy", "judge")
}


ANSWERS = ("bob", "judge")
"""Visitors who take what is on their first slate from there: bob's was filled by a model, the judge's by lot."""


@dataclass
class Pair:
    """What stands between a visitor and an item, by hand.

    place, at: number and time of the last event that raised it. answered: whether events on it answer a slate.
    """

    clicks: int = 0
    said: set[str] = field(default_factory=set)
    hidden: bool = False
    place: int = 0
    at: float = 0.0
    answered: bool = False

    @property
    def weight(self) -> float:
        if self.hidden:
            return 0.0
        clicked = 2.0 - 2.0 ** (1 - min(self.clicks, 11)) if self.clicks else 0.0
        return clicked + sum(WORTH[kind] for kind in self.said)

    def take(self, kind: str, undo: bool, number: int, at: float) -> None:
        before = self.weight
        if kind == "dislike":
            self.hidden = not undo
        elif kind == "click":
            self.clicks = 0 if undo else self.clicks + 1
        elif kind in WORTH:
            (self.said.discard if undo else self.said.add)(kind)
            if kind == "like" and not undo:
                self.hidden = False
        if self.weight > before:
            self.place, self.at = number, at


@dataclass(frozen=True)
class JudgesChoice:
    """A new item in the history of who judges models. past: the history before. by_lot: from the slate drawn by lot.

    given_back: it had been hidden, so that the choice may be an earlier one.
    """

    past: dict[str, float]
    item_id: str
    by_lot: bool
    given_back: bool


@dataclass
class Site:
    """The parts of a site that read what visitors did, and what they are to say, worked out by hand."""

    settings: Settings
    store: Store
    writer: Writer
    recorder: Recorder
    serve: Serve
    board: PopularityBoard
    trainer: TrainingState
    now: float = NOW
    number: int = 0
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)
    choices: list[JudgesChoice] = field(default_factory=list)
    first_look: bool = True

    def do(self, visitor_id: str, *acts: tuple[str, str, bool]) -> None:
        """The visitor sends a batch of (item, kind, undo)."""
        events = []
        for item_id, kind, undo in acts:
            self.number += 1
            event = {"event_id": str(self.number), "kind": kind, "item_id": item_id, "undo": undo}
            answers = visitor_id in ANSWERS and item_id in SHELF.items
            if answers:
                event |= {"slate_id": f"first-{visitor_id}", "position": SHELF.items.index(item_id) + 1}
            events.append(event)
            pair = self.pairs.setdefault((visitor_id, item_id), Pair(answered=answers))
            past, stood, hidden = dict(self.history(visitor_id)), pair.weight, pair.hidden
            pair.take(kind, undo, self.number, self.now)
            if visitor_id == "judge" and not (pair.said or pair.clicks):  # taken back altogether
                self.choices = [choice for choice in self.choices if choice.item_id != item_id]
            if visitor_id == "judge" and past and not stood and pair.weight:
                self.choices.append(JudgesChoice(past, item_id, answers, given_back=hidden))
        batch = EventBatch.model_validate({"events": events})
        assert self.recorder.record(batch, VISITORS[visitor_id], self.now).stored == len(acts)

    def exclude(self, visitor_id: str) -> None:
        """Exclude somebody, or lift the exclusion."""
        if visitor_id in self.excluded:
            [number] = [
                row.id for row in read_exclusions(self.store.reader(), in_force=True) if row.visitor_id == visitor_id
            ]
            self.writer.run(lambda db: lift(db, number, "a test", "test", self.now))
        else:
            found = [NewExclusion(visitor_id, "by hand", "a test", {})]
            self.writer.run(lambda db: exclude(db, found, "test", self.now))
        self.excluded ^= {visitor_id}

    def history(self, visitor_id: str) -> list[tuple[str, float]]:
        """Items and weights in order, by hand."""
        own = [(pair.place, item, pair.weight) for (who, item), pair in self.pairs.items() if who == visitor_id]
        return [(item, weight) for _, item, weight in sorted(own) if weight > 0]

    def training(self, visitor_id: str) -> list[tuple[str, float]]:
        """Items and weights that train, by hand: what a model had put before the visitor says less."""
        if visitor_id not in self.counted():
            return []
        placed = {item for item, source in zip(SHELF.items, SHELF.sources, strict=True) if source == "als"}
        share = {
            item: self.settings.placed_weight for item in placed if self.pairs.get((visitor_id, item), Pair()).answered
        }
        return [(item, weight * share.get(item, 1.0)) for item, weight in self.history(visitor_id)]

    def exam(self, by_lot: bool) -> list[JudgesChoice]:
        """What models are asked, by hand: the judge's choices from the slate drawn by lot, or the others."""
        standing = dict(self.history("judge")) if "judge" not in self.excluded else {}
        return [choice for choice in self.choices if choice.by_lot == by_lot and choice.item_id in standing]

    def counted(self) -> list[str]:
        """Visitors who train models, and whom the experiment compares."""
        return [name for name in VISITORS if name not in self.excluded and not VISITORS[name].holdout]


@contextmanager
def open_site(count: int = ITEMS, database_url: str = "") -> Iterator[Site]:
    """A site of its own with so many items, on SQLite or the database given.

    Everybody has seen a slate before they do anything.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Growth never brings on a fit of everything, so that following row by row is what is asked.
        small = {
            "refit_growth": 1000.0,
            "factors": 2,
            "iterations": 1,
            "attribute_weight": 0.0,
            "transition_weight": 0.0,
            # There are three items: of a choice after two others, hardly a case would be left.
            "exam_min_history": 1,
        }
        own = {"var": Path(folder), "secret_key": "x", "group_commit_ms": 0, "database_url": database_url}
        settings = load_settings(environment={}, overrides=own | small)
        items = make_items(count)
        catalog = Catalog.from_items(items)
        with Store.create(settings.database) as store, store.open_writer(group_commit_ms=0) as writer:
            writer.run(lambda db: insert_items(db, items))
            for name, visitor in VISITORS.items():
                shelf = BY_LOT if visitor.judges else SHELF
                shown = replace(shelf, slate_id=f"first-{name}", visitor_id=name, served_at=NOW - 1.0)
                writer.run(partial(ensure_visitor, visitor=visitor))
                writer.run(partial(log_slates, slates=[shown]))
            rules = contribution_rules(settings)
            board = PopularityBoard(store, catalog, rules, epoch=NOW, refresh_s=0.0, now=lambda: NOW + 1e9)
            models = ModelHolder(
                CurrentModelWatch(FolderStorage(settings.models_folder)),
            )
            serve = Serve(settings, store, writer, catalog, models, board)
            recorder = Recorder(writer, catalog, settings, serve.on_recorded)
            yield Site(settings, store, writer, recorder, serve, board, TrainingState(settings, None))


SHELF = replace(SLATE, shelf="for-you", policy="als", model_version=1)
BY_LOT = replace(
    SHELF,
    shelf="by-lot",
    policy="neutral",
    model_version=None,
    sources=("lot", "lot"),
    propensities=(0.5, 0.25),
    scores=(None, None),
)
