"""What the files of a saved model may hold: each is checked before anything of it is believed.

The manifest is JSON: format, version, values, files (a name, size, checksum and shape each), and the checksum of all
that. Arrays are C-order .npy files of plain numbers, format 1.0; lists are JSON. Nothing here can run what it reads.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.errors import ArtifactError

FORMAT = "recommender/factor-model"
VERSION = 3
VERSIONS = (2, 3)
"""Versions that can be read; 2 had no checksum of the manifest itself."""
Stream = io.BufferedReader | io.BytesIO
MANIFEST = "manifest.json"
LONGEST_HEADER = 1024
_SHAPE = rb"\(([0-9]*(?:, ?[0-9]+)*,?)\)"
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '(<[fi][48])', 'fortran_order': False, 'shape': " + _SHAPE + rb", \} *\n",
    re.DOTALL,
)
"""The header of a .npy file as NumPy writes it for the arrays of a model. NumPy's own reader takes far more: a header
is a Python expression to it, and some spoilt ones end it with an error of Python's tokenizer."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The values of a model, and for each of its files `bytes`, `sha256` and either `shape` and `dtype` or `length`."""

    values: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]


def write_manifest(values: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The manifest of these values and files."""
    content = {"format": FORMAT, "version": VERSION, "values": dict(values), "files": dict(files)}
    signed = content | {"checksum": checksum_of(content)}
    return (json.dumps(signed, indent=1, allow_nan=False) + "\n").encode()


def check_manifest(given: bytes, file: Path, *, any_version: bool = False) -> Manifest:
    """Read a manifest; ArtifactError, naming `file`, for one that is damaged or foreign, or of another version."""
    try:
        manifest = json.loads(given.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{file} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{file} was not written by this library (format is not {FORMAT!r})")
    version = manifest.get("version")
    checksum = manifest.pop("checksum", None)
    if (checksum is not None or version == VERSION) and checksum != checksum_of(manifest):
        raise ArtifactError(f"{file} does not have the checksum that it names; it is damaged")
    if not any_version and (type(version) is not int or version not in VERSIONS):
        raise ArtifactError(
            f"{file} has format version {version!r}; this library reads version {VERSION}: "
            "train again and save the model anew"
        )
    values, files = manifest.get("values"), manifest.get("files")
    if not isinstance(files, dict) or not isinstance(values, dict):
        raise ArtifactError(f"{file} lacks its list of files or of values; it is damaged")
    for name, entry in files.items():
        if os.path.basename(name) != name or "\0" in name or not name.endswith((".npy", ".json")) or name == MANIFEST:
            raise ArtifactError(f"{file} names a file outside the artifact: {name!r}")
        if not isinstance(entry, dict) or not {"bytes", "sha256"} <= set(entry):
            raise ArtifactError(f"{file} lacks the size and checksum of {name!r}; it is damaged")
    return Manifest(values, files)


def checksum_of(content: Mapping[str, Any]) -> str | None:
    """SHA-256 of a manifest without its checksum, whatever its spacing and order; None when it cannot be written."""
    try:
        written = json.dumps(content, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None
    return hashlib.sha256(written.encode()).hexdigest()


def read_list(stream: Stream, entry: Mapping[str, Any], file: Path) -> list[Any]:
    """The list in a JSON file; ArtifactError unless it is one, of the length in its manifest."""
    try:
        values = json.loads(stream.read().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{file} cannot be read: {error}") from error
    if not isinstance(values, list) or len(values) != entry.get("length"):
        raise ArtifactError(f"{file} does not hold a list of {entry.get('length')} values, as its manifest says")
    return values


def read_array(stream: Stream, entry: Mapping[str, Any], file: Path, *, mmap: bool) -> NDArray[Any]:
    """The array in a .npy file, mapped read-only when `mmap`; ArtifactError unless it is what its manifest says."""
    try:
        header = _HEADER.match(stream.read(LONGEST_HEADER))
        if header is None or header.end() != 10 + int.from_bytes(header[1], "little"):
            raise ValueError("it is no .npy file of a C-order array of float32, float64, int32 or int64")
        dtype, shape = np.dtype(header[2].decode()), tuple(int(size) for size in header[3].split(b",") if size.strip())
        start = header.end()
        if [*shape] != entry.get("shape") or dtype.str != entry.get("dtype"):
            raise ValueError(
                f"it holds {dtype.str} {[*shape]}, its manifest says {entry.get('dtype')} {entry.get('shape')}"
            )
        size = math.prod(shape) * dtype.itemsize
        if stream.seek(0, 2) - start != size:
            raise ValueError(f"it has not the {size} bytes of {dtype.str} {[*shape]} behind its header")
        stream.seek(start)
        if mmap and size:
            # As a plain array: slices of a memmap cost ten times as much, and rows are sliced on every page.
            return np.asarray(np.memmap(stream, dtype=dtype, mode="r", offset=start, shape=shape))
        return np.frombuffer(stream.read(), dtype=dtype).reshape(shape)
    except (ValueError, OverflowError, MemoryError) as error:
        raise ArtifactError(f"{file} cannot be read: {error}") from error
