"""Pointers to models: `current.json` in the models folder names the published model, and is the truth about it.

`challenger.json` beside it names the model on trial, where there is one; about that one the registry is the truth.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.files import write_file
from recommender import ArtifactError, FactorModel

POINTER = "current.json"
CHALLENGER_POINTER = "challenger.json"
MANIFEST = "manifest.json"
MAX_POINTER_CHARACTERS = 64 * 1024
"""Far more than a pointer has; a file that is longer is none of ours, and is not read whole."""

_LARGEST_NUMBER = 2**63 - 1
"""Of versions and of numbers of events: the largest that a database holds."""
_LATEST = 4_102_444_800
"""The year 2100: later times are milliseconds, or none."""


@dataclass(frozen=True, slots=True)
class Current:
    """The model version that a pointer names.

    artifact: name of its folder inside the models folder. checksum: SHA-256 of the artifact's manifest, which in turn
    holds those of its arrays. watermark: the last event seq it has seen. published_at: Unix seconds
    of when the pointer was written.
    """

    version: int
    artifact: str
    checksum: str
    watermark: int
    published_at: float

    @property
    def sum(self) -> str:
        """SHA-256 of these values: of a pointer whose bits changed, the version or watermark may still look right."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def __post_init__(self) -> None:
        check_artifact_name(self.artifact)
        for name, highest in (("version", _LARGEST_NUMBER), ("watermark", _LARGEST_NUMBER), ("published_at", _LATEST)):
            if not 0 <= getattr(self, name) <= highest:
                raise ValueError(f"{name} = {getattr(self, name)!r} must be from 0 to {highest}")


def check_artifact_name(artifact: str) -> None:
    """Raise ValueError for what is no name of a folder in the models folder, such as one that leads out of it."""
    if not artifact.isprintable() or not artifact or Path(artifact).name != artifact or artifact == "..":
        raise ValueError(f"artifact = {artifact!r} must be the plain name of a folder in the models folder")


def artifact_checksum(artifact: Path) -> str:
    """SHA-256 of an artifact's manifest, in hex. Raises ArtifactError when it cannot be read."""
    try:
        return hashlib.sha256((artifact / MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise ArtifactError(f"model artifact {artifact} has no readable {MANIFEST}: {error.strerror}") from error


def read_current(models_folder: Path, pointer_name: str = POINTER) -> Current | None:
    """The version that the pointer names, or None when there is no pointer. Raises ArtifactError for a broken one."""
    pointer = models_folder / pointer_name
    try:
        with pointer.open(encoding="utf-8") as file:
            text = file.read(MAX_POINTER_CHARACTERS)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactError(f"model pointer {pointer} cannot be read: {error}") from error
    try:
        values = json.loads(text)
        current = Current(
            version=int(values["version"]),
            artifact=str(values["artifact"]),
            checksum=str(values["checksum"]),
            watermark=int(values["watermark"]),
            published_at=float(values["published_at"]),
        )
        if values.get("sum", current.sum) != current.sum:  # pointers of earlier code have none
            raise ValueError("its values do not have the sum that it states")
        return current
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ArtifactError(
            f"model pointer {pointer} is damaged ({error!r}); `flask models promote VERSION` writes a new one"
        ) from error


def write_current(models_folder: Path, current: Current, pointer_name: str = POINTER) -> None:
    """Replace the pointer: a reader, or a machine that loses power, has the old one or the new one, never a part."""
    write_file(models_folder / pointer_name, json.dumps(asdict(current) | {"sum": current.sum}))


def load_current(models_folder: Path) -> tuple[Current, FactorModel] | None:
    """The published version and its model, arrays mapped from disk; None when nothing was ever published.

    Raises ArtifactError when the pointer is damaged or the artifact is not the one that was published.
    """
    current = read_current(models_folder)
    return None if current is None else (current, load_artifact(models_folder, current.artifact, current.checksum))


def load_artifact(models_folder: Path, artifact: str, checksum: str) -> FactorModel:
    """One model of the folder, after checking that it is the one of this checksum. Raises ArtifactError if not."""
    folder = models_folder / artifact
    found = artifact_checksum(folder)
    if found != checksum:
        raise ArtifactError(
            f"model artifact {folder} has checksum {found[:12]}…, not {checksum[:12]}…; it was changed since, "
            "publish another with `flask models promote VERSION`"
        )
    return FactorModel.load(folder, mmap=True)
