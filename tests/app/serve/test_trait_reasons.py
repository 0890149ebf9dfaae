"""A reason names the trait that carried an item, where the model's second stage says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.catalog import Catalog
from app.catalog.attributes import stage_attributes
from app.serve.rankers import Ranked
from app.serve.reasons import Explained, Reasons
from app.visitors import History
from recommender import ALSConfig, FactorModel, Interactions, ItemAttributes, assumed_stage, train
from tests.conftest import make_items


@pytest.fixture(scope="module")
def model() -> FactorModel:
    """A model whose second stage looks at styles and, a little, at types."""
    items = make_items()
    rows = [(f"visitor-{number}", items[(7 * number + step) % 60].item_id) for number in range(40) for step in range(5)]
    factors = train(Interactions.from_rows(rows), ALSConfig(factors=4), seed=3)
    stage = assumed_stage(ItemAttributes.of(stage_attributes(items), factors.item_ids))
    weights = np.array([{"style": 1.0, "type": 0.3}.get(name, 0.0) for name in stage.feature_names])
    return factors.with_second_stage(replace(stage, weights=weights))


def said(model: FactorModel, catalog: Catalog, item_id: str, *opened: str) -> str:
    [found] = Reasons(History(dict.fromkeys(opened, 1.0)), model, catalog)([Ranked(item_id, "als", 1.0)])
    assert isinstance(found, Explained)
    assert sum(cause.percent for cause in found.causes) == 100
    return found.text


def test_a_trait_that_carries_an_item_is_named_with_how_many_opened_ones_have_it(
    model: FactorModel, catalog: Catalog
) -> None:
    # Items 0, 3 and 9 share the first style and no type; item 6 has the style, and the type of none of them.
    style = catalog["item-006"].style
    text = said(model, catalog, "item-006", "item-000", "item-003", "item-009")
    assert text == f"{style.title()}, like three you opened"


def test_two_traits_are_named_with_their_shares(model: FactorModel, catalog: Catalog) -> None:
    text = said(model, catalog, "item-012", "item-000")
    first, second = text.split("; ")
    assert first.endswith(", like one you opened")
    assert "% " in first
    assert second.endswith(", like one you opened")
