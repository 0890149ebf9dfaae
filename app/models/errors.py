"""What can go wrong in learning and publishing, in words that name the fix."""

from __future__ import annotations

from pathlib import Path

from app.store.errors import StoreError


class LearnError(Exception):
    """Base of the errors of learning and publishing."""


class TrainerBusyError(LearnError):
    """Another trainer is at work on the same data. pid: its process, None when it could not be read."""

    def __init__(self, lock: Path, pid: int | None) -> None:
        self.pid = pid
        super().__init__(
            f"a trainer is running already (process {pid or 'unknown'}, lock {lock.name}); "
            "two would publish against each other: end that one first, or let it do the work"
        )


class VersionError(LearnError):
    """A model version does not exist or cannot be published; the message lists what can be."""


class RegistryError(LearnError, StoreError):
    """The registry's database cannot be read or written now; the message says why."""


class RegistryDamagedError(RegistryError):
    """The registry's file is no registry, or what is in it cannot be read; the trainer sets it aside at its start."""
