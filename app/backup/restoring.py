"""Putting a backup back in place of what is there, which is kept.

The order makes every moment safe to die in. The new files are checked and made whole in a folder beside; a mark then
says that files are being moved, and while it is there nothing opens the databases; what was there goes to a folder of
its own and is never written again; the mark goes last. Whoever restores again after an end in between finishes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from app.backup.manifest import BackupError, Manifest, check_files, read_manifest
from app.backup.taking import SECRET_FILES, refuse_server
from app.files import OWNER_FOLDER, make_private_folder, make_private_folders_of, sync_folder, sync_tree, write_file
from app.models.locks import PUBLISH_LOCK, publish_lock, trainer_lock
from app.settings import Settings
from app.store import Store
from app.store.archives.copying import empty_log, erase_again, tombstones_of
from app.store.erasing.tombstones import KEY_FILE, Tombstone, erasure_key
from app.store.health import check_integrity
from app.store.writing.lock import RESTORE_MARK, WriterLock

_STAGE = ".restore.part"
_KEPT = "before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    made_at: when the backup was taken, Unix seconds. held: a sentence with what the events hold now. erased_again: how
    many visitors of the backup were erased since it was taken and stay so; None when what was there could not be asked.
    kept: the folder with what was there before, None when there was nothing.
    """

    made_at: float
    held: str
    erased_again: int | None
    kept: Path | None


def _with_schema(database: Path) -> None:
    Store.create(database).close()


def restore_backup(
    settings: Settings, folder: Path, at: float, upgrade: Callable[[Path], object] = _with_schema
) -> Restored:
    """Put the backup `folder` in the place of the var folder's content; at: Unix seconds, which name what is kept.

    upgrade: brings the copied event database of older code up to date, before anything asks it.
    Raises WriterBusyError while a site runs, TrainerBusyError while a trainer does, and BackupError when the backup is
    not whole; then nothing was changed.
    """
    refuse_server(settings, "restore")
    var = settings.var
    manifest = read_manifest(folder)
    if settings.event_database.name not in manifest.files:
        raise BackupError(f"{folder} holds no {settings.event_database.name}; use another backup")
    make_private_folder(var)
    with ExitStack() as holding:
        lock = WriterLock(settings.event_database, restoring=True)
        holding.callback(lock.release)
        holding.enter_context(trainer_lock(var))
        holding.enter_context(publish_lock(settings.models_folder))
        try:
            return _restore(settings, folder, manifest, at, upgrade)
        except OSError as error:
            raise BackupError(f"{var} cannot be restored: {error}; make room and run it again") from error


def _restore(
    settings: Settings, folder: Path, manifest: Manifest, at: float, upgrade: Callable[[Path], object]
) -> Restored:
    var, mark = settings.var, settings.var / RESTORE_MARK
    kept = var / mark.read_text(encoding="utf-8") if mark.exists() else var / f"{_KEPT}{at:.0f}"
    erased, key = _erased_before(settings, kept)
    stage = var / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    try:
        _copy(folder, manifest, stage)
        check_files(stage, manifest)
        database = stage / settings.event_database.name
        upgrade(database)
        again = None if erased is None else erase_again(database, key, erased)
        with Store(database) as store:
            held = check_integrity(store.reader())
        sync_tree(stage)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    write_file(mark, kept.name)
    _swap(settings, stage, kept)
    shutil.rmtree(stage, ignore_errors=True)
    mark.unlink()
    sync_folder(var)
    return Restored(manifest.made_at, held, again, kept if kept.exists() else None)


def _erased_before(settings: Settings, kept: Path) -> tuple[list[Tombstone] | None, bytes]:
    """Who was erased in what is to be replaced, of which an interrupted restore may have moved some; and the key."""
    database = settings.event_database
    empty_log(database)
    before = kept / database.name if (kept / database.name).exists() else database
    with_key = kept / database.name if (kept / KEY_FILE).exists() else database
    erased = tombstones_of(before)
    return erased, erasure_key(with_key) if erased else b""


def _copy(folder: Path, manifest: Manifest, stage: Path) -> None:
    for name in manifest.files:
        target = stage / name
        make_private_folders_of(stage, Path(name))
        try:
            shutil.copyfile(folder / name, target)
        except FileNotFoundError as error:
            raise BackupError(f"{folder / name} is missing; use another backup") from error
        target.chmod(0o600)


def _swap(settings: Settings, stage: Path, kept: Path) -> None:
    """Move what is there to `kept` and what is new in its place, name by name; a name that is kept already stays so."""
    var = settings.var
    databases = (settings.event_database.name, settings.registry_database.name)
    beside = [f"{name}{suffix}" for name in databases for suffix in ("-wal", "-shm", "-journal")]
    # What the backup lacks of these stays: a secret came from the environment then, and pictures can be drawn again.
    may_stay = (*SECRET_FILES, settings.images_folder.name)
    for name in (*beside, *databases, settings.models_folder.name, *may_stay):
        old, new = var / name, stage / name
        if not new.exists() and name in may_stay:
            continue
        if old.exists() and not (kept / name).exists() and not _holds_only_a_lock(old):
            kept.mkdir(mode=OWNER_FOLDER, exist_ok=True)
            old.rename(kept / name)
            sync_folder(kept)
        elif old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
        if new.exists():
            new.rename(old)
    sync_folder(var)


def _holds_only_a_lock(path: Path) -> bool:
    return path.is_dir() and {inner.name for inner in path.iterdir()} <= {PUBLISH_LOCK}


def restores_kept(var: Path) -> list[Path]:
    """Folders with what earlier restores replaced, oldest first; an erasure does not reach into them."""
    with suppress(FileNotFoundError):
        return sorted(path for path in var.iterdir() if path.name.startswith(_KEPT) and path.is_dir())
    return []
