"""Artifacts in a storage that hosts share, with copies on this machine; the registry's rows are the pointers.

An artifact is stored file by file, its manifest last, read back, and named by a row of the registry only then. Who
loads one compares the manifest with the checksum of the row, and every file with the manifest, so that what is
damaged, cut short or another's is never loaded. The models folder of the machine keeps copies, checked at each load.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from app.files import PART, make_private, make_private_folder, write_file
from app.models.current import CHALLENGER_POINTER, MANIFEST, POINTER, Current, artifact_checksum, load_artifact
from app.models.errors import MissingObjectError, StorageUnavailableError
from app.models.objects import Objects
from app.models.registry_rows import ModelVersion
from recommender import ArtifactError, FactorModel

KEPT_COPIES = 3
"""Newest copies that a machine keeps beside those of champion and challenger."""
LEFT_OVER_S = 3_600.0
"""Age at which what nobody finished, or names, is removed from a machine."""
PROBE = ".probe"
_STATES = {POINTER: "champion", CHALLENGER_POINTER: "challenger"}

_log = structlog.get_logger(__name__)

RowOf = Callable[[str], ModelVersion | None]
"""The row of the registry in a state; None where there is none. Raises RegistryError."""


class SharedStorage:
    """See `ModelStorage`. folder: of the copies. row_of: reads the registry."""

    def __init__(self, folder: Path, objects: Objects, row_of: RowOf) -> None:
        self._folder = folder
        self._objects = objects
        self._row_of = row_of

    @property
    def name(self) -> str:
        """The address of the storage."""
        return self._objects.name

    def read_pointer(self, pointer_name: str = POINTER) -> Current | None:
        """See `ModelStorage`: the row that the registry has in the pointer's state."""
        row = self._row_of(_STATES[pointer_name])
        if row is None:
            return None
        return Current(row.version, row.artifact, row.checksum, row.watermark, row.published_at or row.created_at)

    def write_pointer(self, current: Current, pointer_name: str = POINTER) -> None:
        """See `ModelStorage`: the transaction that gives a row its state is the one step."""

    def remove_pointer(self, pointer_name: str) -> bool:
        """See `ModelStorage`."""
        return False

    def signature(self, pointer_name: str) -> Hashable | None:
        """See `ModelStorage`: one short query."""
        current = self.read_pointer(pointer_name)
        return None if current is None else (current.version, current.checksum)

    def check(self) -> None:
        """See `ModelStorage`: write a few bytes, read them and remove them."""
        make_private_folder(self._folder)
        given = secrets.token_bytes(32)
        name = secrets.token_hex(8)
        with self._beside(PROBE) as beside:
            write_file(beside / "given", given, durable=False)
            self._objects.put(PROBE, name, beside / "given")
            try:
                self._objects.get(PROBE, name, beside / "got")
            except MissingObjectError as error:
                raise StorageUnavailableError(error) from error
            self._objects.remove(PROBE, name)
            if (beside / "got").read_bytes() != given:
                raise StorageUnavailableError(ValueError("it gives back other bytes than it was given"))

    def save(self, model: FactorModel, artifact: str) -> str:
        """See `ModelStorage`. Raises StorageUnavailableError when it cannot be stored, or is not read back as it is."""
        make_private_folder(self._folder)
        model.save(self._folder / artifact)
        try:
            self.store(artifact)
        except BaseException:
            shutil.rmtree(self._folder / artifact, ignore_errors=True)
            raise
        return artifact_checksum(self._folder / artifact)

    def store(self, artifact: str) -> None:
        """Store the copy that this machine has of an artifact, manifest last, and read it back."""
        folder = self._folder / artifact
        names = [*_file_names(folder / MANIFEST), MANIFEST]
        try:
            for name in names:
                self._objects.put(artifact, name, folder / name)
            with self._beside(artifact) as beside:
                for name in names:
                    self._objects.get(artifact, name, beside / name)
                    if _sum_of(beside / name) != _sum_of(folder / name):
                        raise StorageUnavailableError(ValueError(f"it gives back another {name} than it was given"))
        except BaseException as error:
            with suppress(StorageUnavailableError):
                self._objects.remove(artifact, MANIFEST)
            if isinstance(error, MissingObjectError):
                raise StorageUnavailableError(error) from error
            raise

    def load(self, artifact: str, checksum: str) -> FactorModel:
        """See `ModelStorage`: from the copy of this machine, which is fetched anew where it is not the right one."""
        if (self._folder / artifact).exists():
            try:
                return load_artifact(self._folder, artifact, checksum)
            except ArtifactError as error:
                _log.warning("model_copy_fetched_anew", artifact=artifact, problem=str(error))
        make_private_folder(self._folder)
        with self._beside(artifact) as beside:
            self._objects.get(artifact, MANIFEST, beside / MANIFEST)
            if artifact_checksum(beside) != checksum:
                raise ArtifactError(
                    f"the stored model {artifact} is not the one that the registry names: its manifest is damaged or "
                    "another's; publish another with `flask models promote VERSION`"
                )
            for name in _file_names(beside / MANIFEST):
                self._objects.get(artifact, name, beside / name)
            model = load_artifact(self._folder, beside.name, checksum)
            self._put_in_place(beside, self._folder / artifact)
        self._remove_old_copies()
        return model

    def remove(self, artifact: str) -> None:
        """See `ModelStorage`: what the storage does not remove now, `tidy` does."""
        shutil.rmtree(self._folder / artifact, ignore_errors=True)
        with suppress(StorageUnavailableError):
            self._objects.remove(artifact, MANIFEST)

    def artifacts(self) -> Collection[str]:
        """See `ModelStorage`."""
        return [name for name in self._objects.folders() if name != PROBE]

    def tidy(self, cleared: Collection[str]) -> list[str]:
        """See `ModelStorage`. What no row of the registry names is left alone: it may be another site's."""
        make_private_folder(self._folder)
        make_private(self._folder)
        left = sorted(set(self._objects.folders()) & set(cleared))
        for artifact in left:
            self._objects.remove(artifact, MANIFEST)
        old = [entry for entry in self._folder.iterdir() if entry.name.endswith(PART) and _age_s(entry) > LEFT_OVER_S]
        for entry in old:
            shutil.rmtree(entry, ignore_errors=True)
        return [f"{name} was left over and is removed" for name in (*left, *(entry.name for entry in old))]

    @contextmanager
    def _beside(self, artifact: str) -> Iterator[Path]:
        """A folder beside the copies, which goes with the block unless it was put in place."""
        beside = Path(tempfile.mkdtemp(prefix=f".{artifact}.", suffix=PART, dir=self._folder))
        try:
            yield beside
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _put_in_place(self, beside: Path, folder: Path) -> None:
        """Make what was fetched the copy of this machine. Another process may do the same: either copy is right."""
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # the other was faster; what is mapped stays readable without its names
            beside.rename(folder)

    def _remove_old_copies(self) -> None:
        named = {row.artifact for state in _STATES.values() if (row := self._row_of(state)) is not None}
        copies = [entry for entry in self._folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
        for entry in sorted(copies, key=_age_s)[KEPT_COPIES:]:
            if entry.name not in named and _age_s(entry) > LEFT_OVER_S:
                shutil.rmtree(entry, ignore_errors=True)


def _file_names(manifest: Path) -> list[str]:
    """The files that a manifest names. Raises ArtifactError for one that names none, or a file elsewhere."""
    try:
        names = sorted(json.loads(manifest.read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{manifest} names no files of a model ({error!r}); it is damaged") from error
    if any(Path(name).name != name for name in names):
        raise ArtifactError(f"{manifest} names a file outside of the model; it is none of ours")
    return names


def _sum_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _age_s(entry: Path) -> float:
    try:
        return time.time() - entry.stat().st_mtime
    except OSError:  # another process removed it
        return 0.0
