"""The second stage of a model: weights, and what the features of a candidate are worked out from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.classes import LatentClasses
from recommender.second_stage.feature_kernels import (
    attribute_affinities,
    class_posterior,
    stage_features,
    unit_of_scores,
)
from recommender.second_stage.weights import PLACES

POOL = 300
"""Candidates that the second stage puts in order: the best by factors, transitions and rates, see `RatedFactors`."""

FACTORS, TRANSITIONS, CLASSES, RATE = "factors", "transitions", "classes", "rate"
"""Names of the features that are no kind of attribute."""

Floats = NDArray[np.float64]
Ids = NDArray[np.int32]
Singles = NDArray[np.float32]
Parts = tuple[Ids, Ids, Singles, Singles, Singles, Singles, int, Singles, Singles, Floats, float]
"""What the kernels of `order_kernels` take of a stage, in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class HistoryView:
    """What the features of all candidates have in common, for one history of wanted items.

    affinities float32 (attributes,) and posterior float32 (classes,): see `feature_kernels`.
    """

    history: NDArray[np.int32]
    affinities: NDArray[np.float32]
    posterior: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SecondStage:
    """Puts candidates in order by weights · features; immutable, of the items of one model in its catalog order.

    weights float64 (features,), in the order of `feature_names`. strength float32 (kinds,): items like the catalog that
    a history's liking for each kind of attribute is shrunken by. log_rates float32 (items,): log of the shrunken rate
    of clicks on an item relative to the mean. examination float64 (places,): odds of a click at each of `PLACES`
    relative to the first, known of the lists it learned from. examples: pairs that the weights were learned from, 0
    where they are what is assumed beforehand. precision: how strongly they were shrunken. score_unit: what scores of
    the first stage are multiplied by; 0 makes those of every history alike in length.
    """

    attributes: ItemAttributes
    classes: LatentClasses
    strength: NDArray[np.float32]
    log_rates: NDArray[np.float32]
    weights: Floats
    examination: Floats = field(default_factory=lambda: np.ones(len(PLACES)))
    examples: int = 0
    precision: float = 0.0
    score_unit: float = 0.0
    log_lift: NDArray[np.float32] = field(init=False, repr=False)
    parts: Parts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.check()
        object.__setattr__(self, "log_lift", np.log(self.classes.lift))
        described, classes = self.attributes, self.classes
        for array in (
            *(described.values, described.kind_of, described.shares, classes.lift, classes.log_prior),
            classes.effects,
            *(self.strength, self.log_rates, self.weights, self.examination, self.log_lift),
        ):  # those of an artifact are read-only, and kernels compile for either kind
            array.setflags(write=False)
        parts: Parts = (
            described.values,
            described.kind_of,
            described.shares,
            self.strength,
            self.log_lift,
            classes.log_prior,
            classes.runs,
            classes.lift,
            self.log_rates,
            self.weights,
            self.score_unit,
        )
        object.__setattr__(self, "parts", parts)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features: factors, transitions, each kind of attribute, classes, rate."""
        return feature_names(self.attributes)

    def view(self, items: NDArray[np.int32], weights: NDArray[np.float32]) -> HistoryView:
        """A history of dense items and weights as the features see it; unwanted items say nothing."""
        history = items if (weights > 0).all() else np.ascontiguousarray(items[weights > 0])
        affinities = np.empty(len(self.attributes.names), np.float32)
        posterior = np.empty(len(self.classes.log_prior), np.float32)
        described = self.attributes
        attribute_affinities(history, described.values, described.kind_of, described.shares, self.strength, affinities)
        if len(posterior):
            class_posterior(history, self.log_lift, self.classes.log_prior, self.classes.runs, posterior)
        return HistoryView(history, affinities, posterior)

    def features(
        self,
        view: HistoryView,
        candidates: NDArray[np.int32],
        totals: Floats,
        user: NDArray[np.float32],
        item_factors: NDArray[np.float32],
        score_norm: float,
    ) -> Floats:
        """Features float64 (candidates, features). totals float64 (candidates,): the scores of the model without a
        second stage; user float32 (factors,) its vector, score_norm the length of the vector of all dot products.
        """
        found = np.empty((len(candidates), len(self.weights)))
        unit = self.unit(len(item_factors), score_norm)
        described = self.attributes
        stage_features(
            candidates,
            totals,
            user,
            item_factors,
            unit,
            view.affinities,
            described.values,
            described.kind_of,
            view.posterior,
            self.classes.lift,
            self.log_rates,
            found,
        )
        return found

    def unit(self, items: int, score_norm: float) -> float:
        """What the scores of a history are multiplied by; score_norm: the length of its scores of so many items."""
        return float(unit_of_scores(self.score_unit, items, score_norm))

    def check(self) -> None:
        """Raise ValueError unless all parts belong to the same items; kernels trust them blindly."""
        items, kinds = len(self.attributes.values), len(self.attributes.kinds)
        self.attributes.check(items)
        lift, prior, runs = self.classes.lift, self.classes.log_prior, self.classes.runs
        effects = self.classes.effects
        if lift.dtype != np.float32 or prior.dtype != np.float32 or lift.shape != (items, len(prior)):
            raise ValueError(f"lift must be float32 ({items}, {len(prior)}), a column a class, got {lift.shape}")
        if effects.dtype != np.float32 or effects.shape != (len(self.attributes.names), len(prior)):
            raise ValueError(f"effects of classes need a row an attribute and a column a class, got {effects.shape}")
        if runs < 1 or len(prior) % runs:
            raise ValueError(f"{len(prior)} classes cannot be shared by {runs} runs")
        if not ((lift > 1e-20) & (lift < 1e20)).all() or not (np.isfinite(prior).all() and np.isfinite(effects).all()):
            raise ValueError("lifts of classes must be positive numbers of sensible size")
        expected = {"strength": (kinds,), "log_rates": (items,), "weights": (kinds + 4,), "examination": (len(PLACES),)}
        for name, shape in expected.items():
            array = getattr(self, name)
            kind = np.float32 if name in ("strength", "log_rates") else np.float64
            if array.shape != shape or array.dtype != kind or not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite numbers of shape {shape}, got {array.dtype} {array.shape}")
        if not 0 <= self.score_unit < np.inf:
            raise ValueError(f"score_unit must be a finite number from 0 up, got {self.score_unit}")
        if not (self.strength > 0).all():
            raise ValueError("the strength of a kind must be above 0")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name, for an artifact."""
        return {
            "stage_values": self.attributes.values,
            "stage_kind_of": self.attributes.kind_of,
            "stage_shares": self.attributes.shares,
            "stage_lift": self.classes.lift,
            "stage_log_prior": self.classes.log_prior,
            "stage_effects": self.classes.effects,
            "stage_strength": self.strength,
            "stage_log_rates": self.log_rates,
            "stage_weights": self.weights,
            "stage_examination": self.examination,
        }

    def lists(self) -> dict[str, list[Any]]:
        """The lists of text by name, for an artifact."""
        return {"stage_attributes": list(self.attributes.names), "stage_kinds": list(self.attributes.kinds)}

    def values(self) -> dict[str, Any]:
        """The plain values, for an artifact."""
        return {"runs": self.classes.runs, "examples": self.examples, "precision": self.precision,
                "score_unit": self.score_unit}  # fmt: skip

    @classmethod
    def restored(
        cls, values: Mapping[str, Any], lists: Mapping[str, list[Any]], arrays: Mapping[str, NDArray[Any]]
    ) -> SecondStage:
        """What `values`, `lists` and `arrays` gave. Raises LookupError, TypeError or ValueError for damaged ones."""
        names, kinds = (tuple(map(str, lists[f"stage_{name}"])) for name in ("attributes", "kinds"))
        found = {name.removeprefix("stage_"): array for name, array in arrays.items()}
        return cls(
            ItemAttributes(names, kinds, found["values"], found["kind_of"], found["shares"]),
            LatentClasses(found["lift"], found["log_prior"], found["effects"], int(values["runs"])),
            found["strength"],
            found["log_rates"],
            found["weights"],
            found["examination"],
            examples=int(values["examples"]),
            precision=float(values["precision"]),
            score_unit=float(values.get("score_unit", 0.0)),  # stages of 0.2.0 have none
        )


def feature_names(attributes: ItemAttributes) -> tuple[str, ...]:
    """Names of the features of a stage with these attributes."""
    return (FACTORS, TRANSITIONS, *attributes.kinds, CLASSES, RATE)
