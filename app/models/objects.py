"""Files that several hosts share, by names such as ``7/manifest.json``: in a folder, or in a storage of objects."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from app.files import OWNER_FOLDER, replacing_file
from app.models.errors import MissingObjectError, StorageUnavailableError

_SCHEME = re.compile("([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


class Objects(Protocol):
    """Folders of files. Every call raises StorageUnavailableError while the storage cannot be had."""

    @property
    def name(self) -> str:
        """How messages for the owner name the place."""

    def put(self, folder: str, name: str, file: Path) -> None:
        """Store a file whole; whoever reads meanwhile gets the old one, the new one or none."""

    def get(self, folder: str, name: str, file: Path) -> None:
        """Copy one to `file`. Raises MissingObjectError where there is none."""

    def folders(self) -> list[str]:
        """The folders that hold a file."""

    def remove(self, folder: str, first: str) -> None:
        """Remove a folder's files, `first` before all others, so that what is left of it is no model."""


def open_objects(place: str) -> Objects:
    """The storage that the setting `artifacts` names; nothing is asked of it yet.

    Raises StorageUnavailableError when the package that speaks to it is missing.
    """
    scheme = _SCHEME.match(place)
    if scheme is None or scheme[1].lower() == "file":
        return FolderObjects(Path(place[scheme.end() :] if scheme else place))
    from app.models.fsspec_objects import FsspecObjects  # it needs an extra

    return FsspecObjects(place)


class FolderObjects:
    """A folder that hosts share, such as one of NFS. It must be there: a mount that is missing is not made up for."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._root)

    def put(self, folder: str, name: str, file: Path) -> None:
        """See `Objects`."""
        with _told(self._root):
            (self._root / folder).mkdir(mode=OWNER_FOLDER, exist_ok=True)
            with file.open("rb") as source, replacing_file(self._root / folder / name) as target:
                shutil.copyfileobj(source, target)

    def get(self, folder: str, name: str, file: Path) -> None:
        """See `Objects`."""
        with _told(self._root):
            if not (self._root / folder / name).exists():
                raise MissingObjectError(folder, name)
            shutil.copyfile(self._root / folder / name, file)

    def folders(self) -> list[str]:
        """See `Objects`."""
        with _told(self._root):
            return sorted(entry.name for entry in self._root.iterdir() if entry.is_dir())

    def remove(self, folder: str, first: str) -> None:
        """See `Objects`."""
        with _told(self._root):
            (self._root / folder / first).unlink(missing_ok=True)
            if (self._root / folder).exists():
                shutil.rmtree(self._root / folder)


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """Raise what the system says of the folder as the storage's being away."""
    try:
        if not root.is_dir():
            raise FileNotFoundError(2, "there is no such folder; make it, or mount it", str(root))
        yield
    except OSError as error:
        raise StorageUnavailableError(error) from error
