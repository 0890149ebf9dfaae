"""What the page thinks a visitor likes, and how it follows what they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping

import pytest

from app.catalog import Catalog
from app.catalog.among import Among
from app.serve.insight.click_effect import ClickEffects
from app.serve.insight.taste import Tastes, best_items, chips
from app.serve.rankers import OrderRanker, Ranked
from app.serve.traits import Trait
from app.serve.wishes import WishRanker, wished
from app.settings import Settings
from app.store import Store
from app.store.visitors import ensure_visitor
from app.store.wishes import MAX_WISHES, set_wish, wishes_of
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW

Publish = Callable[[int], None]
RETRO = Trait("style", "retro")


class _Scored:
    """Ranks the catalog by a score that falls by one from item to item."""

    source = "als"

    def __init__(self, catalog: Catalog) -> None:
        self._ids = [item.item_id for item in catalog.items]

    def rank(
        self,
        weights: Mapping[str, float],
        k: int,
        exclude: Collection[str],
        among: Among | None = None,
        *,
        repeat: bool = False,
    ) -> list[Ranked]:
        left = [item_id for item_id in self._ids if item_id not in exclude]
        return [Ranked(item_id, "als", float(len(left) - index)) for index, item_id in enumerate(left)][:k]


def _wish(stage: Stage, visitor: Visitor, trait: Trait, level: int, at: float = NOW + 1) -> None:
    stage.writer.run(lambda db: ensure_visitor(db, visitor))
    stage.writer.run(lambda db: set_wish(db, visitor.visitor_id, trait.key, level, at))
    stage.serve.forget(visitor.visitor_id)


def _styles(stage: Stage, visitor: Visitor, catalog: Catalog) -> Counter[str]:
    shelf = stage.serve.home(visitor, NOW).shelves[0]
    return Counter(entry.item.style for entry in shelf.entries if entry.source != "explore")


def test_the_chips_name_what_was_opened_and_stands_out_with_its_true_share(
    stage: Stage, publish: Publish, treated: Visitor
) -> None:
    publish(1)
    tastes = Tastes(stage.serve)
    assert tastes.of(treated) == ()
    stage.open(treated, "item-001", "item-004", "item-007")
    chip = next(chip for chip in tastes.of(treated) if chip.trait == RETRO)
    shelves = stage.serve.shelves(treated)
    best = shelves.ranker.rank(shelves.history.weights, best_items(shelves.catalog), ())
    retro = [choice for choice in best if shelves.catalog[choice.item_id].style == "retro"]
    assert chip.share == pytest.approx(len(retro) / len(best))
    assert chip.opened == 3
    assert chip.lift > 1.25


def test_more_less_and_left_out_move_the_page_and_can_be_taken_back(
    stage: Stage, publish: Publish, treated: Visitor, catalog: Catalog
) -> None:
    publish(1)
    stage.open(treated, "item-001", "item-002", "item-003")
    before = _styles(stage, treated, catalog)
    other = Trait("style", next(item.style for item in catalog.items if item.style != "retro"))

    _wish(stage, treated, other, 2)
    assert _styles(stage, treated, catalog)[other.value] > before[other.value]
    _wish(stage, treated, other, -2, at=NOW + 2)
    assert _styles(stage, treated, catalog)[other.value] == 0
    assert [chip.level for chip in Tastes(stage.serve).of(treated) if chip.trait == other] == [-2]
    _wish(stage, treated, other, 0, at=NOW + 3)
    assert _styles(stage, treated, catalog)[other.value] >= before[other.value] - 1, "wild cards aside"


def test_a_wish_is_the_newest_act_with_an_effect_of_its_own(
    stage: Stage, publish: Publish, treated: Visitor, store: Store, settings: Settings
) -> None:
    publish(1)
    effects = ClickEffects(stage.serve, store, settings)
    stage.open(treated, "item-001")
    _wish(stage, treated, RETRO, -2)
    found = effects.of(treated)
    assert found is not None
    assert (found.kind, found.item_id, found.trains) == ("wish", RETRO.key, "never")
    assert found.moved > 0


def test_wishes_keep_the_ranker_of_who_has_none(catalog: Catalog) -> None:
    ranker = OrderRanker([item.item_id for item in catalog.items], "popularity")
    assert wished(ranker, {}, catalog) is ranker


def test_a_level_is_worth_one_spread_and_an_order_without_scores_follows_too(catalog: Catalog) -> None:
    ranker = WishRanker(_Scored(catalog), {RETRO.key: 1}, catalog)
    ranked = ranker.rank({}, len(catalog), ())
    scores = [choice.score or 0.0 for choice in ranked]
    assert scores == sorted(scores, reverse=True)
    assert {ranker.bonus(choice.item_id) > 0 for choice in ranked if _style(catalog, choice) == "retro"} == {True}
    assert {ranker.bonus(choice.item_id) for choice in ranked if _style(catalog, choice) != "retro"} == {0.0}
    order = OrderRanker([item.item_id for item in catalog.items], "popularity")
    without = WishRanker(order, {RETRO.key: -2}, catalog).rank({}, len(catalog), ())
    last = [_style(catalog, choice) for choice in without][-sum(item.style == "retro" for item in catalog.items) :]
    assert set(last) == {"retro"}
    assert all(choice.score is None for choice in without)


def test_the_oldest_wish_goes_when_there_are_too_many(stage: Stage, treated: Visitor, store: Store) -> None:
    for number in range(MAX_WISHES + 2):
        _wish(stage, treated, Trait("style", f"s{number}"), 1, at=NOW + number)
    kept = wishes_of(store.reader(), treated.visitor_id)
    assert len(kept) == MAX_WISHES
    assert kept[0].trait == "style:s2"


def test_what_is_as_frequent_as_ever_or_was_never_opened_is_no_like() -> None:
    usual = {RETRO: 0.1, Trait("type", "logo"): 0.2, Trait("type", "menu"): 0.1}
    shares = {RETRO: 0.5, Trait("type", "logo"): 0.22, Trait("type", "menu"): 0.4}
    found = chips(shares, usual, {RETRO: 1, Trait("type", "logo"): 2}, {"style:gone": 1})
    assert [chip.trait for chip in found] == [RETRO]


def test_likes_stand_in_the_order_of_the_shares_that_they_show() -> None:
    common, rare, asked = Trait("type", "poster"), RETRO, Trait("type", "menu")
    usual = {common: 0.11, rare: 0.02, asked: 0.1}
    shares = {rare: 0.14, common: 0.16, asked: 0.05}  # what is rare elsewhere tells more, and shows the smaller share
    found = chips(shares, usual, {rare: 1, common: 1}, {asked.key: 1})
    assert [(chip.trait, chip.share) for chip in found] == [(asked, 0.05), (common, 0.16), (rare, 0.14)]


def _style(catalog: Catalog, choice: Ranked) -> str:
    return catalog[choice.item_id].style
