"""A first model while none is published: pages wait for the first one only."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from app.serve.fallback import FirstModelFallback
from app.store import Store
from app.values.visitor import Visitor
from recommender import FactorModel, ItemToItemModel
from tests.app.serve.conftest import Stage
from tests.conftest import NOW


def test_the_old_model_serves_while_a_new_one_is_made(stage: Stage, treated: Visitor, store: Store) -> None:
    now = [0.0]
    fallback = FirstModelFallback(store, stage.settings, clock=lambda: now[0])
    stage.open(treated, "item-000", "item-001")
    stage.settle()
    first = fallback.model()
    assert first is not None
    stage.open(treated, "item-002")
    stage.settle()
    now[0] = 20.0
    assert fallback.model() is first, "not due yet"
    now[0] = 31.0
    assert fallback.model() is first, "due, but no page waits for it"
    deadline = time.monotonic() + 10.0
    while fallback.model() is first:
        assert time.monotonic() < deadline, "nobody made a new one"
    model = fallback.model()
    assert isinstance(model, FactorModel)
    assert "item-002" in model.item_ids


def test_first_clicks_reach_items_that_nobody_opened_and_say_why(stage: Stage, treated: Visitor) -> None:
    stage.open(treated, "item-000", "item-006")
    page = stage.serve.home(treated, NOW)
    entries = next(shelf for shelf in page.shelves if shelf.key == "for-you").entries
    assert {entry.source for entry in entries} <= {"first-factors", "explore"}
    assert stage.serve.state().fallback == "first-factors"
    assert page.notice is None
    assert all(entry.causes for entry in entries if entry.source == "first-factors")


def test_a_catalog_that_is_too_large_for_a_page_to_wait_and_whoever_wants_it_get_neighbours(
    stage: Stage, treated: Visitor, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.open(treated, "item-000", "item-001")
    stage.settle()
    without = replace(stage.settings, first_factors=False)
    assert isinstance(FirstModelFallback(store, without).model(), ItemToItemModel)
    monkeypatch.setattr("app.models.first_model.MAX_ITEMS", 3)
    assert isinstance(FirstModelFallback(store, stage.settings).model(), ItemToItemModel)
