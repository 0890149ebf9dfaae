"""A lineage: all versions that are made by the same settings. The trainer follows the champion's.

The settings of the environment are a wish. They are followed at once while nothing is published or nobody visits; later
they have to win a trial, and until they do, the settings that the champion was made by go on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.models.config import learning_settings
from app.models.errors import VersionError
from app.models.registry import Registry
from app.settings import Settings, load_settings

CHANGEABLE = (
    "factors",
    "regularization",
    "activity_shrinkage",
    "alpha",
    "iterations",
    "transition_weight",
    "attribute_weight",
    "placed_weight",
    "trust_after_s",
    "first_visit_weight",
    "second_stage",
    "seed",
)
"""Settings that a challenger may have other values of: how a model is made, not what events are worth to the site."""

UNSAID = {"activity_shrinkage": 0.0}
"""Settings that older versions do not name, and the values that these were made by."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Settings that candidates are made by now. proposed: the environment's are others, and wait to be put on trial."""

    settings: Settings
    proposed: bool

    @property
    def config_hash(self) -> str:
        """The hash that every version of this lineage has."""
        return config_hash(learning_settings(self.settings))


def config_hash(config: Mapping[str, Any]) -> str:
    """A short hash of the settings that a model was made by; equal for equal settings."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]


def current_lineage(settings: Settings, registry: Registry, has_visitors: Callable[[], bool]) -> Lineage:
    """The champion's lineage, or the environment's `settings` where these are to be followed.

    They are a proposal when they differ from the champion's and the trainer has not acted on them yet (`environment` of
    the newest step that says so). has_visitors: whether a trial would be seen by anybody; asked only when it matters.
    """
    champion = registry.champion()
    if champion is None or not champion.config:
        return Lineage(settings, False)
    wished = config_hash(learning_settings(settings))
    adopted = adopt(settings, champion.config)
    if config_hash(learning_settings(adopted)) == wished:
        return Lineage(settings, False)
    if registry.environment() == wished:
        return Lineage(adopted, False)
    if settings.trial_config_changes and has_visitors():
        return Lineage(adopted, True)
    return Lineage(settings, False)


def adopt(settings: Settings, config: Mapping[str, Any]) -> Settings:
    """`settings` with those of a version's `config` in place of its own; what `config` does not know stays, or is as
    UNSAID has it.
    """
    weights = {f"weight_{kind}": weight for kind, weight in config.get("kind_weights", {}).items()}
    known = UNSAID | dict(config) if config else {}
    changes = {name: known[name] for name in CHANGEABLE if name in known}
    # Kinds that a use case adds are worth what it states, for every version.
    own = {field.name for field in fields(Settings)}
    return replace(settings, **changes, **{name: weight for name, weight in weights.items() if name in own})


def changed(settings: Settings, assignments: Mapping[str, str]) -> Settings:
    """`settings` with ``name: value`` of some that are CHANGEABLE.

    Raises VersionError for another name or for none, and SettingError for a value that does not fit.
    """
    unknown = sorted(set(assignments) - set(CHANGEABLE))
    if unknown or not assignments:
        problem = f"{unknown[0]!r} is no setting of a model" if unknown else "nothing is changed"
        raise VersionError(f"{problem}; give --set NAME=VALUE with one of {', '.join(CHANGEABLE)}")
    converted = load_settings(environment={}, overrides=dict(assignments))
    return replace(settings, **{name: getattr(converted, name) for name in assignments})


def difference(settings: Settings, other: Settings) -> str:
    """What `settings` have other than `other`, in words, such as ``factors 64 instead of 32``."""
    mine, theirs = learning_settings(settings), learning_settings(other)
    return ", ".join(f"{name} {mine[name]} instead of {theirs[name]}" for name in mine if mine[name] != theirs[name])
