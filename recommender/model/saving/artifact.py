"""A saved model: a folder of .npy arrays and JSON lists with a manifest of sizes and checksums, written at once or not
at all.

A saver swaps whole folders and a loader opens all files of one folder before it reads any, so that readers see the old
model or the new one. Nothing that this library did not write is replaced or removed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import ArtifactError
from recommender.model.saving.artifact_format import (
    MANIFEST,
    Stream,
    check_manifest,
    read_array,
    read_list,
    write_manifest,
)
from recommender.model.saving.folder_swap import parked, swap_folders, swap_goes_on

PATIENCE_S = 5.0
"""How long a loader goes on trying while savers replace the folder under it; a swap takes microseconds."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is in a saved model: plain values, named lists of ids, named arrays."""

    values: Mapping[str, Any]
    lists: Mapping[str, list[Any]]
    arrays: Mapping[str, NDArray[Any]]


def write_artifact(path: Path, artifact: Artifact) -> None:
    """Write a folder `path` in one step: a temporary folder beside it, fsync, swap. A saved model or an empty folder
    there is replaced; where `path` is a link, what it leads to is.

    Raises ArtifactError, and changes nothing, when anything else is there.
    """
    path = Path(os.path.realpath(path))
    check_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        files: dict[str, dict[str, Any]] = {}
        for name, values in artifact.lists.items():
            (beside / f"{name}.json").write_text(json.dumps(values), encoding="ascii")
            files[f"{name}.json"] = {"length": len(values)}
        for name, array in artifact.arrays.items():
            np.save(beside / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
            files[f"{name}.npy"] = {"shape": list(array.shape), "dtype": array.dtype.str}
        for name, entry in files.items():
            entry |= {"bytes": (beside / name).stat().st_size, "sha256": _checksum(beside / name)}
            _sync(beside / name)
        (beside / MANIFEST).write_bytes(write_manifest(artifact.values, files))
        _sync(beside / MANIFEST)
        _sync(beside)
        beside.chmod(0o755)
        swap_folders(beside, path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync(path.parent)
    _remove_model(beside)
    _remove_model(parked(path))  # of a swap that a crash cut short


def read_artifact(path: Path, *, mmap: bool = True) -> Artifact:
    """Read what `write_artifact` wrote, after checking every size and checksum; `mmap` maps arrays read-only from disk.

    Raises ArtifactError that names the file and what is wrong with it.
    """
    path = Path(path)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with _opened(path) as (folder, was_replaced):
            try:
                return read_files(path, folder, mmap)
            except (ArtifactError, OSError) as error:
                if not was_replaced() or time.monotonic() > deadline:
                    if isinstance(error, ArtifactError):
                        raise
                    raise ArtifactError(f"{path} cannot be read: {error}") from error


Opener = Callable[[str], Stream]


def read_files(path: Path, open_file: Opener, mmap: bool) -> Artifact:
    """Read the files of one folder, all of which are opened before the first is read."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(closing(open_file(MANIFEST)))
        except (FileNotFoundError, NotADirectoryError):
            raise ArtifactError(f"{path} is not a saved model: there is no {MANIFEST} in it") from None
        manifest = check_manifest(stream.read(), path / MANIFEST)
        streams: dict[str, Stream] = {}
        for name in manifest.files:
            try:
                streams[name] = stack.enter_context(closing(open_file(name)))
            except FileNotFoundError:
                raise ArtifactError(f"{path / name} is missing; restore the artifact or save the model again") from None
        lists: dict[str, list[Any]] = {}
        arrays: dict[str, NDArray[Any]] = {}
        for name, opened in streams.items():
            file, entry = path / name, manifest.files[name]
            size = opened.seek(0, os.SEEK_END)
            if size != entry["bytes"]:
                raise ArtifactError(f"{file} has {size} bytes, its manifest says {entry['bytes']}; it is damaged")
            opened.seek(0)
            if hashlib.file_digest(opened, "sha256").hexdigest() != entry["sha256"]:
                raise ArtifactError(f"{file} does not have the checksum in its manifest; it is damaged")
            opened.seek(0)
            if name.endswith(".json"):
                lists[name.removesuffix(".json")] = read_list(opened, entry, file)
            else:
                arrays[name.removesuffix(".npy")] = read_array(opened, entry, file, mmap=mmap)
    return Artifact(manifest.values, lists, arrays)


def check_replaceable(path: Path) -> None:
    """Raise ArtifactError unless `path` is free, an empty folder, or a saved model with no other file in its folder."""
    if not os.path.lexists(path):
        return
    found = "a file"
    if path.is_dir() and not path.is_symlink():
        names = {entry.name for entry in path.iterdir()}
        if not names:
            return
        own = _model_files(path)
        foreign = names - own - {MANIFEST}
        if own and not foreign:
            return
        found = f"a model's folder that also holds {min(foreign)!r}" if own else "a folder of something else"
    raise ArtifactError(f"{path} is {found}, which a model must not replace; save to a free path or to a saved model's")


def _model_files(path: Path) -> set[str]:
    """The files that the manifest of a saved model names; none where there is no sound manifest."""
    try:
        return set(check_manifest((path / MANIFEST).read_bytes(), path / MANIFEST, any_version=True).files)
    except (ArtifactError, OSError):
        return set()


def _remove_model(folder: Path) -> None:
    """Remove a model that was replaced, its own files only; a folder that somebody put another file into stays."""
    if not folder.exists():
        return
    names = _model_files(folder)
    for name in (*names, MANIFEST) if names else ():
        (folder / name).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        folder.rename(folder.with_name(f"{folder.name.lstrip('.')}.replaced"))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Opener, Callable[[], bool]]]:
    """How to open files of the folder that `path` names now, whatever replaces it, and whether something did."""
    if os.open not in os.supports_dir_fd:
        before = _identity(path)
        yield (
            (lambda name: io.BufferedReader(io.FileIO(path / name))),
            (lambda: _identity(path) != before or swap_goes_on(path)),
        )
        return
    try:
        folder = os.open(path, os.O_RDONLY)
    except FileNotFoundError:  # it may be on its way: then it is there, or about to be, a moment later
        yield (lambda name: io.BufferedReader(io.FileIO(path / name))), (lambda: _is_coming(path))
        return
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error}") from error
    try:
        opened = os.fstat(folder)

        def open_file(name: str) -> Stream:
            return io.BufferedReader(io.FileIO(os.open(name, os.O_RDONLY, dir_fd=folder)))

        def was_replaced() -> bool:
            return _identity(path) != (opened.st_dev, opened.st_ino) or swap_goes_on(path)

        yield open_file, was_replaced
    finally:
        os.close(folder)


def _is_coming(path: Path) -> bool:
    return swap_goes_on(path) or path.exists()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
