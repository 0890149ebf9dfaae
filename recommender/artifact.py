"""A saved model: a folder of .npy arrays and JSON lists with a manifest of sizes and checksums, written at once or not
at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import ArtifactError

FORMAT = "recommender/factor-model"
VERSION = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is in a saved model: plain values, named lists of ids, named arrays."""

    values: Mapping[str, Any]
    lists: Mapping[str, list[Any]]
    arrays: Mapping[str, NDArray[Any]]


def write_artifact(path: Path, artifact: Artifact) -> None:
    """Write a folder `path` atomically: a temporary folder beside it, fsync, rename; an older one there is replaced."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        files: dict[str, dict[str, Any]] = {}
        for name, values in artifact.lists.items():
            (beside / f"{name}.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
            files[f"{name}.json"] = {"length": len(values)}
        for name, array in artifact.arrays.items():
            np.save(beside / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
            files[f"{name}.npy"] = {"shape": list(array.shape), "dtype": array.dtype.str}
        for name, entry in files.items():
            entry |= {"bytes": (beside / name).stat().st_size, "sha256": _checksum(beside / name)}
            _sync(beside / name)
        manifest = {"format": FORMAT, "version": VERSION, "values": dict(artifact.values), "files": files}
        (beside / MANIFEST).write_text(json.dumps(manifest, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        _sync(beside / MANIFEST)
        _sync(beside)
        beside.chmod(0o755)
        _replace(beside, path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync(path.parent)


def read_artifact(path: Path, *, mmap: bool = True) -> Artifact:
    """Read what `write_artifact` wrote, after checking every size and checksum; `mmap` maps arrays read-only from disk.

    Raises ArtifactError that names the file and what is wrong with it.
    """
    path = Path(path)
    manifest = _read_manifest(path)
    lists: dict[str, list[Any]] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, entry in manifest["files"].items():
        file = path / name
        if Path(name).name != name:
            raise ArtifactError(f"{path / MANIFEST} names a file outside the artifact: {name!r}")
        if not file.is_file():
            raise ArtifactError(f"{file} is missing; restore the artifact or save the model again")
        if file.stat().st_size != entry["bytes"]:
            raise ArtifactError(
                f"{file} has {file.stat().st_size} bytes, its manifest says {entry['bytes']}; it is damaged"
            )
        if _checksum(file) != entry["sha256"]:
            raise ArtifactError(f"{file} does not have the checksum in its manifest; it is damaged")
        try:
            if file.suffix == ".json":
                lists[file.stem] = json.loads(file.read_text(encoding="utf-8"))
            else:
                arrays[file.stem] = np.load(file, mmap_mode="r" if mmap else None, allow_pickle=False)
        except ValueError as error:
            raise ArtifactError(f"{file} cannot be read: {error}") from error
        _check_entry(file, entry, lists.get(file.stem), arrays.get(file.stem))
    return Artifact(manifest["values"], lists, arrays)


def _check_entry(file: Path, entry: Mapping[str, Any], values: Any, array: NDArray[Any] | None) -> None:
    if array is not None and (list(array.shape) != entry.get("shape") or array.dtype.str != entry.get("dtype")):
        raise ArtifactError(
            f"{file} holds {array.dtype.str} {list(array.shape)}, "
            f"its manifest says {entry.get('dtype')} {entry.get('shape')}"
        )
    if array is None and (not isinstance(values, list) or len(values) != entry.get("length")):
        raise ArtifactError(f"{file} does not hold a list of {entry.get('length')} values, as its manifest says")


def _read_manifest(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactError(f"{path} is not a saved model: there is no {MANIFEST} in it") from None
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{file} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{file} was not written by this library (format is not {FORMAT!r})")
    if manifest.get("version") != VERSION:
        raise ArtifactError(
            f"{file} has format version {manifest.get('version')!r}; this library reads version {VERSION}: "
            "train again and save the model anew"
        )
    files = manifest.get("files")
    if not isinstance(files, dict) or not isinstance(manifest.get("values"), dict):
        raise ArtifactError(f"{file} lacks its list of files or of values; it is damaged")
    for name, entry in files.items():
        if not isinstance(entry, dict) or not {"bytes", "sha256"} <= set(entry):
            raise ArtifactError(f"{file} lacks the size and checksum of {name!r}; it is damaged")
    return manifest


def _replace(beside: Path, path: Path) -> None:
    """Rename into place; a folder that is there is moved aside first, since a rename cannot replace a full folder."""
    if not path.exists():
        beside.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
    path.rename(old / path.name)
    beside.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
