"""The model registry: every version that was ever made, what came of it, and what it was made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from app.models import registry_rows as table
from app.models.current import Current
from app.models.errors import RegistryDamagedError, RegistryError
from app.models.registry_rows import ModelVersion, Step
from app.settings import Settings

T = TypeVar("T")

_MEND = "start the trainer, which sets it aside and makes a new one, or put it back from a backup"


class Registry:
    """Reads and writes the registry's database. Only the holder of the publish lock may write.

    Each call opens its own connection, so that one Registry serves all threads and nothing is open across a fork.
    """

    def __init__(self, settings: Settings) -> None:
        self._path: Path = settings.registry_database
        self._models_folder: Path = settings.models_folder

    def versions(self, limit: int | None = None) -> list[ModelVersion]:
        """Model versions, newest first; empty before the first."""
        return self._read(lambda conn: table.read_versions(conn, limit), [])

    def get(self, version: int) -> ModelVersion | None:
        """One version, or None when there is none of that number."""
        return self._read(lambda conn: table.read_version(conn, version), None)

    def champion(self) -> ModelVersion | None:
        """The published version, or None."""
        return self._read(table.read_champion, None)

    def challenger(self) -> ModelVersion | None:
        """The version on trial, or None."""
        return self._read(table.read_challenger, None)

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
        self._write(lambda conn: table.insert_search(conn, at, imported_seq, found, report))

    def next_version(self) -> int:
        """The number of the next version: above every row and every artifact, so that no number is used twice."""
        newest = self.versions(1)
        folders = self._models_folder.iterdir() if self._models_folder.is_dir() else ()
        return 1 + max([0, *(row.version for row in newest), *(int(f.name) for f in folders if f.name.isdecimal())])

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
        damage = self._read(table.find_damage, None)
        if damage is not None:
            raise RegistryDamagedError(f"{self._path} is damaged ({damage}); {_MEND}")
        versions, steps = self.versions(), self.steps()
        return f"{len(versions):,} versions, {len(steps):,} steps"

    def set_aside_if_damaged(self, at: float) -> list[str]:
        """Move a registry that cannot be read out of the way (at: Unix seconds), so that a new one can be made.

        Returns a sentence when it did. The caller holds `publish_lock` and lets `reconcile` follow. Raises
        RegistryError when the registry cannot be read for another reason, such as newer code.
        """
        try:
            self.check()
        except RegistryDamagedError as error:
            aside = self._path.with_name(f"{self._path.name}.damaged-{at:.0f}")
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
            self._path.replace(aside)
            return [f"{error}; it is kept as {aside.name}, and a new registry is made"]
        return []

    def _read(self, query: Callable[[table.Connection], T], without: T) -> T:
        with self._explained():
            conn = table.open_registry_to_read(self._path)
            if conn is None:
                return without
            with closing(conn):
                try:
                    return query(conn)
                except table.ROW_ERRORS as error:
                    raise RegistryDamagedError(f"{self._path} is damaged ({error}); {_MEND}") from error

    def _write(self, change: Callable[[table.Connection], T], steps: Sequence[Step] = ()) -> T:
        with (
            self._explained(),
            closing(table.open_registry_to_write(self._path)) as conn,
            table.transaction(conn),
        ):
            changed = change(conn)
            table.insert_steps(conn, steps)
            return changed

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says of the file into what it means and what to do."""
        try:
            yield
        except table.FILE_ERRORS as error:
            kind = RegistryDamagedError if table.means_damage(error) else RegistryError
            fix = f"; {_MEND}" if kind is RegistryDamagedError else ""
            raise kind(f"{self._path} cannot be used: {error}{fix}") from error


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
