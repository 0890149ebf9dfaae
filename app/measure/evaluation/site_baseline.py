"""The site as it is, measured beside the baselines: what ranks now, and how often what it shows is opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from app.catalog.attributes import item_attributes
from app.measure.experiment.ratio import CLICK_THROUGH, COLUMNS, Moments, Rate, rate
from app.models.first_model import first_model, source_of
from app.models.registry import Registry
from app.models.storage import load_published
from app.settings import Settings
from app.store import Store
from app.store.items import all_items
from app.store.measures.experiments import PolicyClicks
from app.visitors.contribution import contribution_rules, recent_training_rows
from recommender import PopularityModel, Recommender

CLICK_THROUGH_DAYS = 7.0
"""Click-through is that of slates served in so many days before the newest one."""


def serving_chain(
    store: Store, settings: Settings, popularity: PopularityModel, recent: int
) -> tuple[Recommender, str]:
    """What ranks the learned shelves now, and its name: the published model, else a first one, else popularity.

    recent: from how many of the newest interactions the site makes its first model. Raises ArtifactError for a damaged
    published model.
    """
    published = load_published(Registry(settings, store.reader).storage)
    if published is not None:
        return published[1], f"model version {published[0].version}"
    rows = recent_training_rows(store, contribution_rules(settings), recent)
    if rows:
        first = first_model(rows.values(), item_attributes(all_items(store.reader())), settings)
        return first, f"{source_of(first)}, no model is published"
    return popularity, "popularity, no model is published"


def click_through_by_policy(visitors: Sequence[PolicyClicks], confidence: float) -> dict[tuple[str, str], Rate]:
    """Click-through of each origin and policy, with the visitor as the unit."""
    counts: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for visitor in visitors:
        counts[visitor.origin, visitor.policy].append((visitor.impressions, visitor.clicks))
    return {group: rate(_moments(rows), CLICK_THROUGH, confidence) for group, rows in counts.items()}


def _moments(rows: Sequence[tuple[int, int]]) -> Moments:
    values = np.zeros((len(rows), len(COLUMNS)))
    values[:, 0] = 1
    values[:, [COLUMNS.index("impressions"), COLUMNS.index("clicks")]] = rows
    return Moments.of(values)
