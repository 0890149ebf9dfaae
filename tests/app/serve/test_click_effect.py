"""What the newest act changed of "For you", against the same row without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.catalog import Catalog
from app.serve.insight.click_effect import ClickEffects, climbs
from app.serve.traits import Trait, parse_trait, traits_of
from app.settings import Settings
from app.store import Store
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW

Publish = Callable[[int], None]


@pytest.fixture
def effects(stage: Stage, store: Store, settings: Settings) -> ClickEffects:
    return ClickEffects(stage.serve, store, settings)


def _row(stage: Stage, visitor: Visitor, *without: str) -> list[str]:
    """The learned row without wild cards, and without some items."""
    shelves = stage.serve.shelves(visitor)
    hidden = shelves.history.opinions.hidden.union(without)
    row = shelves.row_of(shelves.ranker, shelves.history, shelves.size, hidden, NOW)
    return [choice.item_id for choice in row.ranked[: shelves.size]]


def test_the_figures_are_those_of_the_row_with_and_without_the_act(
    stage: Stage, publish: Publish, treated: Visitor, effects: ClickEffects
) -> None:
    publish(1)
    assert effects.of(treated) is None, "a newcomer has done nothing"
    stage.open(treated, "item-001")
    without_it = _row(stage, treated, "item-002")
    stage.open(treated, "item-002")
    after = _row(stage, treated)

    found = effects.of(treated)

    assert found is not None
    assert (found.item_id, found.kind, found.undone, found.opened) == ("item-002", "click", False, 2)
    assert found.places == len(after)
    assert found.entered == set(after) - set(without_it)
    assert all(after.index(item) < without_it.index(item) for item in found.climbed)
    assert 0 < found.moved <= len(after)
    assert found.took_ms > 0
    assert effects.of(treated) is found, "one act is measured once"


def test_the_first_click_of_one_style_brings_more_of_the_style(
    stage: Stage, publish: Publish, treated: Visitor, effects: ClickEffects
) -> None:
    publish(1)
    stage.open(treated, "item-001")
    found = effects.of(treated)
    assert found is not None
    assert found.rising[0][0] == Trait("style", "retro")
    assert found.rising[0][1] >= 2


def test_taking_the_act_back_is_an_act_with_an_effect(
    stage: Stage, publish: Publish, treated: Visitor, effects: ClickEffects
) -> None:
    publish(1)
    stage.open(treated, "item-001", "item-002")
    with_both = effects.of(treated)
    stage.recorder.record_one(treated, "click", "item-002", undo=True, received_at=NOW)
    found = effects.of(treated)
    assert found is not None
    assert with_both is not None
    assert (found.kind, found.undone, found.opened) == ("click", True, 1)
    assert found.moved > 0


def test_control_has_no_bar_because_its_page_does_not_learn(
    stage: Stage, publish: Publish, untreated: Visitor, effects: ClickEffects
) -> None:
    publish(1)
    stage.open(untreated, "item-001")
    assert effects.of(untreated) is None


def test_a_click_without_a_slate_trains_once_its_visitor_is_trusted(
    stage: Stage, publish: Publish, treated: Visitor, effects: ClickEffects
) -> None:
    publish(1)
    stage.open(treated, "item-001")
    found = effects.of(treated)
    assert found is not None
    assert found.trains == ("never" if treated.holdout else "now"), "the visitor came an hour ago"


def test_climbing_is_standing_higher_and_leaving_a_row_is_not() -> None:
    assert climbs(["a", "b", "c"], ["c", "a", "d"]) == {"c": 2}


def test_facets_are_what_people_call_an_item_by(catalog: Catalog) -> None:
    item = catalog.items[0]
    kinds = [trait.kind for trait in traits_of(item)]
    assert kinds[:2] == ["type", "style"]
    assert all(parse_trait(trait.key) == trait for trait in traits_of(item))
    assert [parse_trait(key) for key in ("", "style", "style:", "weight:1")] == [None] * 4
