"""The right to write the event database: held by one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from app.files import OWNER_FILE, lock_holder, make_private
from app.store.errors import StoreError, WriterBusyError

RESTORE_MARK = "restore-unfinished"
"""File in the var folder while `flask restore` moves files; it names the folder that keeps what was there before."""


def refuse_half_restored(database: Path) -> None:
    """Raise StoreError when a restore of the database's folder was interrupted: its files may not fit together."""
    mark = database.with_name(RESTORE_MARK)
    if mark.exists():
        raise StoreError(
            f"a restore of {database.parent} was interrupted ({mark.name}); run the same `flask restore` again"
        )


def writer_lock_file(database: Path) -> Path:
    """Where the lock of a database's writer lies."""
    return database.with_name(database.name + ".writer.lock")


class WriterLock:
    """An advisory lock on ``<database>.writer.lock``; the kernel lets go of it when the process ends, however it ends.

    The file holds the process id of the holder for the error message of those who come second. It is never removed:
    a third process could lock a file that a second one is about to unlink.
    """

    def __init__(self, database: Path, *, restoring: bool = False) -> None:
        """Take the lock. Raises WriterBusyError, naming the process that holds it.

        restoring: the holder goes on with a restore that was interrupted; for everybody else that is a StoreError.
        """
        if not restoring:
            refuse_half_restored(database)
        path = writer_lock_file(database)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_FILE)
        make_private(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = lock_holder(descriptor)
            os.close(descriptor)
            raise WriterBusyError(database.name, holder) from error
        except OSError:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
