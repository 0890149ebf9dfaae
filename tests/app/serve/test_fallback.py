"""Item-to-item neighbours while no model is in use: pages wait for the first ones only."""

from __future__ import annotations

import time

from app.serve.fallback import ItemToItemFallback
from app.store import Store
from app.values.visitor import Visitor
from app.visitors.contribution import contribution_rules
from tests.app.serve.conftest import Stage


def test_old_neighbours_serve_while_new_ones_are_made(stage: Stage, treated: Visitor, store: Store) -> None:
    now = [0.0]
    fallback = ItemToItemFallback(store, contribution_rules(stage.settings), clock=lambda: now[0])
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
        assert time.monotonic() < deadline, "nobody made new ones"
    model = fallback.model()
    assert model is not None
    assert "item-002" in model.item_ids
