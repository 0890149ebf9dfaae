"""A model as an artifact: what is written of it, and what it is made of again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.config import ALSConfig
from recommender.errors import ArtifactError
from recommender.interactions.checks import ItemId
from recommender.model.derived import NAMES as DERIVED
from recommender.model.derived import Derived
from recommender.model.saving.artifact import Artifact
from recommender.second_stage.stage import SecondStage
from recommender.topk.index import ARRAYS, FactorIndex
from recommender.topk.score_kernels import LANES
from recommender.transitions.transitions import ARRAYS as TRANSITION_ARRAYS
from recommender.transitions.transitions import Transitions

UNMIXED = "bytes"
"""The layout of versions that packed bytes without mixing them."""
DAMAGE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError)
"""What making a model of damaged values can raise."""


def model_artifact(
    item_ids: Sequence[ItemId],
    item_factors: NDArray[np.float32],
    popularity: NDArray[np.float32],
    config: ALSConfig,
    index: FactorIndex,
    transitions: Transitions,
    derived: Derived,
    second_stage: SecondStage | None = None,
) -> Artifact:
    """The artifact of a model with these parts, which are the arguments of `FactorModel`."""
    values: dict[str, Any] = {
        "config": asdict(config),
        "items": len(item_ids),
        "factors": config.factors,
        "layout": index.layout,
    }
    lists: dict[str, list[Any]] = {"item_ids": list(item_ids)}
    staged: dict[str, NDArray[Any]] = {}
    if second_stage is not None:
        values["second_stage"], staged = second_stage.values(), second_stage.arrays()
        lists |= second_stage.lists()
    return Artifact(
        values=values,
        lists=lists,
        arrays={
            "item_factors": item_factors,
            "popularity": popularity,
            **derived.arrays(),
            **index.arrays(),
            **transitions.arrays(),
            **staged,
        },
    )


def model_arguments(artifact: Artifact, path: Path) -> dict[str, Any]:
    """The arguments of `FactorModel` that `model_artifact` was given; raises ArtifactError or one of DAMAGE."""
    config = artifact.values["config"]
    unknown = set(config) - {field.name for field in fields(ALSConfig)}
    if unknown:
        raise ArtifactError(f"{path} has settings this library does not know: {sorted(unknown)}")
    arrays = artifact.arrays
    index = None
    if (
        arrays["blocks"].shape[-1] == LANES and artifact.values["layout"] != UNMIXED
    ):  # else an older version's: build anew
        index = FactorIndex(artifact.values["layout"], *(arrays[name] for name in ARRAYS))
        index.check(artifact.values["items"], artifact.values["factors"])
    second_stage = None  # artifacts of versions that knew none have none
    if "second_stage" in artifact.values:
        second_stage = SecondStage.restored(artifact.values["second_stage"], artifact.lists, arrays)
    return {
        "second_stage": second_stage,
        "item_ids": artifact.lists["item_ids"],
        "item_factors": arrays["item_factors"],
        "popularity": arrays["popularity"],
        "config": ALSConfig(**config),
        "index": index,
        "transitions": Transitions(*(arrays[name] for name in TRANSITION_ARRAYS)),
        "derived": Derived(*(arrays[name] for name in DERIVED)) if DERIVED[0] in arrays else None,
    }
