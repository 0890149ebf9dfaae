"""What can go wrong in learning and publishing, in words that name the fix."""

from __future__ import annotations

from pathlib import Path

from app.store.errors import StoreError
from recommender import ArtifactError


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

    def __init__(self, said: str, to_strangers: str = "") -> None:
        """to_strangers: what answers may tell, where the message names hosts."""
        self.to_strangers = to_strangers
        super().__init__(said)


class RegistryDamagedError(RegistryError):
    """The registry's file is no registry, or what is in it cannot be read; the trainer sets it aside at its start."""


class StorageUnavailableError(LearnError, StoreError, ArtifactError):
    """The storage of models cannot be had now: nothing is said of what it holds. The same call may work later."""

    def __init__(self, error: Exception, said: str = "") -> None:
        """error: what its client raised. said: the whole message, where the error's own would not help."""
        detail = " ".join(str(error).split())[:300]
        self.to_strangers = "the storage of models cannot be reached; it is tried again"
        super().__init__(
            said or f"the storage of models cannot be had now ({type(error).__name__}: {detail}); it is tried again"
        )


class MissingObjectError(ArtifactError):
    """The storage of models answers, and does not hold a file."""

    def __init__(self, artifact: str, name: str) -> None:
        super().__init__(f"the storage of models holds no {name} of model {artifact}; publish another version")
