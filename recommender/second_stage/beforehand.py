"""What the second stage assumes before it has learned: weights of features, and how fast a liking is believed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.classes import LatentClasses
from recommender.second_stage.stage import SecondStage, feature_names

FACTORS_ALONE = {"factors": 0.3, "transitions": 0.3}
"""Prior weights under which the order is that of the first stage."""

ATTRIBUTES_TOO = {"factors": 0.1, "transitions": 0.02, "classes": 0.3, "rate": 0.5}
"""Prior weights with likings for attributes beside the factors; a kind of attribute has KIND."""

KIND = 0.2
STRENGTH = 2.0
"""Items like the catalog that a liking is shrunken by, until the data say otherwise."""


def prior_weights(attributes: ItemAttributes, known: dict[str, float], kind: float = KIND) -> NDArray[np.float64]:
    """Weights float64 (features,) of a stage with these attributes: `known` by name, `kind` for every kind."""
    fixed = dict.fromkeys(attributes.kinds, kind)
    return np.array([known.get(name, fixed.get(name, 0.0)) for name in feature_names(attributes)])


def assumed_stage(attributes: ItemAttributes, log_rates: NDArray[np.float32] | None = None) -> SecondStage:
    """A stage that has learned nothing: attributes, rates where they are known, and prior weights.

    Raises ValueError for anything but `ItemAttributes`.
    """
    if not isinstance(attributes, ItemAttributes):
        raise ValueError(
            f"attributes must be ItemAttributes, got {type(attributes).__name__}; make them of what is known of the "
            "items: ItemAttributes.of({'poster-1': ['style=retro']}, model.item_ids)"
        )
    items = len(attributes.values)
    return SecondStage(
        attributes,
        LatentClasses.none(items, len(attributes.names)),
        np.full(len(attributes.kinds), STRENGTH, np.float32),
        np.zeros(items, np.float32) if log_rates is None else log_rates,
        prior_weights(attributes, ATTRIBUTES_TOO),
    )
