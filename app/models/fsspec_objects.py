"""A storage of objects behind fsspec: S3 and what speaks its language, by an extra (requirements/objects.txt).

Accounts come from where the storage's own client looks for them (environment, files, roles) and are never seen here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.models.errors import MissingObjectError, StorageUnavailableError

CONNECT_S, ANSWER_S, TRIES = 5, 30, 3
"""How long S3 may take to be reached and between two parts of an answer, and how often one call is made."""
OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": CONNECT_S,
            "read_timeout": ANSWER_S,
            "retries": {"max_attempts": TRIES, "mode": "standard"},
        }
    }
}
"""By scheme, what the client is opened with beside what the environment says."""


class FsspecObjects:
    """The folder of a storage at an address such as ``s3://bucket/prefix``."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._scheme, _, self._root = self._address.partition("://")
        self._opened: tuple[int, Any] | None = None

    @property
    def name(self) -> str:
        """Its address; the setting takes none with an account in it."""
        return self._address

    def put(self, folder: str, name: str, file: Path) -> None:
        """See `Objects`: an object appears when all of it has come."""
        with self._files() as files:
            files.put_file(str(file), f"{self._root}/{folder}/{name}")

    def get(self, folder: str, name: str, file: Path) -> None:
        """See `Objects`."""
        with self._files() as files:
            try:
                files.get_file(f"{self._root}/{folder}/{name}", str(file))
            except FileNotFoundError as error:
                raise MissingObjectError(folder, name) from error

    def folders(self) -> list[str]:
        """See `Objects`."""
        with self._files() as files:
            try:
                found = files.ls(self._root, detail=True, refresh=True)
            except FileNotFoundError:
                # A bucket that is not there looks like one that is empty; writing tells them apart.
                return []
            return sorted(Path(entry["name"].rstrip("/")).name for entry in found if entry["type"] == "directory")

    def remove(self, folder: str, first: str) -> None:
        """See `Objects`."""
        with self._files() as files:
            try:
                found = [entry["name"] for entry in files.ls(f"{self._root}/{folder}", detail=True, refresh=True)]
            except FileNotFoundError:
                return
            for path in sorted(found, key=lambda path: not path.endswith(f"/{first}")):
                files.rm_file(path)

    @contextmanager
    def _files(self) -> Iterator[Any]:
        """The client, opened in this process. Whatever it raises means that the storage cannot be had now."""
        try:
            yield self._client()
        except (StorageUnavailableError, MissingObjectError):
            raise
        except Exception as error:  # clients of storages raise what their libraries raise
            raise StorageUnavailableError(error) from error

    def _client(self) -> Any:
        # A client has a thread and connections, which a fork does not take along.
        if self._opened is None or self._opened[0] != os.getpid():
            try:
                import fsspec

                logging.getLogger("botocore.credentials").setLevel(logging.WARNING)  # it names where it found them
                client = fsspec.filesystem(
                    self._scheme, skip_instance_cache=True, use_listings_cache=False, **OPTIONS.get(self._scheme, {})
                )
            except ImportError as error:
                raise StorageUnavailableError(
                    error,
                    f"the setting artifacts names {self._scheme}://, and its client cannot be loaded ({error}); "
                    "run `pip install -r requirements/objects.txt`, which has that of s3://",
                ) from error
            self._opened = (os.getpid(), client)
        return self._opened[1]
