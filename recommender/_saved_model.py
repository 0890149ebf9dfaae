"""A model as an artifact: what is written of it, and how it is put together again."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from recommender._derived import NAMES as DERIVED
from recommender._derived import Derived
from recommender._kernels import LANES
from recommender.artifact import Artifact, read_artifact, write_artifact
from recommender.config import ALSConfig
from recommender.errors import ArtifactError
from recommender.index import ARRAYS, FactorIndex
from recommender.transitions import ARRAYS as TRANSITION_ARRAYS
from recommender.transitions import Transitions

if TYPE_CHECKING:
    from recommender.model import FactorModel


def save_model(model: FactorModel, path: Path) -> None:
    """Write a model as a folder, see `FactorModel.save`."""
    write_artifact(
        path,
        Artifact(
            values={
                "config": asdict(model.config),
                "items": len(model),
                "factors": model.config.factors,
                "layout": model._index.layout,
            },
            lists={"item_ids": list(model.item_ids)},
            arrays={
                "item_factors": model.item_factors,
                "popularity": model.popularity,
                **model._derived.arrays(),
                **model._index.arrays(),
                **model.transitions.arrays(),
            },
        ),
    )


def load_model(kind: type[FactorModel], path: Path, mmap: bool) -> FactorModel:
    """Read a model that `save_model` wrote, see `FactorModel.load`."""
    artifact = read_artifact(path, mmap=mmap)
    try:
        given = artifact.values["config"]
        unknown = set(given) - {field.name for field in fields(ALSConfig)}
        if unknown:
            raise ArtifactError(f"{path} has settings this library does not know: {sorted(unknown)}")
        arrays = artifact.arrays
        index = None
        if arrays["blocks"].shape[-1] == LANES:  # else a version with blocks of another size saved it: build anew
            index = FactorIndex(artifact.values["layout"], *(arrays[name] for name in ARRAYS))
            index.check(artifact.values["items"], artifact.values["factors"])
        return kind(
            artifact.lists["item_ids"],
            arrays["item_factors"],
            arrays["popularity"],
            ALSConfig(**given),
            index=index,
            transitions=Transitions(*(arrays[name] for name in TRANSITION_ARRAYS)),
            derived=Derived(*(arrays[name] for name in DERIVED)) if DERIVED[0] in arrays else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path} does not hold a whole model: {error}") from error
