"""An export as `flask export-parquet` writes it: what it says of itself, and whether its files are those it names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from recommender import ALSConfig, RecommenderError

MANIFEST = "manifest.json"
FORMAT = "recommender-flywheel-export"
VERSION = 1

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
    "seed",
)
"""Settings of the export that a training may have other values of."""

WITHOUT = {"half_life": 0.0, "trend_weight": 0.0, "trend_half_life": 0.0, "transition_ordered": True}
"""Settings of the library that Spark's rows do not follow, and the value that each must have."""


class SparkTrainingError(RecommenderError):
    """A training on Spark cannot be done; the message names the file or value and what to do."""


@dataclass(frozen=True, slots=True)
class Export:
    """One export. manifest: as it was read. settings: what models of the site are made by, as plain values."""

    folder: Path
    manifest: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def config(self) -> ALSConfig:
        """The settings as the library takes them. Raises SparkTrainingError for some that Spark cannot follow."""
        names = [setting.name for setting in fields(ALSConfig)]
        try:
            config = ALSConfig(**{name: self.settings[name] for name in names if name in self.settings})
        except ValueError as error:
            raise SparkTrainingError(f"{self.folder / MANIFEST}: {error}") from error
        for name, value in WITHOUT.items():
            if getattr(config, name) != value:
                raise SparkTrainingError(
                    f"{name} is {getattr(config, name)!r}, and Spark trains with {value!r} only; train in one process"
                )
        return config

    def files(self, table: str) -> list[str]:
        """Paths of the files of a table."""
        return [str(self.folder / name) for name in sorted(self.manifest["files"]) if name.startswith(f"{table}/")]

    def changed(self, assignments: Mapping[str, str]) -> Export:
        """The export with other values of some of `CHANGEABLE`. Raises SparkTrainingError for another name or value."""
        values = dict(self.settings)
        for name, text in assignments.items():
            if name not in CHANGEABLE:
                raise SparkTrainingError(f"{name!r} cannot be changed here; use one of {', '.join(CHANGEABLE)}")
            kind = int if name in {"factors", "iterations", "seed"} else float
            try:
                values[name] = kind(text)
            except ValueError:
                raise SparkTrainingError(f"{name} = {text!r} is no {kind.__name__}") from None
        return replace(self, settings=values)


def read_export(folder: Path) -> Export:
    """The export in `folder`. Raises SparkTrainingError when it is none, was cut, or has a file that was changed."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SparkTrainingError(f"{folder} has no {MANIFEST}; make it with `flask export-parquet`") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SparkTrainingError(f"{path} cannot be read ({error}); export anew") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise SparkTrainingError(f"{path} is of no export that this code reads; make it with `flask export-parquet`")
    rest = {name: value for name, value in manifest.items() if name != "sum"}
    if manifest.get("sum") != hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest():
        raise SparkTrainingError(f"{path} does not have the sum that it states; export anew")
    if not manifest["complete"]:
        raise SparkTrainingError(f"the export in {folder} was cut; run `flask export-parquet {folder}` again")
    for name, entry in manifest["files"].items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != entry["bytes"] or _checksum(file) != entry["sha256"]:
            raise SparkTrainingError(
                f"{file} is not as it was exported; run `flask export-parquet {folder}` again, and train after it"
            )
    return Export(folder, manifest, manifest["settings"])


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
