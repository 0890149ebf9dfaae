"""Wild cards belong to a visit: drawn from what it began with, they keep their places, with the chances on record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from scipy.stats import binomtest, chisquare

from app.catalog import Catalog
from app.serve.first_row.row import FirstRowMaker
from app.serve.first_row.visit_pools import PoolOf, VisitPools
from app.serve.kept.left_out import LeftOut
from app.serve.page import Page, Shelf
from app.serve.recommending import ranked_by
from app.serve.rules.want import Want
from app.settings import Settings
from app.store.wishes import MAX_LEVEL
from app.values.rule import Rule
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.history import VISIT_GAP_S
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items

Publish = Callable[[int], None]
OPENED = ["item-001", "item-004", "item-010", "item-019", "item-007", "item-022"]
FALSE_ALARMS = 1e-4
NOTHING = LeftOut.of((), frozenset())


def for_you(page: Page) -> Shelf:
    return page.shelves[0]


def wild_cards(shelf: Shelf) -> dict[int, str]:
    return {entry.position: entry.item.item_id for entry in shelf.entries if entry.source == "explore"}


def newcomer(settings: Settings, name: str) -> Visitor:
    return replace(new_visitor(settings, now=NOW, visitor_id=name), arm="treatment", holdout=False)


def test_a_wild_card_keeps_its_place_through_a_visit_until_it_is_opened_or_ranked(
    stage: Stage, publish: Publish, settings: Settings
) -> None:
    publish(1)
    kept, ended = 0, 0
    for number in range(30):
        visitor = newcomer(settings, f"wild-{number}")
        before: dict[int, str] = {}
        opened = []
        for step, item_id in enumerate(OPENED):
            stage.recorder.record_one(visitor, "click", item_id, received_at=NOW + 60 * step)
            opened.append(item_id)
            row = for_you(stage.serve.home(visitor, NOW + 60 * step + 1))
            after = wild_cards(row)
            ranked = {entry.item.item_id for entry in row.entries if entry.source != "explore"}
            for place, shown in before.items():
                kept += after.get(place) == shown
                ended += shown in opened or shown in ranked
                assert after.get(place) == shown or shown in opened or shown in ranked
            before = after
    assert kept > 60
    assert kept > 2 * ended, "half of this small catalog is ranked at one time or another"


def test_another_process_and_one_that_starts_anew_show_the_same_wild_cards(
    stage: Stage, publish: Publish, settings: Settings
) -> None:
    publish(1)
    seen = set()
    for number in range(20):
        visitor = newcomer(settings, f"wild-{number}")
        for item_id in OPENED:
            stage.open(visitor, item_id)
            first = wild_cards(for_you(stage.serve.home(visitor, NOW)))
        stage.serve.forget_everybody()
        assert wild_cards(for_you(stage.serve.home(visitor, NOW))) == first
        seen |= set(first.items())
    assert len(seen) > 5


def test_frequencies_after_clicks_are_the_propensities_on_record(
    stage: Stage, publish: Publish, treated: Visitor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many visits that began alike and went alike: only the draws differ."""
    publish(1)
    stage.serve._settings = replace(settings, exploration_share=0.3)
    stage.open(treated, *OPENED[:3])
    seeds, pages = count(), 600
    monkeypatch.setattr(FirstRowMaker, "exploration_seed", lambda *_: next(seeds))
    drawn: Counter[str] = Counter()
    inverse: defaultdict[int, float] = defaultdict(float)
    explored = 0
    for _ in range(pages):
        shelf = for_you(stage.serve.home(treated, NOW))
        for entry in shelf.entries:
            if entry.source == "explore":
                drawn[entry.item.item_id] += 1
                explored += 1
            else:
                inverse[entry.position] += 1 / entry.propensity
                assert entry.position >= settings.exploration_first_place or entry.propensity == 1.0
        stage.settle()
    assert chisquare(list(drawn.values())).pvalue > FALSE_ALARMS, "every item of the pool alike"
    for place in range(settings.exploration_first_place, settings.shelf_size + 1):
        # A place shows a ranked entry with the chance on record, so that the inverses add up to the number of pages.
        assert inverse[place] == pytest.approx(pages, abs=4.5 * (pages * 0.3 / 0.7) ** 0.5), place
    shown = explored / (pages * (settings.shelf_size - settings.exploration_first_place + 1))
    assert 0.15 < shown < 0.3


def test_one_item_is_drawn_as_often_as_its_propensity_says(
    stage: Stage, publish: Publish, treated: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1)
    stage.open(treated, *OPENED[:2])
    seeds, pages = count(), 500
    monkeypatch.setattr(FirstRowMaker, "exploration_seed", lambda *_: next(seeds))
    seen: Counter[tuple[int, str]] = Counter()
    claimed: dict[tuple[int, str], list[float]] = {}
    for _ in range(pages):
        for entry in for_you(stage.serve.home(treated, NOW)).entries:
            if entry.source == "explore":
                seen[entry.position, entry.item.item_id] += 1
                claimed.setdefault((entry.position, entry.item.item_id), []).append(entry.propensity)
        stage.settle()
    assert len(claimed) > 50
    for shown, chances in claimed.items():
        chance = float(np.mean(chances))
        assert binomtest(seen[shown], pages, chance).pvalue > FALSE_ALARMS / len(claimed), (shown, seen[shown], chance)


def test_what_a_visitor_asks_for_begins_a_pool_of_its_own(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *OPENED[:2])
    shelves, page, _ = stage.serve._start(treated, NOW)
    assert shelves.first_row is not None
    row = shelves.row_of(shelves.ranker, shelves.history, 6, (), NOW, None, 30)

    def pool(**changes: object) -> list[str]:
        assert shelves.first_row is not None
        history = replace(shelves.history, **changes)  # type: ignore[arg-type]
        places = slice(6, 30)
        return list(shelves.first_row.pool(row, shelves.ranker, places, history, page, 1, shelves.catalog))

    plain = pool()
    assert len(plain) > 10
    assert plain == pool()
    assert pool(weights={**shelves.history.weights, plain[0]: 1.0}) == plain[1:], "what is chosen leaves the pool"
    kept = stage.serve._pools
    asked = PoolOf(0.0, shelves.history.start, {"type:poster": -MAX_LEVEL}, 1, 30, NOTHING, ())
    assert kept.of(treated.visitor_id, asked, shelves.catalog, lambda: ["anew"]) == ["anew"]


@pytest.mark.parametrize(
    "want",
    [
        Want(exclude=frozenset(item.item_id for item in make_items()[30:45])),
        Want(rules=(Rule("boost", "type", "poster", 5.0),)),
    ],
)
def test_what_another_question_wanted_does_not_change_what_a_page_draws_from(
    stage: Stage, publish: Publish, settings: Settings, want: Want
) -> None:
    publish(1)
    stage.serve._settings = replace(settings, exploration_share=0.5, exploration_pool=20)
    for number in range(10):
        visitor = newcomer(settings, f"asks-{number}")
        stage.open(visitor, OPENED[0])
        alone = for_you(stage.serve.home(visitor, NOW))
        stage.serve.forget_everybody()
        stage.serve.recommend(visitor, NOW, 6, want)
        after = for_you(stage.serve.home(visitor, NOW))
        assert after.entries == alone.entries


def test_a_pool_drops_what_the_visitor_hides_and_goes_on_as_one_made_anew(
    stage: Stage, publish: Publish, settings: Settings
) -> None:
    publish(1)
    stage.serve._settings = replace(settings, exploration_share=0.5, exploration_pool=20)
    for number in range(10):
        visitor = newcomer(settings, f"hides-{number}")
        stage.open(visitor, *OPENED[:2])
        shown = wild_cards(for_you(stage.serve.home(visitor, NOW)))
        for item_id in shown.values():
            stage.open(visitor, item_id, kind="dislike")
        held = for_you(stage.serve.home(visitor, NOW))
        stage.serve.forget_everybody()
        anew = for_you(stage.serve.home(visitor, NOW))
        assert wild_cards(held) == wild_cards(anew)
        assert [entry.propensity for entry in held.entries] == [entry.propensity for entry in anew.entries]


def test_pools_of_who_is_forgotten_and_of_another_catalog_are_dropped(catalog: Catalog) -> None:
    pools, key = VisitPools(), PoolOf(0.0, {"a": 1.0}, {}, 1, 30, NOTHING, ())
    other = catalog.with_changes(catalog.items[:1])
    assert pools.of("ann", key, catalog, lambda: ["a"]) == pools.of("ann", key, catalog, lambda: ["b"]) == ["a"]
    pools.forget(["ann"])
    assert pools.of("ann", key, catalog, lambda: ["c"]) == ["c"]

    def erased_meanwhile() -> list[str]:
        pools.forget(["bob"])
        return ["d"]

    assert pools.of("bob", key, catalog, erased_meanwhile) == ["d"]
    assert pools.of("bob", key, catalog, lambda: ["e"]) == ["e"], "what was made while they were erased is not kept"
    pools.forget_all()
    assert pools.of("ann", key, catalog, lambda: ["f"]) == ["f"]
    assert pools.of("ann", key, other, lambda: ["g"]) == pools.of("ann", key, other, lambda: ["h"]) == ["g"]
    assert pools.of("ann", key, catalog, lambda: ["i"]) == ["i"]


def test_a_question_about_some_items_draws_from_these(stage: Stage, publish: Publish, settings: Settings) -> None:
    publish(1)
    stage.serve._settings = replace(settings, exploration_share=0.7)
    visitor = newcomer(settings, "asks")
    stage.open(visitor, *OPENED[:2])
    for _ in range(3):
        page = stage.serve.recommend(visitor, NOW, 6, Want(type="poster"))
        assert {entry.item.type for entry in for_you(page).entries} == {"poster"}


@pytest.mark.parametrize("later", [0.0, 2 * VISIT_GAP_S])
def test_a_question_by_a_cart_draws_from_what_goes_with_it(
    stage: Stage, publish: Publish, settings: Settings, later: float
) -> None:
    publish(1)
    visitor = newcomer(settings, "shops")
    stage.open(visitor, *OPENED[:3])
    shelves, page, _ = stage.serve._start(visitor, NOW + later)
    cart = ranked_by(shelves, ["item-020", "item-041"])
    row = cart._first_row(cart.ranker, 6, settings.exploration_pool, page)
    pool = list(cart._pool(page, row, 6))
    assert pool
    assert pool == list(row.best[settings.shelf_size :][: settings.exploration_pool])


def test_the_pool_is_what_stood_when_the_visit_began(stage: Stage, settings: Settings) -> None:
    visitor = newcomer(settings, "starts")

    def start(at: float) -> list[str]:
        return list(stage.serve._histories.get(visitor.visitor_id).at_start(at))

    starts = []
    for step, item_id in enumerate(OPENED[:4]):
        at = NOW + 60 * step + (step >= 2) * 2 * VISIT_GAP_S
        stage.recorder.record_one(visitor, "click", item_id, received_at=at)
        starts.append(start(at))
    assert starts == [OPENED[:1], OPENED[:1], OPENED[:2], OPENED[:2]]
    assert start(NOW + 9 * VISIT_GAP_S) == OPENED[:4], "the next visit begins with all"
