"""Taking a backup while the site and the trainer run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.backup.manifest import BackupError, write_manifest
from app.files import OWNER_FILE, make_private_folders_of, making_folder
from app.keys import KEYS_FILE
from app.models.current import CHALLENGER_POINTER, POINTER
from app.models.locks import publish_lock
from app.models.registry import Registry
from app.secret import ADMIN_PASSWORD_FILE, API_KEY_FILE, SECRET_KEY_FILE
from app.settings import Settings
from app.store import Store
from app.store.archives.copying import copy_database
from app.store.erasing.tombstones import KEY_FILE

SECRET_FILES = (SECRET_KEY_FILE, KEY_FILE, ADMIN_PASSWORD_FILE, API_KEY_FILE, KEYS_FILE)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup holds: its files, their bytes together, and how many model artifacts are among them."""

    files: int
    bytes: int
    artifacts: int


def take_backup(settings: Settings, folder: Path, made_at: float) -> Taken:
    """Write a backup of the var folder to `folder`, which must be new or empty; it appears there whole or not at all.

    made_at: Unix seconds. Registry, pointers and artifacts are copied while nobody may publish, and the events after
    them, so that no model of the backup has learned from an event that the backup lacks; pictures come last, since a
    row names one only when it is there. Raises BackupError, and NotInitialisedError when there is no event database.
    """
    refuse_server(settings, "backup")
    with Store(settings.event_database) as store:
        store.reader()
    try:
        with making_folder(folder) as beside:
            artifacts = _copy_models(settings, beside)
            copy_database(settings.event_database, beside / settings.event_database.name)
            _copy_pictures(settings, beside)
            for name in SECRET_FILES:
                if (settings.var / name).is_file():
                    _copy_file(settings.var / name, beside / name)
            names = [path.relative_to(beside) for path in beside.rglob("*") if path.is_file()]
            manifest = write_manifest(beside, names, made_at)
    except OSError as error:
        raise BackupError(f"{folder} cannot be written: {error.strerror}; nothing was left there") from error
    return Taken(len(manifest.files), sum(size for size, _ in manifest.files.values()), artifacts)


def refuse_server(settings: Settings, command: str) -> None:
    """Raise BackupError where a server keeps the events: its own tools copy them and put them back."""
    if settings.database_url:
        raise BackupError(
            f"the events are in {settings.database}, which `flask {command}` does not reach; copy the database with "
            f"pg_dump and pg_restore, and the folder {settings.var} beside it"
        )


def _copy_models(settings: Settings, beside: Path) -> int:
    models, copied = settings.models_folder, beside / settings.models_folder.name
    copied.mkdir(mode=0o700)
    with publish_lock(models):
        if settings.registry_database.exists():
            copy_database(settings.registry_database, beside / settings.registry_database.name)
        names = {row.artifact for row in Registry(settings).versions() if row.artifact}
        for pointer in (POINTER, CHALLENGER_POINTER):
            if (models / pointer).is_file():
                _copy_file(models / pointer, copied / pointer)
        present = [name for name in sorted(names) if (models / name).is_dir()]
        for name in present:
            (copied / name).mkdir(mode=0o700)
            for path in sorted((models / name).iterdir()):
                _copy_file(path, copied / name / path.name)
    return len(present)


def _copy_pictures(settings: Settings, beside: Path) -> None:
    for path in sorted(settings.images_folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(settings.var)
            make_private_folders_of(beside, name)
            _copy_file(path, beside / name)


def _copy_file(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(OWNER_FILE)
