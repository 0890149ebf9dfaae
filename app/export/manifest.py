"""What an export says of itself: its files with rows, sizes and checksums, and what they are complete up to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from app.files import write_file
from app.secret import secret_key
from app.settings import Settings
from app.store import StoreError

MANIFEST = "manifest.json"
FORMAT = "recommender-flywheel-export"
VERSION = 1


class ExportError(StoreError):
    """An export cannot be written or gone on with; the message names the folder or file and what to do."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One Parquet file. fingerprint: of the rows of its range in the database; empty for tables without ranges."""

    rows: int
    bytes: int
    sha256: str
    fingerprint: tuple[int, ...] = ()


@dataclass(slots=True)
class Manifest:
    """What is in an export.

    site: which site it is of, without telling anything of it. span: numbers of interactions a file.
    complete: False while an export is being written, and after one that was cut.
    interaction, watermark: the newest interaction and the newest event there were. erasure, curation, merge: numbers of
    the newest erasure, change of the exclusions and merge that the files know of. made_at: Unix seconds.
    exclusion: number of the newest exclusion in force. settings: what the site's models are made by, see
    `learning_settings`. files: by path relative to the folder.
    """

    site: str
    span: int
    complete: bool = False
    made_at: float = 0.0
    interaction: int = 0
    watermark: int = 0
    erasure: int = 0
    curation: int = 0
    merge: int = 0
    excluded_visitors: int = 0
    excluded_rows: int = 0
    exclusion: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: dict[str, ExportedFile] = field(default_factory=dict)

    def rows(self, table: str) -> int:
        """Rows of one table, all its files together."""
        return sum(entry.rows for name, entry in self.files.items() if name.startswith(f"{table}/"))

    def write(self, folder: Path) -> None:
        """Make this the manifest of the folder, in one step. Raises OSError."""
        document = {"format": FORMAT, "version": VERSION, **asdict(self)}
        document["rows"] = {table: self.rows(table) for table in ("interactions", "items", "visitors")}
        document["sum"] = checksum_of(document)
        write_file(folder / MANIFEST, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def site_mark(settings: Settings) -> str:
    """What tells this site from another, without telling anything of it: made of the secret key."""
    return hashlib.sha256(f"export {secret_key(settings)}".encode()).hexdigest()[:16]


def checksum_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document without its own ``sum``: a value whose bits changed may still look right."""
    rest = {name: value for name, value in document.items() if name != "sum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an export, None where there is none. Raises ExportError for one that cannot be gone on with."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ExportError(f"{path} cannot be read ({error}); remove {folder} and export again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ExportError(f"{path} is not of an export; name a folder that does not exist")
    if document.get("version") != VERSION:
        raise ExportError(f"{path} is of version {document.get('version')!r}, this code writes {VERSION}; export anew")
    try:
        if document["sum"] != checksum_of(document):
            raise ValueError("its values do not have the sum that it states")
        files = {_checked(name): _file(entry) for name, entry in document["files"].items()}
        kept = {name: document[name] for name in Manifest.__dataclass_fields__}
        return Manifest(**{**kept, "files": files})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); remove {folder} and export again") from error


def _file(entry: Mapping[str, Any]) -> ExportedFile:
    return ExportedFile(entry["rows"], entry["bytes"], entry["sha256"], tuple(entry["fingerprint"]))


def _checked(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) != 2:
        raise ValueError(f"the name {name!r} is none of an export's files")
    return name
