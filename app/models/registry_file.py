"""The registry in a file of its own, `registry.db`: where the trainer and the site share the var folder.

Its journal mode is DELETE, so that no write-ahead log is shared between the trainer, which writes, and the web process,
which reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TypeVar

from app.files import make_private_folder
from app.models.errors import RegistryDamagedError, RegistryError
from app.models.locks import publish_lock
from app.models.registry_rows import ROW_ERRORS
from app.models.registry_schema import NewerRegistryError, upgrade
from app.store.connections import make_private_database
from app.store.engines import Connection

T = TypeVar("T")

BUSY_TIMEOUT_S = 10.0
_MEND = "start the trainer, which sets it aside and makes a new one, or put it back from a backup"


class RegistryFile:
    """See `RegistryPlace`. Each call opens its own connection, so that nothing is open across a fork."""

    def __init__(self, path: Path, models_folder: Path) -> None:
        """models_folder: where the lock of publishing is."""
        self._path = path
        self._models_folder = models_folder

    def publishing(self) -> AbstractContextManager[None]:
        """See `RegistryPlace`: a lock on a file; the kernel frees it on any death."""
        return publish_lock(self._models_folder)

    def read(self, query: Callable[[Connection], T], without: T) -> T:
        """See `RegistryPlace`."""
        with self._explained():
            conn = open_registry_to_read(self._path)
            if conn is None:
                return without
            with closing(conn):
                try:
                    return query(conn)
                except ROW_ERRORS as error:
                    raise RegistryDamagedError(f"{self._path} is damaged ({error}); {_MEND}") from error

    def write(self, change: Callable[[Connection], T]) -> T:
        """See `RegistryPlace`."""
        with self._explained(), closing(open_registry_to_write(self._path)) as conn, _transaction(conn):
            return change(conn)

    def check(self) -> None:
        """See `RegistryPlace`."""
        damage = self.read(_find_damage, None)
        if damage is not None:
            raise RegistryDamagedError(f"{self._path} is damaged ({damage}); {_MEND}")

    def set_aside(self, at: float) -> str:
        """See `RegistryPlace`."""
        aside = self._path.with_name(f"{self._path.name}.damaged-{at:.0f}")
        self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self._path.replace(aside)
        return f"it is kept as {aside.name}, and a new registry is made"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite says of the file into what it means and what to do."""
        try:
            yield
        except (sqlite3.Error, NewerRegistryError) as error:
            kind = RegistryDamagedError if _means_damage(error) else RegistryError
            fix = f"; {_MEND}" if kind is RegistryDamagedError else ""
            raise kind(f"{self._path} cannot be used: {error}{fix}") from error


def open_registry_to_write(path: Path) -> sqlite3.Connection:
    """A connection that may write, with the tables made or brought up to date. The caller closes it."""
    make_private_folder(path.parent)
    make_private_database(path)
    conn = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA journal_mode=DELETE")
    conn.execute("PRAGMA synchronous=FULL")
    upgrade(conn)
    return conn


def open_registry_to_read(path: Path) -> sqlite3.Connection | None:
    """A connection that only reads, or None while no trainer has made the registry yet. The caller closes it."""
    if not path.exists():
        return None
    # Not mode=ro: after a writer was killed, the first to open the file must be able to roll its journal back.
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA query_only = ON")
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'models'").fetchone():
        return conn
    conn.close()
    return None


def _means_damage(error: Exception) -> bool:
    """Whether an error says that the file itself is wrong, and not that it is busy or the disk full."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    wrong_schema = code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such", "table ", "malformed"))
    return wrong_schema or code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _find_damage(conn: Connection) -> str | None:
    """What SQLite finds wrong with the file, None when it is sound."""
    found = [str(row[0]) for row in conn.execute("PRAGMA quick_check(1)") if row[0] != "ok"]
    return found[0] if found else None


@contextmanager
def _transaction(conn: sqlite3.Connection) -> Iterator[None]:
    """All changes of a block, or none."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
