"""One fold: whatever visitors do and take back, every reader says the same of it.

Random sequences of events go through the real recorder; what stands is also worked out here, by hand and from the law
in docs/interactions.md, and every reader is asked: pages, trainer, neighbours, popularity, judges, off-policy, lineage,
ledger, risks and exports.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.catalog import Catalog
from app.learn.off_policy import read_situations
from app.learn.training_state import TrainingState
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.ratio import COLUMNS
from app.measure.governance.lineage import lineage
from app.models.publish import CurrentModelWatch
from app.models.registry import Registry
from app.record import EventBatch, Recorder
from app.serve import Serve
from app.serve.model_holder import ModelHolder
from app.serve.popularity import HALF_LIFE_DAYS, PopularityBoard
from app.settings import Settings, load_settings
from app.store import Store, Writer
from app.store.items import insert_items
from app.store.measures.exclusions import NewExclusion, exclude, lift, read_exclusions
from app.store.measures.risk_counts import item_choices
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor, export_visitor
from app.values.visitor import Visitor
from app.visitors.contribution import contribution_rules, recent_training_rows
from tests.app.store.test_slates import SLATE
from tests.conftest import NOW, make_items

DAY = 86_400.0
ITEMS = 3
WORTH = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}
VISITORS = {
    name: Visitor(name, NOW - DAY, "control" if name == "cy" else "treatment", "assigned", "real", name == "judge")
    for name in ("ann", "bob", "cy", "judge")
}


@dataclass
class Pair:
    """What stands between a visitor and an item, by hand.

    place, at: number and time of the last event that raised it.
    """

    clicks: int = 0
    said: set[str] = field(default_factory=set)
    hidden: bool = False
    place: int = 0
    at: float = 0.0

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
    first_look: bool = True

    def do(self, visitor_id: str, *acts: tuple[str, str, bool]) -> None:
        """The visitor sends a batch of (item, kind, undo)."""
        events = []
        for item_id, kind, undo in acts:
            self.number += 1
            events.append({"event_id": str(self.number), "kind": kind, "item_id": item_id, "undo": undo})
            self.pairs.setdefault((visitor_id, item_id), Pair()).take(kind, undo, self.number, self.now)
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

    def counted(self) -> list[str]:
        """Visitors who train models."""
        return [name for name in VISITORS if name not in self.excluded and not VISITORS[name].holdout]


@contextmanager
def open_site() -> Iterator[Site]:
    """A site of its own; everybody has seen a slate before they do anything."""
    with tempfile.TemporaryDirectory() as folder:
        # Growth never brings on a fit of everything, so that following row by row is what is asked.
        small = {
            "refit_growth": 1000.0,
            "factors": 2,
            "iterations": 1,
            "attribute_weight": 0.0,
            "transition_weight": 0.0,
        }
        settings = load_settings(
            environment={}, overrides={"var": Path(folder), "secret_key": "x", "group_commit_ms": 0} | small
        )
        items = make_items(ITEMS)
        catalog = Catalog.from_items(items)
        with Store.create(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
            writer.run(lambda db: insert_items(db, items))
            for name, visitor in VISITORS.items():
                shown = replace(SHELF, slate_id=f"first-{name}", visitor_id=name, served_at=NOW - 1.0)
                writer.run(partial(ensure_visitor, visitor=visitor))
                writer.run(partial(log_slates, slates=[shown]))
            rules = contribution_rules(settings)
            board = PopularityBoard(store, catalog, rules, epoch=NOW, refresh_s=0.0, now=lambda: NOW + 1e9)
            models = ModelHolder(
                CurrentModelWatch(settings.models_folder),
            )
            serve = Serve(settings, store, writer, catalog, models, board)
            recorder = Recorder(writer, catalog, settings, serve.on_recorded)
            yield Site(settings, store, writer, recorder, serve, board, TrainingState(settings, None))


SHELF = replace(SLATE, shelf="for-you", policy="als", model_version=1)


def ask_everybody(site: Site) -> None:
    """Ask every reader, and compare with what was worked out by hand."""
    conn = site.store.reader()
    site.now += 1.0
    shown = [replace(SHELF, slate_id=f"{name}-{site.now}", visitor_id=name, served_at=site.now) for name in VISITORS]
    site.writer.run(lambda db: log_slates(db, shown))
    followed = site.trainer.follow(site.store)
    assert not followed.rebuilt or followed.forgot or followed.read == 0 or site.first_look
    site.first_look = site.trainer.als is None
    anew = TrainingState(site.settings, None)
    anew.follow(site.store)
    neighbours = recent_training_rows(site.store, contribution_rules(site.settings), 10_000).values()
    logged = read_situations(site.store, site.settings, ["real"])
    situations = {found.shelf.visitor_id: found for found in logged if found.shelf.served_at == site.now}
    ledger = open_ledger(site.store, site.settings)
    ledger.follow()
    for name in VISITORS:
        expected = site.history(name)
        own = {item: pair for (who, item), pair in site.pairs.items() if who == name}
        page = site.serve._histories.get(name)
        assert list(page.weights.items()) == expected, "a page"
        assert page.opinions.hidden == {item for item, pair in own.items() if pair.hidden}
        for kind, found in (("save", page.opinions.saved), ("use", page.opinions.used)):
            assert found == {item for item, pair in own.items() if kind in pair.said}
        assert page.opinions.liked == {item for item, pair in own.items() if "like" in pair.said and not pair.hidden}
        trains = expected if name in site.counted() else []
        for trainer in (site.trainer, anew):
            log = {} if trainer.als is None else trainer.als.log.history(name)
            assert list(log.items()) == trains, "the trainer, following and anew"
        summed: dict[str, float] = {}
        for row in neighbours:
            if row.visitor_id == name:
                summed[row.item_id] = summed.pop(row.item_id, 0.0) + row.weight
        assert list(summed.items()) == trains, "neighbours, and the baseline of the site"
        slate_id = f"{name}-{site.now}"
        behind = lineage(site.store, Registry(site.settings), site.settings, slate_id)
        assert list(behind.history) == expected, "lineage"
        situation = situations.get(name)
        judged = [] if name in site.excluded else expected
        assert list(situation.history.items() if situation else []) == judged, "off-policy"
        if situation is not None:
            assert situation.hidden == page.opinions.hidden
        place = ledger._visitors.find(name)
        assert place is not None
        sums = dict(zip(COLUMNS, ledger._visitors.sums[place].tolist(), strict=True))
        assert sums["uses"] == len(page.opinions.used), "the ledger"
        assert sums["hides"] == len(page.opinions.hidden)
        assert ledger._visitors.counted[place] == (name not in site.excluded)
        export = export_visitor(conn, name)
        assert export is not None
        worth = sum(WORTH.get(change["kind"], 0.0) * change["weight"] for change in export["interactions"])
        assert worth == pytest.approx(sum(weight for _, weight in expected)), "what a visitor may take along"
    holdout = site.trainer.holdout()
    assert [*holdout.cases] == [*anew.holdout().cases]
    assert {str(case.target) for case in holdout.cases} <= {item for item, _ in site.history("judge")}
    assert "judge" not in site.excluded or not holdout.cases, "the exam"
    chosen = {
        f"item-{n:03}": sum(
            site.pairs[name, f"item-{n:03}"].weight > 0
            for name in VISITORS
            if name not in site.excluded and (name, f"item-{n:03}") in site.pairs
        )
        for n in range(ITEMS)
    }
    assert item_choices(conn, 0) == {item_id: count for item_id, count in chosen.items() if count}, "risks"
    assert list(site.board.order()) == popular_by_hand(site), "popularity, both arms"
    rules = contribution_rules(site.settings)
    fresh = PopularityBoard(site.store, Catalog.from_items(make_items(ITEMS)), rules, epoch=NOW, now=lambda: NOW + 1e9)
    assert list(fresh.order()) == popular_by_hand(site), "popularity after a start"


def popular_by_hand(site: Site) -> list[str]:
    sums = dict.fromkeys([f"item-{n:03}" for n in range(ITEMS)], 0.0)
    for (who, item_id), pair in site.pairs.items():
        if who not in site.excluded:
            age = (pair.at - NOW) / (HALF_LIFE_DAYS * DAY)
            sums[item_id] += min(pair.weight, site.settings.steered_weight) * 2.0**age
    most = max(sums.values()) or 1.0
    return sorted(sums, key=lambda item_id: (-round(sums[item_id] / most / 1e-9), item_id))


ACT = st.tuples(
    st.sampled_from([f"item-{n:03}" for n in range(ITEMS)]),
    st.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
    st.booleans(),
)
STEP = st.one_of(
    st.tuples(st.sampled_from([*VISITORS]), st.lists(ACT, min_size=1, max_size=5)),
    st.tuples(st.just("ann"), st.lists(ACT, min_size=1, max_size=3)),
    st.sampled_from([*VISITORS]),
    st.sampled_from([0.5, 3_600.0, 28 * DAY]),
    st.none(),
)


@given(steps=st.lists(STEP, max_size=25))
@hypothesis_settings(deadline=None, max_examples=25)
def test_every_reader_says_the_same_of_what_visitors_did(
    steps: list[tuple[str, list[tuple[str, str, bool]]] | str | float | None],
) -> None:
    with open_site() as site:
        for step in steps:
            if isinstance(step, tuple):
                site.do(step[0], *step[1])
            elif isinstance(step, str):
                site.exclude(step)
            elif step is None:
                ask_everybody(site)
            else:
                site.now += step
        ask_everybody(site)


A, B = "item-001", "item-002"
CASES: dict[str, tuple[list[tuple[float, str, str, bool]], dict[str, float]]] = {
    "a like undone after 28 days": ([(0, A, "like", False), (28 * DAY, A, "like", True)], {}),
    "like, like, undo": ([(0, A, "like", False), (1, A, "like", False), (2, A, "like", True)], {}),
    "like, then dislike": ([(0, A, "like", False), (1, A, "dislike", False)], {}),
    "click a, click b, like a, undo": (
        [(0, A, "click", False), (1, B, "click", False), (2, A, "like", False), (3, A, "like", True)],
        {B: 1.0, A: 1.0},
    ),
    "like, dislike, undo of the dislike": (
        [(0, A, "like", False), (1, A, "dislike", False), (2, A, "dislike", True)],
        {A: 3.0},
    ),
    "200 likes": ([(float(n), A, "like", False) for n in range(200)], {A: 3.0}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_readers_disagreed_about_has_one_value(name: str) -> None:
    acts, expected = CASES[name]
    with open_site() as site:
        start = site.now
        for after_s, item_id, kind, undo in acts:
            site.now = max(site.now, start + after_s)
            site.do("ann", (item_id, kind, undo))
            if len(acts) < 10:
                ask_everybody(site)
        assert dict(site.history("ann")) == expected
        assert [item for item, _ in site.history("ann")] == list(expected)
        ask_everybody(site)
        popular = list(site.board.order().clicked)
        assert sorted(popular) == sorted(expected)


def test_an_exclusion_takes_a_visitor_out_of_every_reader_and_its_end_brings_them_back() -> None:
    with open_site() as site:
        site.do("ann", (A, "click", False), (B, "like", False))
        site.do("bob", (B, "use", False))
        ask_everybody(site)
        site.exclude("ann")
        ask_everybody(site)
        assert list(site.board.order().clicked) == [B]
        site.exclude("ann")
        ask_everybody(site)
        assert list(site.board.order().clicked) == [B, A]


def test_control_sees_no_choice_of_an_excluded_visitor() -> None:
    with open_site() as site:
        site.do("bob", (B, "like", False))
        site.exclude("bob")
        page = site.serve.home(VISITORS["cy"], site.now)
        assert {entry.source for shelf in page.shelves for entry in shelf.entries} <= {"editorial", "new"}
        assert np.isfinite(page.shelves[0].entries[0].propensity)
