"""Where artifacts and pointers of models lie: the models folder of this machine, unless `artifacts` names a place."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Hashable
from pathlib import Path
from typing import Protocol

from app.files import make_private, make_private_folder
from app.models.current import (
    POINTER,
    Current,
    artifact_checksum,
    load_artifact,
    read_current,
    write_current,
)
from app.models.locks import PUBLISH_LOCK
from recommender import FactorModel


class ModelStorage(Protocol):
    """Artifacts by name, and the pointers that name the champion and the model on trial."""

    @property
    def name(self) -> str:
        """How messages name the place."""

    def read_pointer(self, pointer_name: str = POINTER) -> Current | None:
        """The version that a pointer names, None where there is none. Raises ArtifactError for one that is damaged."""

    def write_pointer(self, current: Current, pointer_name: str = POINTER) -> None:
        """Replace a pointer in one step."""

    def remove_pointer(self, pointer_name: str) -> bool:
        """Remove a pointer; whether there was one."""

    def signature(self, pointer_name: str) -> Hashable | None:
        """What differs whenever the pointer does, None where there is none; cheap, as it is asked every second."""

    def check(self) -> None:
        """Raise StorageUnavailableError when artifacts cannot be kept now."""

    def save(self, model: FactorModel, artifact: str) -> str:
        """Keep a model under a name, whole or not at all; the checksum by which it is loaded."""

    def load(self, artifact: str, checksum: str) -> FactorModel:
        """The model of a name, arrays mapped from disk. Raises ArtifactError where it has not this checksum."""

    def remove(self, artifact: str) -> None:
        """Remove a model; a process that has it loaded keeps it."""

    def artifacts(self) -> Collection[str]:
        """The names of all that is kept."""

    def tidy(self, cleared: Collection[str]) -> list[str]:
        """Remove what was left half-written, and models of these names; a sentence for each. Nobody publishes now."""


def load_published(storage: ModelStorage) -> tuple[Current, FactorModel] | None:
    """The published version and its model; None when nothing was ever published. Raises ArtifactError."""
    current = storage.read_pointer()
    return None if current is None else (current, storage.load(current.artifact, current.checksum))


class FolderStorage:
    """The models folder: artifacts, ``current.json`` and ``challenger.json`` beside each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._folder)

    def read_pointer(self, pointer_name: str = POINTER) -> Current | None:
        """See `ModelStorage`."""
        return read_current(self._folder, pointer_name)

    def write_pointer(self, current: Current, pointer_name: str = POINTER) -> None:
        """See `ModelStorage`."""
        write_current(self._folder, current, pointer_name)

    def remove_pointer(self, pointer_name: str) -> bool:
        """See `ModelStorage`."""
        pointer = self._folder / pointer_name
        if not pointer.exists():
            return False
        pointer.unlink()
        return True

    def signature(self, pointer_name: str) -> Hashable | None:
        """See `ModelStorage`: one `stat`."""
        try:
            found = (self._folder / pointer_name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def check(self) -> None:
        """See `ModelStorage`: saving says what is wrong with a disk."""

    def save(self, model: FactorModel, artifact: str) -> str:
        """See `ModelStorage`."""
        model.save(self._folder / artifact)
        return artifact_checksum(self._folder / artifact)

    def load(self, artifact: str, checksum: str) -> FactorModel:
        """See `ModelStorage`."""
        return load_artifact(self._folder, artifact, checksum)

    def remove(self, artifact: str) -> None:
        """See `ModelStorage`."""
        shutil.rmtree(self._folder / artifact, ignore_errors=True)

    def artifacts(self) -> Collection[str]:
        """See `ModelStorage`."""
        return [entry.name for entry in self._folder.iterdir()] if self._folder.is_dir() else []

    def tidy(self, cleared: Collection[str]) -> list[str]:
        """See `ModelStorage`."""
        make_private_folder(self._folder)
        make_private(self._folder)
        swept = []
        for entry in sorted(self._folder.iterdir()):
            unfinished = entry.name.startswith(".") and entry.name != PUBLISH_LOCK
            if unfinished or entry.name in cleared:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)
                swept.append(f"{entry.name} was left over and is removed")
        return swept
