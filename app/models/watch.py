"""How the web process learns of a newly published model: one `stat` while nothing is new."""

from __future__ import annotations

from pathlib import Path

from app.models.current import POINTER, Current, load_artifact, read_current
from recommender import FactorModel


class CurrentModelWatch:
    """Watches one pointer of a models folder, the champion's or another. Not for use by several threads at once."""

    def __init__(self, models_folder: Path, pointer_name: str = POINTER) -> None:
        self._models_folder = models_folder
        self._pointer_name = pointer_name
        self._seen: tuple[int, int, int] | None = None

    def poll(self) -> tuple[Current, FactorModel] | None:
        """The published version and its model if the pointer changed since the last call (or at the first), else None.

        A pointer that went away is no news here: see `exists`. Raises ArtifactError for a damaged pointer or artifact,
        once a change: the next call returns None until something else is published.
        """
        signature = self._signature()
        if signature is None or signature == self._seen:
            return None
        # Remembered before reading: what is written in between has another signature and is found at the next call.
        self._seen = signature
        current = read_current(self._models_folder, self._pointer_name)
        if current is None:
            return None
        return current, load_artifact(self._models_folder, current.artifact, current.checksum)

    def exists(self) -> bool:
        """Whether there is a pointer right now."""
        return self._signature() is not None

    def _signature(self) -> tuple[int, int, int] | None:
        try:
            found = (self._models_folder / self._pointer_name).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
