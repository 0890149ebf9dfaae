"""A backup is taken while the site writes and the trainer publishes, and put back whole."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.backup import BackupError, restore_backup, take_backup
from app.backup.manifest import MANIFEST, write_manifest
from app.backup.restoring import restores_kept
from app.files import open_to_others
from app.models.current import load_current
from app.models.errors import TrainerBusyError
from app.models.locks import publish_lock, trainer_lock
from app.models.registry import Registry
from app.record.backfill import upgrade_database
from app.settings import Settings
from app.store import NotInitialisedError, Store, StoreError, WriterBusyError
from app.store.archives.copying import copy_database
from app.store.erasing.tombstones import KEY_FILE
from app.store.events import NewEvent, append_events, last_seq
from app.store.health import check_integrity
from app.store.interactions import visitor_interactions
from app.store.visitors import ensure_visitor, get_visitor
from app.store.writing.lock import RESTORE_MARK
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.erasure import erase
from tests.app.interactions import Did
from tests.app.learn.versions import publish_version
from tests.app.record.test_backfill import old_database

BACKUP_AT = 1_700_000_100.0
RESTORED_AT = 1_700_000_200.0


def _click(store_writer: object, visitor: Visitor, number: int) -> None:
    event = NewEvent(f"{visitor.visitor_id}-{number}", visitor.visitor_id, "item-001", "click", float(number), "real")

    def write(db: object) -> None:
        ensure_visitor(db, visitor)  # type: ignore[arg-type]
        append_events(db, [event], visitor.holdout)  # type: ignore[arg-type]

    store_writer.run(write)  # type: ignore[attr-defined]


@pytest.fixture
def registry(settings: Settings) -> Registry:
    """A registry with one published version."""
    registry = Registry(settings)
    publish_version(settings, registry)
    return registry


@pytest.fixture
def backup(settings: Settings, database: Path, registry: Registry, visitor: Visitor, tmp_path: Path) -> Path:
    """A backup with one visitor, one click and one published version."""
    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:
        _click(writer, visitor, 1)
    (settings.var / "secret_key").write_text("signs cookies")
    (settings.images_folder / "ab").mkdir(parents=True)
    (settings.images_folder / "ab" / "cdef.svg").write_text("<svg/>")
    take_backup(settings, tmp_path / "backup", BACKUP_AT)
    return tmp_path / "backup"


def _seen(settings: Settings) -> tuple[int, int | None]:
    """The newest event and the published version."""
    loaded = load_current(settings.models_folder)
    with Store(settings.event_database) as store:
        return last_seq(store.reader()), None if loaded is None else loaded[0].version


def test_what_is_restored_is_what_was_backed_up_and_what_was_there_is_kept(
    settings: Settings, backup: Path, registry: Registry, visitor: Visitor
) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        for number in (2, 3):
            _click(writer, visitor, number)
    publish_version(settings, registry)
    (settings.var / "secret_key").write_text("another")
    assert _seen(settings) == (3, 2)
    done = restore_backup(settings, backup, RESTORED_AT)
    assert _seen(settings) == (1, 1)
    assert [row.version for row in registry.versions()] == [1]
    assert (settings.var / "secret_key").read_text() == "signs cookies"
    assert (done.made_at, done.erased_again, done.held) == (BACKUP_AT, 0, "60 items, 1 visitor, 1 event")
    assert done.kept is not None
    assert [done.kept] == restores_kept(settings.var)
    assert _seen(replace(settings, var=done.kept)) == (3, 2)
    assert not (settings.var / RESTORE_MARK).exists()


def test_a_backup_is_restored_on_a_machine_that_has_nothing(settings: Settings, backup: Path, tmp_path: Path) -> None:
    elsewhere = replace(settings, var=tmp_path / "elsewhere")
    done = restore_backup(elsewhere, backup, RESTORED_AT)
    assert (done.erased_again, done.kept) == (0, None)
    assert _seen(elsewhere) == (1, 1)
    assert (elsewhere.images_folder / "ab" / "cdef.svg").read_text() == "<svg/>"
    assert (elsewhere.var / KEY_FILE).read_bytes() == (settings.var / KEY_FILE).read_bytes()


def test_a_backup_of_older_code_is_brought_up_to_date_before_anything_asks_it(
    settings: Settings, backup: Path, visitor: Visitor
) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        erase(writer, visitor.visitor_id, 5.0)
    (backup / settings.event_database.name).unlink()
    old_database(backup / settings.event_database.name, [Did("item-000"), Did("item-000", "like")])
    names = [path.relative_to(backup) for path in backup.rglob("*") if path.is_file() and path.name != MANIFEST]
    write_manifest(backup, names, BACKUP_AT)
    done = restore_backup(settings, backup, RESTORED_AT, upgrade_database)
    assert done.held == "4 items, 2 visitors, 2 events"
    with Store(settings.event_database) as store:
        assert [row.weight for row in visitor_interactions(store.reader(), "v")] == [1.0, 1.0]


def test_no_sequence_number_is_given_out_twice_after_a_restore(
    settings: Settings, database: Path, visitor: Visitor, tmp_path: Path
) -> None:
    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:
        for number in range(5):
            _click(writer, visitor, number)
        erase(writer, visitor.visitor_id, 5.0)
    take_backup(settings, tmp_path / "backup", BACKUP_AT)
    restore_backup(settings, tmp_path / "backup", RESTORED_AT)
    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:
        _click(writer, replace(visitor, visitor_id="visitor-2"), 6)
        assert last_seq(store.reader()) == 6


def test_who_was_erased_since_the_backup_stays_erased(settings: Settings, backup: Path, visitor: Visitor) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        erase(writer, visitor.visitor_id, 5.0)
    for _ in range(2):  # the restored site knows it as well, for an older backup that comes later
        assert restore_backup(settings, backup, RESTORED_AT).erased_again == 1
        with Store(settings.event_database) as store:
            assert get_visitor(store.reader(), visitor.visitor_id) is None
        assert visitor.visitor_id.encode() not in settings.event_database.read_bytes()


def test_a_backup_of_a_site_that_writes_and_publishes_fits_together(
    settings: Settings, database: Path, registry: Registry, tmp_path: Path
) -> None:
    stop, failed = threading.Event(), list[BaseException]()

    def publish() -> None:
        try:
            while not stop.is_set():
                with publish_lock(settings.models_folder):
                    publish_version(settings, registry)
        except BaseException as error:
            failed.append(error)

    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:

        def write() -> None:
            number = 0
            try:
                while not stop.is_set():
                    number += 1
                    _click(writer, new_visitor(settings, now=0.0, visitor_id=f"visitor-{number}"), number)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=publish), threading.Thread(target=write)]
        for thread in threads:
            thread.start()
        try:
            for number in range(3):
                take_backup(settings, tmp_path / f"backup-{number}", BACKUP_AT)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert not failed
    events = []
    for number in range(3):
        elsewhere = replace(settings, var=tmp_path / f"var-{number}")
        restore_backup(elsewhere, tmp_path / f"backup-{number}", RESTORED_AT)
        with Store(elsewhere.event_database) as store:
            check_integrity(store.reader())
            newest = last_seq(store.reader())
            count = store.reader().execute("SELECT count(*) FROM events").fetchone()[0]
        assert newest == count, "every event up to one moment, and none after it"
        events.append(count)
        champion = Registry(elsewhere).champion()
        loaded = load_current(elsewhere.models_folder)
        assert champion is not None
        assert loaded is not None
        assert loaded[0].version == champion.version
    assert events == sorted(events)


def test_a_restore_is_refused_while_the_site_or_the_trainer_runs(settings: Settings, backup: Path) -> None:
    before = _seen(settings)
    with Store(settings.event_database) as store, store.open_writer(), pytest.raises(WriterBusyError):
        restore_backup(settings, backup, RESTORED_AT)
    with trainer_lock(settings.var), pytest.raises(TrainerBusyError):
        restore_backup(settings, backup, RESTORED_AT)
    assert _seen(settings) == before
    assert restores_kept(settings.var) == []


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda backup: _flip(backup / "events.db"), "events.db is not as it was written"),
        (lambda backup: _flip(next(backup.rglob("*.npy"))), "is not as it was written"),
        (lambda backup: (backup / "registry.db").unlink(), "registry.db is missing"),
        (lambda backup: (backup / MANIFEST).unlink(), "is no backup"),
        (lambda backup: (backup / MANIFEST).write_text("[" * 100_000), "cannot be read"),
        (lambda backup: (backup / MANIFEST).write_text("{}"), "is not of a backup"),
        (
            lambda backup: (backup / MANIFEST).write_text(
                (backup / MANIFEST).read_text().replace('"secret_key"', '"../outside"')
            ),
            "leads out of the backup",
        ),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_changes(
    settings: Settings, backup: Path, damage: Callable[[Path], object], complaint: str
) -> None:
    before = _seen(settings)
    damage(backup)
    with pytest.raises(BackupError, match=complaint):
        restore_backup(settings, backup, RESTORED_AT)
    assert _seen(settings) == before
    assert not list(settings.var.glob(".restore*"))
    assert restores_kept(settings.var) == []


@pytest.mark.parametrize("moves", range(1, 9))
def test_a_restore_that_was_interrupted_is_finished_by_the_next_one(
    settings: Settings, backup: Path, registry: Registry, visitor: Visitor, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        erase(writer, visitor.visitor_id, 5.0)
        _click(writer, replace(visitor, visitor_id="visitor-2"), 2)
    publish_version(settings, registry)
    rename, left = Path.rename, [moves]

    class _Killed(BaseException):
        pass

    def die(self: Path, target: Path) -> Path:
        if left[0] == 0:
            raise _Killed
        left[0] -= 1
        return rename(self, target)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "rename", die)
        try:
            restore_backup(settings, backup, RESTORED_AT)
        except _Killed:
            with pytest.raises(StoreError, match="was interrupted"):
                Store(settings.event_database).reader()
            with pytest.raises(StoreError, match="run the same `flask restore` again"):
                Store(settings.event_database).open_writer()
    done = restore_backup(settings, backup, RESTORED_AT + 5)
    assert done.erased_again == 1
    assert done.kept is not None
    assert _seen(settings) == (0, 1)
    first = settings.var / f"before-restore-{RESTORED_AT:.0f}"
    assert _seen(replace(settings, var=first)) == (2, 2), "what was there first is kept, whatever was interrupted"


def test_a_backup_is_private_and_its_index_names_nobody(backup: Path, visitor: Visitor) -> None:
    assert not open_to_others(backup)
    assert [path for path in backup.rglob("*") if open_to_others(path)] == []
    assert visitor.visitor_id not in (backup / MANIFEST).read_text()
    assert set(json.loads((backup / MANIFEST).read_text())["files"]) >= {"events.db", "registry.db", "secret_key"}


def test_a_folder_that_has_something_is_not_written_to(settings: Settings, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="something already"):
        take_backup(settings, backup, BACKUP_AT)
    with pytest.raises(NotInitialisedError):
        take_backup(replace(settings, var=tmp_path / "nothing"), tmp_path / "other", BACKUP_AT)


def test_a_copy_that_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "garbage.db").write_bytes(b"garbage" * 1_000)
    with pytest.raises(StoreError, match="cannot be copied"):
        copy_database(tmp_path / "garbage.db", tmp_path / "copy.db")
