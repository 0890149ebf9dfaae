"""What ranks and what says why is kept while a visitor does nothing, and answers as what is made anew would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from app.catalog import Catalog
from app.models.publish import CHALLENGER_POINTER
from app.serve.first_row.row import FirstRow
from app.serve.kept.by_history import KeptByHistory, KeptRanker
from app.serve.kept.left_out import LeftOut
from app.serve.rankers import LearnedRanker
from app.serve.reasons import Reasons
from app.serve.rules.want import Want
from app.settings import Settings
from app.store.rules import add_rule
from app.values.item import Item
from app.values.rule import Rule
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage, publish_model
from tests.app.serve.test_row import look
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


def test_no_pool_is_held_of_who_was_forgotten_while_a_page_was_made(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    shelves, page, _ = stage.serve._start(treated, NOW)
    stage.serve.forget(treated.visitor_id)
    shelves.add_for_you(page)
    assert not stage.serve._pools._pools


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


def test_what_the_shop_hides_is_held_once_for_all_rankings(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    stage.writer.run(partial(add_rule, rule=Rule("hide", "type", "poster"), by="a test", at=NOW))
    stage.serve.rules.refresh()
    off_lists = stage.serve.rules.applied.hidden
    assert len(off_lists) == 15
    for _ in range(2):
        stage.serve.home(treated, NOW)
    shelves = stage.serve.shelves(treated)
    kept = stage.serve._kept.of(treated.visitor_id, shelves.history, shelves.model, shelves.catalog)
    left_out = [asked[1] for asked in kept.rankings]
    assert left_out
    for named in left_out:
        assert isinstance(named, LeftOut)
        assert named.off_lists is off_lists
        assert off_lists.isdisjoint(named.others)
    assert LeftOut.of([], off_lists) != LeftOut.of(off_lists, off_lists)
    part = sorted(off_lists)[:3]
    assert LeftOut.of(part, off_lists) == LeftOut(frozenset(), frozenset(part))


def test_nothing_is_kept_of_a_question_that_leaves_out_thousands(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *OPENED)
    many = frozenset(f"unknown-{number}" for number in range(2_000))
    stage.serve.recommend(treated, NOW, 6, Want(exclude=many))
    shelves = stage.serve.shelves(treated)
    kept = stage.serve._kept.of(treated.visitor_id, shelves.history, shelves.model, shelves.catalog)
    assert not kept.rankings
    assert not stage.serve._pools._pools
    stage.serve.recommend(treated, NOW, 6, Want(exclude=frozenset(["item-030"])))
    assert kept.rankings
    assert stage.serve._pools._pools


def test_a_first_row_is_looked_up_until_something_was_on_screen_or_strengths_are_learned(
    stage: Stage, publish: Callable[..., None], treated: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.serve.first_row.row.CANDIDATES", 10)  # the model knows few items
    publish(1)
    stage.open(treated, *OPENED)

    def row(k: int = 6, asked: tuple[str, ...] = ()) -> FirstRow:
        shelves = stage.serve.shelves(treated)
        assert shelves.first_row is not None
        of_these = replace(shelves, first_row=replace(shelves.first_row, asked=asked))
        return of_these.row_of(shelves.ranker, shelves.history, k, (), NOW)

    first = row()
    assert row() is first
    assert row(k=5) is not first
    assert row(asked=(make_items()[0].type,)) is not first
    assert row() is first
    [shelf] = stage.serve.recommend(treated, NOW, 10).shelves
    look(stage, treated, shelf)
    second = row()
    assert second is not first
    stage.serve.balance.learn()
    assert row() is not second


def test_what_popularity_filled_up_is_ranked_anew(stage: Stage, settings: Settings, treated: Visitor) -> None:
    publish_model(settings, 1, {"known": [item.item_id for item in make_items()[:20]]})
    stage.models.poll()
    stage.open(treated, *OPENED)
    shelves = stage.serve.shelves(treated)
    assert shelves.model is not None
    learned = LearnedRanker(shelves.model, "als", shelves.catalog, shelves.baseline)
    kept = KeptByHistory(lambda visitor_id, history: True, _standing)
    ranker = KeptRanker(learned, kept.of("v", shelves.history, shelves.model, shelves.catalog))
    weights = shelves.history.weights
    best = ranker.rank(weights, 10, ())
    assert ranker.rank(weights, 10, ()) is best
    more = ranker.rank(weights, 30, ())
    assert [more[0].source, more[-1].source] == ["als", shelves.baseline.source]
    assert ranker.rank(weights, 30, ()) is not more


def _standing(item: Item) -> str:
    return item.title
