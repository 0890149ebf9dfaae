"""What pages choose from follows the catalog: what did not change stays ready, and the rest is as if made anew."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from app.catalog import Catalog, Item, Selection
from app.catalog.among import Among
from app.serve.catalog_view import CatalogView
from app.serve.popularity import PopularityBoard
from app.serve.rankers import prepared
from app.serve.rules.applied import AppliedRules
from app.store import Store, Writer
from app.store.item_changes import upsert_items
from app.values.rule import Rule
from app.visitors.contribution import ContributionRules
from recommender import ALSConfig, FactorModel
from tests.conftest import NOW, make_items


def model_of(items: list[Item]) -> FactorModel:
    factors = np.random.default_rng(1).standard_normal((len(items), 4), dtype=np.float32)
    return FactorModel([item.item_id for item in items], factors, np.ones(len(items), dtype=np.float32), ALSConfig(4))


@pytest.fixture(params=["sets", "predicates"])
def _members(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members of a list as of a small catalog, and as of a large one."""
    if request.param == "predicates":
        monkeypatch.setattr("app.catalog.among._SET_OF", 1)


def changes(items: list[Item]) -> Iterator[tuple[list[Item], list[str]]]:
    """Written items and removed ids, step by step."""
    new = replace(items[0], item_id="new", position=len(items), title="Brandnew thing", added_at=NOW, style="retro")
    yield [new], []
    yield [replace(new, style="minimal", tags=("novel",)), replace(items[3], available=False)], []
    yield [replace(items[3], type="poster"), replace(items[7], added_at=NOW + 1)], ["new", items[11].item_id]
    yield [replace(items[number], title="Renamed") for number in range(20, 30)], [items[40].item_id]


def told(among: Among) -> tuple[list[str], list[bool]]:
    return list(among.item_ids), [f"item-{number:03}" in among.members for number in range(60)]


@pytest.mark.usefixtures("_members")
def test_a_view_that_follows_is_one_that_is_made_anew(store: Store, writer: Writer, items: list[Item]) -> None:
    catalog, model = Catalog.from_items(items), model_of(items)
    view = CatalogView(catalog, store.reader)
    view.prepare(model)
    filters = [(None, None), (None, "retro"), ("poster", None), ("poster", "retro"), ("poster", "unicorn")]
    for written, removed in changes(items):
        for of in filters:
            view.among(*of)
        assert view.words.find("poster")
        ready = {of: view.among(*of) for of in filters}
        writer.run(partial(upsert_items, items=written))
        before, catalog = catalog, catalog.with_changes(written, removed)
        changed = [*removed, *(item.item_id for item in written)]
        view, anew = view.followed_by(catalog, changed), CatalogView(catalog, store.reader)
        view.prepare(model)
        assert list(view.newest) == list(anew.newest)
        if view.fresh.is_set:
            assert told(view.fresh) == told(anew.fresh)
        begin = min(catalog[item_id].added_at for item_id in view.fresh.item_ids if item_id in catalog)
        assert all((item.added_at >= begin) == (item.item_id in view.fresh.members) for item in catalog.items)
        for of in filters:
            assert told(view.among(*of)) == told(anew.among(*of))
            same = [item.item_id for item in before.filter(*of)] == [item.item_id for item in catalog.filter(*of)]
            if same and ready[of].is_set:
                assert view.among(*of) is ready[of]
        for among in (view.fresh, view.among("poster", None)):
            ids = [model.item_ids[row] for row in prepared(model, among).indices.tolist()]
            listed = {item_id for item_id in among.item_ids if item_id in model and catalog.shows(item_id)}
            assert {item_id for item_id in ids if catalog.shows(str(item_id))} == listed
        mine, other = view.newcomers(model), anew.newcomers(model)
        assert (mine and mine.alike) == (other and other.alike)
        for text in ("retro poster", "brandnew", "brandnwe", "novel", "renamed"):
            found, fresh = view.words.find(text), anew.words.find(text)
            assert (found.indices.tolist(), found.meant) == (fresh.indices.tolist(), fresh.meant), text
        selection = Selection(tag=("novel",), palette=("warm",))
        assert told(view.selected(selection)) == told(anew.selected(selection))


def test_of_a_change_no_page_looks_through_the_catalog(
    store: Store, items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = CatalogView(Catalog.from_items(items), store.reader)
    view.prepare(model_of(items))
    assert view.words.find("poster")
    new = replace(items[0], item_id="new", position=len(items), added_at=NOW)
    after = view.catalog.with_changes([new])
    for name in ("Facets", "CatalogSearch", "Newcomers.of"):
        monkeypatch.setattr(f"app.serve.catalog_view.{name}", None)
    followed = view.followed_by(after, ["new"])
    assert next(iter(followed.newest)) == "new"
    assert followed.facets.items == len(items) + 1


def test_a_view_that_nobody_uses_is_gone_at_once(store: Store, items: list[Item]) -> None:
    view = CatalogView(Catalog.from_items(items), store.reader)
    assert view.words.find("poster")
    assert view.selected(Selection(tag=("retro",))).item_ids
    assert view.wanted(None, (("style", "retro"),))
    gone = weakref.ref(view), weakref.ref(view.words)
    del view
    assert [ref() for ref in gone] == [None, None], "without the garbage collector"


def test_rules_that_follow_hide_what_they_would_hide_anew(items: list[Item]) -> None:
    rules = [Rule("hide", "style", "retro"), Rule("hide", "item_id", "item-001")]
    catalog = Catalog.from_items(items)
    applied = AppliedRules.of(rules, catalog)
    for written, removed in changes(items):
        catalog = catalog.with_changes(written, removed)
        applied = applied.with_catalog(catalog, [*removed, *(item.item_id for item in written)])
        assert applied.hidden == AppliedRules.of(rules, catalog).hidden


def test_what_was_chosen_keeps_its_order_while_other_items_change(store: Store) -> None:
    items = make_items()
    board = PopularityBoard(store, Catalog.from_items(items), ContributionRules({"click": 1.0}), epoch=NOW)
    order = board.order()
    after = board.catalog.with_changes([replace(items[0], title="Renamed")])
    board.use_catalog(after, [items[0].item_id])
    assert board.order().clicked is order.clicked
    assert board.order().catalog is after
