"""The model of a site's first hour: nothing is published yet, and there is no holdout that could judge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from app.models.config import als_config
from app.settings import Settings
from app.store.interactions import BY_FIRST_MODEL, BY_MODEL
from recommender import FactorModel, Interactions, ItemId, ItemToItemModel, train

NEIGHBOURS = "item-to-item"
LEARNED = (BY_MODEL, BY_FIRST_MODEL, NEIGHBOURS)
"""Sources of entries that a model put there, by what the visitor did."""

MAX_ITEMS = 20_000
"""Items up to which a page can wait for factors: every item gets a place. Of larger catalogs neighbours are made."""

RECENT_INTERACTIONS = 20_000
"""From how many of the newest interactions one is made."""

FirstModel = FactorModel | ItemToItemModel


def first_model(
    rows: Iterable[tuple[str, str, float, float]],
    attributes: Mapping[ItemId, Collection[str]],
    settings: Settings,
) -> FirstModel:
    """A model of a few rows (visitor, item, weight, Unix seconds), of which there must be one.

    Factors that hear attributes, so that a visitor's first clicks reach items that nobody has opened yet; without
    transitions, which a few rows cannot show. Short visits count in full: there are no others yet, and what they took
    together would not be heard beside attributes. With one thread, since it is made beside pages.
    """
    log = Interactions.from_rows(rows)
    if not settings.first_factors or len(attributes) > MAX_ITEMS:
        return ItemToItemModel.from_interactions(log)
    if settings.attribute_weight > 0:
        log.describe(attributes, settings.attribute_weight)
    config = replace(als_config(settings), activity_shrinkage=0.0, transition_weight=0.0, threads=1)
    return train(log, config, seed=settings.seed)


def source_of(model: FirstModel) -> str:
    """What the model is called as the source of an entry."""
    return BY_FIRST_MODEL if isinstance(model, FactorModel) else NEIGHBOURS
