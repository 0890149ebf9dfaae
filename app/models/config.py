"""The settings that a model is made by, as the library takes them and as a version records them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.settings import SettingError, Settings
from recommender import ALSConfig


def als_config(settings: Settings) -> ALSConfig:
    """The library's settings, as far as this site sets them. Raises SettingError for values that it refuses."""
    try:
        return ALSConfig(
            factors=settings.factors,
            regularization=settings.regularization,
            activity_shrinkage=settings.activity_shrinkage,
            alpha=settings.alpha,
            iterations=settings.iterations,
            transition_weight=settings.transition_weight,
        )
    except ValueError as error:
        raise SettingError(str(error)) from error


def learning_settings(settings: Settings) -> dict[str, Any]:
    """Every setting that a model depends on, as plain values: what lineage records and a change of which is noticed.

    `steered_weight` and `popularity_weight` are not among them: they bound what is popular, and train nothing.
    """
    return {
        **asdict(als_config(settings)),
        "attribute_weight": settings.attribute_weight,
        "second_stage": settings.second_stage,
        "placed_weight": settings.placed_weight,
        "trust_after_s": settings.trust_after_s,
        "first_visit_weight": settings.first_visit_weight,
        "kind_weights": settings.kind_weights(),
        "seed": settings.seed,
    }
