"""What ranks and what says why is kept while a visitor does nothing, and answers as what is made anew would."""

from __future__ import annotations

from collections.abc import Callable

from app.catalog import Catalog
from app.models.publish import CHALLENGER_POINTER
from app.serve.insight.kept_by_history import KeptByHistory
from app.serve.reasons import Reasons
from app.values.item import Item
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items

OPENED = ("item-000", "item-003", "item-009")


def _why(stage: Stage, visitor: Visitor) -> Reasons:
    return stage.serve.shelves(visitor).why


def _said(stage: Stage, visitor: Visitor) -> list[str]:
    [shelf] = stage.serve.recommend(visitor, NOW, 10).shelves
    return [entry.reason for entry in shelf.entries]


def test_it_is_kept_until_the_visitor_does_something(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    first = _why(stage, treated)
    assert _why(stage, treated) is first
    stage.open(treated, "item-012")
    assert _why(stage, treated) is not first


def test_it_says_again_what_it_said_and_what_a_new_one_says(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    first = _said(stage, treated)
    assert any("opened" in said or "%" in said for said in first)
    assert _said(stage, treated) == first
    stage.serve.forget_everybody()
    assert _said(stage, treated) == first


def test_another_model_or_catalog_leaves_nothing_of_the_one_before(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    first = _why(stage, treated)
    publish(2, keep_to="type")
    second = _why(stage, treated)
    assert second is not first
    stage.serve.use_catalog(Catalog.from_items(make_items()))
    assert _why(stage, treated) is not second


def test_a_model_on_trial_has_its_own(stage: Stage, publish: Callable[..., None], treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    first = _why(stage, treated)
    publish(2, keep_to="type", pointer_name=CHALLENGER_POINTER)
    assert _why(stage, treated) is first


def test_nothing_is_held_of_who_was_forgotten_while_a_page_was_made(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    shelves = stage.serve.shelves(treated)
    kept = KeptByHistory(lambda visitor_id, history: visitor_id != "erased", _standing)
    for visitor_id in ("erased", "other"):
        kept.of(visitor_id, shelves.history, shelves.model, shelves.catalog)
    assert len(kept) == 1
    kept.forget(["other"])
    assert len(kept) == 0


def test_reasons_with_wishes_follow_from_a_ranking_and_are_not_held(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    why = _why(stage, treated)
    assert why.with_wish(None) is why
    assert why.with_wish(lambda item_id: 1.0) is not why


def test_a_ranking_is_looked_up_when_the_same_is_asked_of_the_same_history(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    shelves = stage.serve.shelves(treated)
    weights, among = shelves.history.weights, shelves.among(make_items()[0].type, None)
    first = shelves.ranker.rank(weights, 5, {"item-001"})
    assert shelves.ranker.rank(weights, 5, frozenset({"item-001"})) is first
    others = [
        shelves.ranker.rank(weights, 6, {"item-001"}),
        shelves.ranker.rank(weights, 5, set()),
        shelves.ranker.rank(weights, 2, {"item-001"}, among),
        shelves.ranker.rank(weights, 5, {"item-001"}, repeat=True),
        shelves.ranker.rank(dict(weights), 5, {"item-001"}),
    ]
    assert all(other is not first for other in others)
    assert list(others[-1]) == list(first)


def test_what_popularity_filled_up_is_ranked_anew(stage: Stage, publish: Callable[..., None], treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    shelves = stage.serve.shelves(treated)
    weights, everything = shelves.history.weights, len(shelves.catalog)
    all_of_it = shelves.ranker.rank(weights, everything, ())
    assert shelves.ranker.rank(weights, everything, ()) is not all_of_it


def _standing(item: Item) -> str:
    return item.title
