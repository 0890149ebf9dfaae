"""What a backup says of itself: its files with sizes and checksums, and no id of anybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from app.files import write_file
from app.store import StoreError

MANIFEST = "backup.json"
FORMAT = "recommender-flywheel-backup"
VERSION = 1


class BackupError(StoreError):
    """A backup cannot be taken or put back; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup. made_at: Unix seconds. files: relative path to size in bytes and SHA-256."""

    made_at: float
    files: Mapping[str, tuple[int, str]]


def write_manifest(folder: Path, names: Iterable[Path], made_at: float) -> Manifest:
    """Describe the files of a backup, given relative to it, in its manifest."""
    files = {name.as_posix(): ((folder / name).stat().st_size, _checksum(folder / name)) for name in sorted(names)}
    listed = {name: {"bytes": size, "sha256": checksum} for name, (size, checksum) in files.items()}
    document = {"format": FORMAT, "version": VERSION, "made_at": made_at, "files": listed}
    write_file(folder / MANIFEST, json.dumps(document, indent=1) + "\n")
    return Manifest(made_at, files)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError for a folder that is none."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(f"{folder} is no backup: it has no {MANIFEST}; make one with `flask backup`") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BackupError(f"{path} cannot be read ({error}); use another backup") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BackupError(f"{path} is not of a backup; make one with `flask backup`")
    if document.get("version") != VERSION:
        raise BackupError(f"{path} is of version {document.get('version')!r}, this code reads {VERSION}")
    try:
        files = {name: _entry(name, entry) for name, entry in document["files"].items()}
        return Manifest(float(document["made_at"]), files)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise BackupError(f"{path} is damaged ({error}); use another backup") from error


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raise BackupError when a file of the manifest is missing or is not as it was written."""
    for name, (size, checksum) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise BackupError(f"{path} is missing; use another backup")
        if path.stat().st_size != size or _checksum(path) != checksum:
            raise BackupError(f"{path} is not as it was written; use another backup")


def _entry(name: str, entry: Mapping[str, Any]) -> tuple[int, str]:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"the name {name!r} leads out of the backup")
    return int(entry["bytes"]), str(entry["sha256"])


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
