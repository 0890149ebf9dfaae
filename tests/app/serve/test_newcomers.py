"""A new item stands among its like at once, before any model has been fitted with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.catalog import Catalog
from app.serve.newcomers import Newcomers
from app.serve.rules.want import Want
from app.values.item import Item
from app.values.visitor import Visitor
from recommender import FactorModel
from tests.app.serve.conftest import Stage
from tests.conftest import NOW, make_items


def with_new(*changes: dict[str, object]) -> Catalog:
    """The catalog after items were written that no model knows: each like the first but for these values."""
    items: list[Item] = make_items()
    for number, values in enumerate(changes):
        position = len(items)
        new = replace(items[0], item_id=f"new-{number}", position=position, added_at=NOW, layout="", tags=())
        items.append(replace(new, **values))  # type: ignore[arg-type]
    return Catalog.from_items(items)


def places(stage: Stage, visitor: Visitor, *item_ids: str) -> list[int]:
    page = stage.serve.recommend(visitor, NOW, 60, Want())
    order = [entry.item.item_id for entry in page.shelves[0].entries]
    return [order.index(item_id) for item_id in item_ids]


def test_a_new_item_is_ranked_by_its_attributes_as_soon_as_it_is_in_the_catalog(
    stage: Stage, publish: Callable[..., None], treated: Visitor
) -> None:
    publish(1)
    retro = [item.item_id for item in make_items() if item.style == "retro"]
    stage.open(treated, *retro[:4])
    stage.serve.use_catalog(with_new({"style": "retro"}, {"style": "minimal"}))
    alike, other = places(stage, treated, "new-0", "new-1")
    assert alike < len(retro)
    assert other > len(retro)
    page = stage.serve.recommend(treated, NOW, 60, Want())
    entry = next(entry for entry in page.shelves[0].entries if entry.item.item_id == "new-0")
    assert (entry.source, entry.score is None) == ("als", False)
    hidden = stage.serve.recommend(treated, NOW, 60, Want(exclude=frozenset({"new-0"})))
    assert "new-0" not in {entry.item.item_id for entry in hidden.shelves[0].entries}
    posters = stage.serve.recommend(treated, NOW, 60, Want(type="poster"))
    assert "new-0" not in {entry.item.item_id for entry in posters.shelves[0].entries}, "it is a presentation"


def model_of(items: list[Item]) -> FactorModel:
    from recommender import ALSConfig

    factors = np.random.default_rng(1).standard_normal((len(items), 4), dtype=np.float32)
    ids = [item.item_id for item in items]
    return FactorModel(ids, factors, np.ones(len(ids), dtype=np.float32), ALSConfig(factors=4))


def test_rare_attributes_tell_more_and_what_has_nothing_in_common_waits() -> None:
    items = [
        replace(item, layout="", tags=(), attributes=(("brand", "Acme"),) if number < 3 else ())
        for number, item in enumerate(make_items())
    ]
    strange = replace(items[10], item_id="strange", position=61, type="rug", style="", palette="")
    new = replace(strange, item_id="new", position=60, palette="warm", attributes=(("brand", "Acme"),))
    found = Newcomers.of(model_of(items), Catalog.from_items([*items, new, strange]))
    assert {"item-000", "item-001", "item-002"} <= set(found.alike["new"]), "a brand of three, a colour of thirty"
    assert "strange" not in found.alike
    assert not Newcomers.of(model_of(items), Catalog.from_items(items)).alike
