"""A page goes on with the catalog it began with, whichever part of the site already has the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.catalog import Catalog
from app.serve.shelves import Shelves
from app.values.visitor import Visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items


def test_an_item_that_only_the_order_of_popularity_knows_is_not_yet_shown(
    stage: Stage, catalog: Catalog, untreated: Visitor
) -> None:
    first = replace(make_items()[0], item_id="brand-new", position=-1)
    stage.serve._popularity.use_catalog(catalog.with_changes([first]))
    page = stage.serve.home(untreated, NOW)
    assert page.shelves
    assert "brand-new" not in {entry.item.item_id for shelf in page.shelves for entry in shelf.entries}


def test_items_that_leave_while_a_page_is_made_are_still_on_it(
    stage: Stage,
    catalog: Catalog,
    publish: Callable[..., None],
    treated: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(1)
    stage.open(treated, "item-000")
    made, gone = stage.serve.shelves, [item.item_id for item in make_items()[1:]]

    def shelves_before_the_change(*of: object) -> Shelves:
        found = made(*of)  # type: ignore[arg-type]
        stage.serve.use_catalog(catalog.with_changes((), gone), gone)
        return found

    monkeypatch.setattr(stage.serve, "shelves", shelves_before_the_change)
    assert len(stage.serve.recommend(treated, NOW, 6).shelves[0].entries) == 6
