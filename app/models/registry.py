"""The model registry: every version that was ever made, what came of it, and what it was made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from app.models import registry_rows as table
from app.models.current import Current
from app.models.errors import RegistryDamagedError
from app.models.objects import open_objects
from app.models.registry_file import RegistryFile
from app.models.registry_rows import ModelVersion, Search, Step
from app.models.registry_server import RegistryServer
from app.models.shared_storage import SharedStorage
from app.models.storage import FolderStorage, ModelStorage
from app.settings import Settings
from app.store.engines import Connection
from app.values.counted import counted
from app.values.database_address import PostgresAddress

T = TypeVar("T")


class RegistryPlace(Protocol):
    """Where the rows of a registry are."""

    def publishing(self) -> AbstractContextManager[None]:
        """Be the only one who publishes, promotes or rolls back; waits for the other."""

    def read(self, query: Callable[[Connection], T], without: T) -> T:
        """What a query gives, `without` before anything was written. Raises RegistryError, RegistryDamagedError."""

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in one transaction. Raises RegistryError."""

    def check(self) -> None:
        """Raise RegistryDamagedError where the engine finds damage."""

    def set_aside(self, at: float) -> str:
        """Move what cannot be read out of the way (at: Unix seconds); a sentence. Raises RegistryError."""


class Registry:
    """Reads and writes the registry, and knows where the models are. Only the holder of `publishing` may write.

    One Registry serves all threads, and nothing is open across a fork.
    """

    def __init__(self, settings: Settings, reader: Callable[[], Connection] | None = None) -> None:
        """reader: a connection to the event database that is open already (`Store.reader`), for a registry there."""
        self._is_shared = bool(settings.artifacts)
        self.storage: ModelStorage
        self._place: RegistryPlace
        if settings.artifacts:
            assert isinstance(settings.database, PostgresAddress), "the settings were checked"
            self._place = RegistryServer(settings.database, reader)
            self.storage = SharedStorage(settings.models_folder, open_objects(settings.artifacts), self._in_state)
        else:
            self._place = RegistryFile(settings.registry_database, settings.models_folder)
            self.storage = FolderStorage(settings.models_folder)

    def publishing(self) -> AbstractContextManager[None]:
        """Be the only one who publishes, promotes or rolls back; waits for the other, whose death ends its turn."""
        return self._place.publishing()

    def versions(self, limit: int | None = None) -> list[ModelVersion]:
        """Model versions, newest first; empty before the first."""
        return self._read(lambda conn: table.read_versions(conn, limit), [])

    def get(self, version: int) -> ModelVersion | None:
        """One version, or None when there is none of that number."""
        return self._read(lambda conn: table.read_version(conn, version), None)

    def champion(self) -> ModelVersion | None:
        """The published version, or None."""
        return self._in_state("champion")

    def challenger(self) -> ModelVersion | None:
        """The version on trial, or None."""
        return self._in_state("challenger")

    def steps(self, version: int | None = None, limit: int | None = None) -> list[Step]:
        """What happened to one version, or to all, newest first."""
        return self._read(lambda conn: table.read_steps(conn, version, limit), [])

    def environment(self) -> str | None:
        """The hash of the environment's settings that the trainer acted on last, None when that was never kept."""
        return self._read(table.read_environment, None)

    def searched_until(self) -> int:
        """The seq of the newest imported event that a search for settings knew; 0 before the first."""
        return self._read(table.read_searched_until, 0)

    def add_search(self, at: float, imported_seq: int, found: str, report: Sequence[str]) -> None:
        """Add a search for settings at a time in Unix seconds: what it found in a few words, and its report."""
        self._write(lambda conn: table.insert_search(conn, Search(at, imported_seq, found, tuple(report))))

    def next_version(self) -> int:
        """The number of the next version: above every row and every artifact, so that no number is used twice."""
        newest = self.versions(1)
        kept = (int(name) for name in self.storage.artifacts() if name.isdecimal())
        return 1 + max([0, *(row.version for row in newest), *kept])

    def add(self, version: ModelVersion, *steps: Step) -> None:
        """Add a version, and what happened with it."""
        self._write(lambda conn: table.insert_version(conn, version), steps)

    def change(self, version: int, *steps: Step, **changes: Any) -> None:
        """Set columns of one version, and add what happened to it, in one transaction."""
        self._write(lambda conn: table.change_version(conn, version, changes), steps)

    def note(self, *steps: Step) -> None:
        """Add what happened to versions."""
        self._write(lambda conn: None, steps)

    def set_champion(self, version: int, at: float, *steps: Step) -> None:
        """Make a version the champion at a time in Unix seconds; the one before it is retired."""
        self._write(lambda conn: table.set_champion(conn, version, at), steps)

    def reconcile(self, current: Current | None) -> list[str]:
        """Make the rows agree with the champion pointer, which is the truth, after an end in the middle of publishing.

        Returns a sentence for each thing that was fixed; empty when nothing was.
        """
        fixed = []
        champion = self.champion()
        if current is None:
            if champion is not None:
                self._write(table.retire_champion)
                fixed.append(f"version {champion.version} was marked as published, but nothing is published")
        elif champion is None or champion.version != current.version:
            if self.get(current.version) is None:
                self.add(_found_published(current))
            self.set_champion(current.version, current.published_at)
            fixed.append(f"version {current.version} is published, but was not marked so")
        if any(row.state == "candidate" for row in self.versions()):
            verdict = "Refused: the trainer ended before this version was judged."
            refused = self._write(lambda conn: table.refuse_candidates(conn, verdict))
            at = time.time()
            self.note(*(Step(version, at, "refused", "trainer", verdict) for version in refused))
            fixed += [f"version {version} was never judged" for version in refused]
        return fixed

    def check(self) -> str:
        """A sentence with what is in the registry. Raises RegistryDamagedError, with the damage, and RegistryError."""
        self._place.check()
        versions, steps = self.versions(), self.steps()
        return f"{counted(len(versions), 'version')}, {counted(len(steps), 'step')}"

    def set_aside_if_damaged(self, at: float) -> list[str]:
        """Move a registry that cannot be read out of the way (at: Unix seconds), so that a new one can be made.

        Returns a sentence when it did. The caller holds `publishing` and lets `reconcile` follow. Raises
        RegistryError when the registry cannot be read for another reason, such as newer code.
        """
        try:
            self.check()
        except RegistryDamagedError as error:
            return [f"{error}; {self._place.set_aside(at)}"]
        return []

    def searches(self) -> list[Search]:
        """Every search for settings, newest first."""
        return self._read(table.read_searches, [])

    def take_up(self, versions: Sequence[ModelVersion], steps: Sequence[Step], searches: Sequence[Search]) -> None:
        """Fill an empty registry with the rows of another, each newest first, in one transaction."""

        def fill(conn: Connection) -> None:
            for version in reversed(versions):
                table.insert_version(conn, version)
            table.insert_steps(conn, reversed(steps))
            for search in reversed(searches):
                table.insert_search(conn, search)

        self._write(fill)

    def trouble(self) -> tuple[float, str] | None:
        """Since when (Unix seconds) the trainer cannot keep models in a shared storage, and why, else None."""
        return self._read(table.read_trouble, None) if self._is_shared else None

    def note_trouble(self, at: float, said: str | None) -> None:
        """Let every host see why the trainer cannot keep models, or that it can again (None)."""
        if self._is_shared and (said is not None or self.trouble() is not None):
            self._write(lambda conn: table.write_trouble(conn, at, said))

    def _in_state(self, state: str) -> ModelVersion | None:
        return self._read(lambda conn: table.read_in_state(conn, state), None)

    def _read(self, query: Callable[[Connection], T], without: T) -> T:
        return self._place.read(query, without)

    def _write(self, change: Callable[[Connection], T], steps: Sequence[Step] = ()) -> T:
        def change_and_tell(conn: Connection) -> T:
            changed = change(conn)
            table.insert_steps(conn, steps)
            return changed

        return self._place.write(change_and_tell)


def _found_published(current: Current) -> ModelVersion:
    """A row for a published model that the registry does not know, such as after the registry's file was lost."""
    unknown: Mapping[str, Any] = {}
    return ModelVersion(
        version=current.version,
        created_at=current.published_at,
        kind="fit",
        state="candidate",
        parent=None,
        watermark=current.watermark,
        rows=0,
        users=0,
        items=0,
        config=unknown,
        config_hash="",
        code_version="",
        timings=unknown,
        metrics=unknown,
        verdict="Found published; its row in the registry was lost.",
        artifact=current.artifact,
        checksum=current.checksum,
    )
