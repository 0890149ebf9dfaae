"""Exporting: interactions in files of a range of numbers each, items and visitors whole, and a manifest.

A range is written again only when its rows in the database are others than those that were exported: when it grew, when
somebody of it was erased or merged, or when exclusions changed. So a second call writes what is new, and nothing of an
erased or excluded visitor outlives the call after it.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.export.manifest import ExportedFile, ExportError, Manifest, read_manifest, site_mark
from app.export.parquet_tables import TABLES, item_rows, need_pyarrow, write_table
from app.files import PART, lock_holder, make_private_folder, open_lock
from app.models.config import learning_settings
from app.settings import Settings
from app.store import Store
from app.store.events import last_seq
from app.store.exported import (
    Fingerprint,
    exported_interactions,
    exported_visitors,
    fingerprints,
    one_moment,
    visitor_count,
)
from app.store.interactions import excluded_interactions, last_interaction
from app.store.items import all_items
from app.store.measures.exclusions import excluded_visitors, last_curation, newest_exclusion
from app.store.merges import last_merge
from app.store.visitors import last_erasure

SPAN = 1_000_000
"""Numbers of interactions a file: some 15 MB, and at most so many rows are written again when one of them changed."""

LOCK = ".lock"

_OURS = re.compile(r"interactions/part-\d{6,}\.parquet|items/items\.parquet|visitors/visitors\.parquet")
_HALF = re.compile(rf"\.(?:manifest\.json|[a-z]+(?:-\d+)?\.parquet)\.\w+{re.escape(PART)}")
"""Names of files that an export writes, and of those that a killed call leaves half written: no others are removed."""

Progress = Callable[[float], None]
"""Is told which share of the rows to write was written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a call did: the manifest as it then stood, files that it wrote, removed and left as they were, and rows."""

    manifest: Manifest
    written: int
    removed: int
    kept: int
    rows_written: int


def export_parquet(
    settings: Settings,
    store: Store,
    folder: Path,
    *,
    now: float,
    span: int = SPAN,
    on_progress: Progress = lambda share: None,
) -> Exported:
    """Bring the export in `folder` up to date, or begin one in a folder that is new or empty.

    span: numbers of interactions a file, for a new export. now: Unix seconds. A call that is cut leaves whole files and
    a manifest that says what is missing; the next one goes on. Memory is that of the catalog and of one row group.
    Raises ExportError for a folder that holds anything else or another site's export, or that another call writes, and
    where pyarrow is missing or the folder cannot be written.
    """
    need_pyarrow()
    try:
        with _locked(folder):
            return _export(settings, store, folder, now, span, on_progress)
    except OSError as error:
        raise ExportError(
            f"{error.filename or folder} cannot be written: {error.strerror}; what was written is whole, "
            "make room or name another folder and run this again"
        ) from error


def _export(settings: Settings, store: Store, folder: Path, now: float, span: int, on_progress: Progress) -> Exported:
    manifest = _begun(settings, folder, span)
    conn = store.reader()
    # Read before the rows: what changes in between is noticed by the next call.
    manifest.erasure, manifest.curation, manifest.merge = last_erasure(conn), last_curation(conn), last_merge(conn)
    with one_moment(conn):
        last, watermark = last_interaction(conn), last_seq(conn)
        found = fingerprints(conn, manifest.span, 1, last)
        manifest.excluded_visitors, manifest.excluded_rows = len(excluded_visitors(conn)), excluded_interactions(conn)
        manifest.exclusion = newest_exclusion(conn)
        visitors = visitor_count(conn)
    items = all_items(conn)
    wanted = {_part(number): number for number in found}
    gone = [name for name in manifest.files if name.startswith("interactions/") and name not in wanted]
    due = {name: number for name, number in wanted.items() if not _is_current(folder, name, manifest, found[number])}
    progress = _Counted(sum(found[number].rows for number in due.values()) + len(items) + visitors, on_progress)
    manifest.complete = False
    if gone or due or not manifest.files:
        manifest.write(folder)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
        del manifest.files[name]
    for name, number in sorted(due.items()):
        entry = _write_part(store, folder / name, number, manifest.span, last, progress.add)
        if entry is None:
            (folder / name).unlink(missing_ok=True)
            manifest.files.pop(name, None)
        else:
            manifest.files[name] = entry
        manifest.write(folder)
    written = len(due)
    for name, rows in (("items", item_rows(items)), ("visitors", exported_visitors(conn))):
        path = f"{name}/{name}.parquet"
        before = manifest.files.get(path) if (folder / path).is_file() else None
        entry = write_table(folder / path, name, rows, progress.add, unless=None if before is None else before.sha256)
        written += entry != before
        manifest.files[path] = entry
    manifest.interaction, manifest.watermark, manifest.made_at = last, watermark, now
    manifest.settings, manifest.complete = learning_settings(settings), True
    manifest.write(folder)
    on_progress(1.0)
    return Exported(manifest, written, len(gone), len(manifest.files) - written, progress.done)


def _begun(settings: Settings, folder: Path, span: int) -> Manifest:
    """The manifest to go on from; what a killed call left half written is removed."""
    site = site_mark(settings)
    manifest = read_manifest(folder)
    if manifest is None:
        strange = sorted({entry.name for entry in folder.iterdir()} - {LOCK} - set(TABLES))
        # A manifest is there before the first file, so that without one these are somebody's own.
        strange += sorted(path.relative_to(folder).as_posix() for table in TABLES for path in folder.glob(f"{table}/*"))
        strange = [name for name in strange if not _HALF.fullmatch(name.rpartition("/")[2])]
        if strange:
            raise ExportError(
                f"{folder} holds {strange[0]!r}, which is of no export; name a folder that does not exist"
            )
        manifest = Manifest(site, span)
    elif manifest.site != site:
        raise ExportError(
            f"{folder} holds the export of another site, or the secret key changed; name a folder that does not exist"
        )
    for half in (*folder.glob(f".*{PART}"), *folder.glob(f"*/.*{PART}")):
        if _HALF.fullmatch(half.name):
            half.unlink(missing_ok=True)
    for path in folder.glob("*/*.parquet"):
        name = path.relative_to(folder).as_posix()
        if _OURS.fullmatch(name) and name not in manifest.files:
            path.unlink()
    return manifest


def _is_current(folder: Path, name: str, manifest: Manifest, found: Fingerprint) -> bool:
    entry = manifest.files.get(name)
    if entry is None or entry.fingerprint != found:
        return False
    path = folder / name
    return path.is_file() and path.stat().st_size == entry.bytes


def _write_part(
    store: Store, path: Path, number: int, span: int, last: int, on_rows: Callable[[int], None]
) -> ExportedFile | None:
    """Write the interactions of one range up to the number `last`; None when there are none any more."""
    first, to = number * span + 1, min((number + 1) * span, last)
    conn = store.reader()
    with one_moment(conn):
        found = fingerprints(conn, span, first, to).get(number)
        if found is None:
            return None
        written = write_table(path, "interactions", exported_interactions(conn, first, to), on_rows)
    return replace(written, fingerprint=tuple(found))


def _part(number: int) -> str:
    return f"interactions/part-{number:06}.parquet"


class _Counted:
    """Rows that were written of those that are to be."""

    def __init__(self, total: int, on_progress: Progress) -> None:
        self._total, self._on_progress, self.done = max(1, total), on_progress, 0

    def add(self, rows: int) -> None:
        self.done += rows
        self._on_progress(min(1.0, self.done / self._total))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Be the only one who writes this export. Raises ExportError at once when another call does."""
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file; name a folder")
    make_private_folder(folder)
    descriptor = open_lock(folder / LOCK)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = lock_holder(descriptor)
            raise ExportError(f"process {holder or 'unknown'} writes this export already; let it end") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)
