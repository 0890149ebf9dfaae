"""What ranks pages while nothing is published, made as pages make it, so that the gate can compare."""

from __future__ import annotations

from app.catalog.attributes import item_attributes
from app.models.first_model import RECENT_INTERACTIONS, FirstModel, first_model
from app.settings import Settings
from app.store import Store
from app.store.items import all_items
from app.visitors.contribution import contribution_rules, recent_training_rows


def first_hour_model(store: Store, settings: Settings) -> FirstModel | None:
    """The model of the newest interactions; None when none trains yet."""
    rows = recent_training_rows(store, contribution_rules(settings), RECENT_INTERACTIONS)
    return first_model(rows.values(), item_attributes(all_items(store.reader())), settings) if rows else None
