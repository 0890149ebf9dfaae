"""Locks between processes: one trainer at a time, one publishing at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.files import lock_holder, open_lock, waiting_lock
from app.models.errors import TrainerBusyError

PUBLISH_LOCK = ".publish.lock"
TRAINER_LOCK = "trainer.lock"


@contextmanager
def trainer_lock(var: Path) -> Iterator[None]:
    """Be the only trainer on this var folder. Raises TrainerBusyError, naming the other's process, at once."""
    path = var / TRAINER_LOCK
    descriptor = open_lock(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainerBusyError(path, lock_holder(descriptor)) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def publish_lock(models_folder: Path) -> Iterator[None]:
    """Be the only one who publishes, promotes or rolls back; waits for the other. The kernel frees it on any death."""
    with waiting_lock(models_folder / PUBLISH_LOCK):
        yield
