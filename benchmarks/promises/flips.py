"""A bit of a published model turns over on disk: the artifact is refused, or what is loaded is the same model."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.models.current import load_artifact, read_current
from app.models.registry import Registry
from benchmarks.promises.publishing import made_up_model, publish_made_up
from benchmarks.promises.sites import make_site_folder
from recommender import ArtifactError, FactorModel


@dataclass(slots=True)
class Flips:
    """refused: artifacts that were not loaded. harmless: loaded, and the same as before. bad: loaded and not the same.

    crashes: what was raised other than ArtifactError.
    """

    refused: int = 0
    harmless: int = 0
    bad: int = 0
    crashes: tuple[str, ...] = ()


def flip_bits(var: Path, count: int, seed: int = 7) -> Flips:
    """Flip one bit of an artifact or of the pointer, `count` times, and load what is published each time."""
    settings = make_site_folder(var)
    version = publish_made_up(settings, Registry(settings))
    folder = settings.models_folder
    published = read_current(folder)
    whole = {path: path.read_bytes() for path in _files(folder, version.artifact)}
    model, rng, found = made_up_model(version.version), random.Random(seed), Flips()
    for number in range(count):
        path = sorted(whole)[number % len(whole)]
        _flip(path, whole[path], rng)
        try:
            current = read_current(folder)
            if current is None:
                raise ArtifactError("there is no pointer")
            loaded = load_artifact(folder, current.artifact, current.checksum)
        except ArtifactError:
            found.refused += 1
        except Exception as error:
            found.crashes = (*found.crashes, f"{path.name}: {error!r}")
        else:
            same = current == published and _same(loaded, model)
            found.harmless += same
            found.bad += not same
        path.write_bytes(whole[path])
    shutil.rmtree(folder)
    return found


def _files(folder: Path, artifact: str) -> list[Path]:
    return [folder / "current.json", *(path for path in (folder / artifact).rglob("*") if path.is_file())]


def _flip(path: Path, content: bytes, rng: random.Random) -> None:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    path.write_bytes(changed)


def _same(loaded: FactorModel, model: FactorModel) -> bool:
    return (
        loaded.item_ids == model.item_ids
        and np.array_equal(loaded.item_factors, model.item_factors)
        and np.array_equal(loaded.popularity, model.popularity)
    )
