"""One fold: whatever visitors do and take back, every reader says the same of it.

Random sequences of events go through the real recorder; what stands is also worked out by hand (site_by_hand.py), from
the law in docs/interactions.md, and every reader is asked: pages, trainer, neighbours, popularity, judges, off-policy,
lineage, ledger, risks and exports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.catalog import Catalog
from app.learn.off_policy import read_situations
from app.learn.training_state import TrainingState
from app.measure.evaluation.holdout import NEUTRAL
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.ratio import COLUMNS
from app.measure.governance.lineage import lineage
from app.models.registry import Registry
from app.serve.popularity import HALF_LIFE_DAYS, PopularityBoard
from app.store.measures.risk_counts import item_choices
from app.store.slates import log_slates
from app.store.visitors import export_visitor
from app.visitors.contribution import contribution_rules, recent_training_rows
from tests.app.site_by_hand import BY_LOT, DAY, ITEMS, SHELF, VISITORS, WORTH, Site, open_site
from tests.conftest import NOW, NewUrl, make_items


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
        trains = site.training(name)
        for trainer in (site.trainer, anew):
            log = {} if trainer.als is None else trainer.als.log.history(name)
            assert_same(log, trains, "the trainer, following and anew")
        summed: dict[str, float] = {}
        for row in neighbours:
            if row.visitor_id == name:
                summed[row.item_id] = summed.pop(row.item_id, 0.0) + row.weight
        assert_same(summed, trains, "neighbours, and the baseline of the site")
        slate_id = f"{name}-{site.now}"
        behind = lineage(site.store, Registry(site.settings), site.settings, slate_id)
        assert list(behind.history) == expected, "lineage"
        situation = situations.get(name)
        judged = [] if name in site.excluded else expected
        assert list(situation.history.items() if situation else []) == judged, "off-policy"
        if situation is not None:
            assert situation.hidden == page.opinions.hidden
        place = ledger._counting.visitors.find(name)
        assert place is not None
        sums = dict(zip(COLUMNS, ledger._counting.visitors.sums[place].tolist(), strict=True))
        assert sums["uses"] == len(page.opinions.used), "the ledger"
        assert sums["hides"] == len(page.opinions.hidden)
        assert ledger._counting.visitors.counted[place] == (name in site.counted()), (
            "who judges models is in neither arm"
        )
        export = export_visitor(conn, name)
        assert export is not None
        worth = sum(WORTH.get(change["kind"], 0.0) * change["weight"] for change in export["interactions"])
        assert worth == pytest.approx(sum(weight for _, weight in expected)), "what a visitor may take along"
    assert site.trainer.holdout() == anew.holdout()
    ask_the_exam(site)
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


def assert_same(
    found: dict[str, float] | dict[str | int, float], expected: list[tuple[str, float]], reader: str
) -> None:
    """The same items in the same order; a share of a weight may be rounded."""
    assert list(found) == [item for item, _ in expected], reader
    assert list(found.values()) == pytest.approx([weight for _, weight in expected], rel=1e-6), reader


def ask_the_exam(site: Site) -> None:
    """Choices from the slate drawn by lot judge, by the inverse of their chance; without any, the judge's others."""
    holdout = site.trainer.holdout()
    by_lot = holdout.basis == NEUTRAL
    if not by_lot:
        assert all(choice.given_back for choice in site.exam(by_lot=True)), "the exam takes what was drawn by lot"
    expected = site.exam(by_lot)
    asked = [(dict(case.history), case.target) for case in holdout.cases if isinstance(case.history, Mapping)]
    assert len(asked) == len(holdout.cases)
    assert all(found in [(choice.past, choice.item_id) for choice in expected] for found in asked), "the exam"
    assert all((choice.past, choice.item_id) in asked for choice in expected if not choice.given_back), "the exam"
    chances = dict(zip(BY_LOT.items, BY_LOT.propensities, strict=True))
    assert list(holdout.weights) == [1.0 / chances[str(item)] if by_lot else 1.0 for _, item in asked]


def popular_by_hand(site: Site) -> list[str]:
    sums = dict.fromkeys([f"item-{n:03}" for n in range(ITEMS)], 0.0)
    for (who, item_id), pair in site.pairs.items():
        if who not in site.excluded:
            age = (pair.at - NOW) / (HALF_LIFE_DAYS * DAY)
            say = site.settings.popularity_weight if pair.answered else site.settings.steered_weight
            sums[item_id] += min(pair.weight, say) * 2.0**age
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
    new_url: NewUrl,
    steps: list[tuple[str, list[tuple[str, str, bool]]] | str | float | None],
) -> None:
    with open_site(database_url=new_url()) as site:
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
def test_what_readers_disagreed_about_has_one_value(new_url: NewUrl, name: str) -> None:
    acts, expected = CASES[name]
    with open_site(database_url=new_url()) as site:
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


def test_what_a_model_placed_trains_by_a_share_and_what_the_lot_placed_is_the_exam_for_every_reader(
    new_url: NewUrl,
) -> None:
    placed, explored = SHELF.items
    with open_site(database_url=new_url()) as site:
        site.do("bob", (placed, "like", False), (explored, "like", False), (A, "like", False))
        share = site.settings.placed_weight
        assert share < 1
        assert site.training("bob") == [(placed, 3.0 * share), (explored, 3.0), (A, 3.0)]
        ask_everybody(site)
        site.do("judge", (A, "click", False), (explored, "click", False), (placed, "like", False))
        ask_everybody(site)
        holdout = site.trainer.holdout()
        assert [(case.target, weight) for case, weight in zip(holdout.cases, holdout.weights, strict=True)] == [
            (explored, 4.0),
            (placed, 2.0),
        ]
        site.do("judge", (placed, "like", True), (explored, "click", True), (B, "like", False))
        ask_everybody(site)


def test_an_exclusion_takes_a_visitor_out_of_every_reader_and_its_end_brings_them_back(
    new_url: NewUrl,
) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("ann", (A, "click", False), (B, "like", False))
        site.do("bob", (B, "use", False))
        ask_everybody(site)
        site.exclude("ann")
        ask_everybody(site)
        assert list(site.board.order().clicked) == [B]
        site.exclude("ann")
        ask_everybody(site)
        assert list(site.board.order().clicked) == [B, A]


def test_control_sees_no_choice_of_an_excluded_visitor(new_url: NewUrl) -> None:
    with open_site(database_url=new_url()) as site:
        site.do("bob", (B, "like", False))
        site.exclude("bob")
        page = site.serve.home(VISITORS["cy"], site.now)
        assert {entry.source for shelf in page.shelves for entry in shelf.entries} <= {"editorial", "new"}
        assert np.isfinite(page.shelves[0].entries[0].propensity)
