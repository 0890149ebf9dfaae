"""The model registry's database: one row a model version and one a step of its life, in a file of its own.

Its journal mode is DELETE, so that no write-ahead log is shared between the trainer, which writes, and the web process,
which reads. Every function takes the connection; `Registry` in `app.models.registry` decides what is written when.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.files import make_private_folder
from app.models.current import check_artifact_name
from app.models.registry_schema import NewerRegistryError, has_searches, has_steps, upgrade
from app.store.connections import make_private_database

Connection = sqlite3.Connection
BUSY_TIMEOUT_S = 10.0
FILE_ERRORS = (sqlite3.Error, NewerRegistryError)
"""What SQLite, or the schema's number, can say of the file."""
ROW_ERRORS = (ValueError, TypeError, KeyError)
"""What reading rows raises whose values nobody here wrote."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One row of the registry: what a model version was made from, how long it took, and what was decided about it.

    kind: ``fit`` from nothing, ``update`` of touched users and items, or ``refit`` of everything from a warm start.
    state: ``candidate`` until judged; ``challenger`` while a trial compares it with the champion's lineage on the site;
    ``champion`` while published; ``retired`` after that, or after a trial without decision; or ``refused``.
    parent: the champion at the time it was made. watermark: the last event seq it has seen.
    rows, users, items: training rows it learned from and the distinct visitors and items in them.
    timings: seconds by step. metrics: see `app.measure.evaluation.gate.GateVerdict.metrics`. verdict: a sentence.
    artifact: name of its folder inside the models folder; "" once that was cleared away. checksum: of its manifest.
    published_at: Unix seconds of its first publication, None when the site never used it as the champion.
    """

    version: int
    created_at: float
    kind: str
    state: str
    parent: int | None
    watermark: int
    rows: int
    users: int
    items: int
    config: Mapping[str, Any]
    config_hash: str
    code_version: str
    timings: Mapping[str, float]
    metrics: Mapping[str, Any]
    verdict: str
    artifact: str
    checksum: str
    published_at: float | None = None

    def __post_init__(self) -> None:
        if self.artifact:  # a folder of this name is removed when it is old
            check_artifact_name(self.artifact)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a model version; rows are only ever added.

    step: one of `app.models.registry_schema.STEPS`. by: who did it, ``trainer`` or the command.
    sentence: what happened, in words. figures: the numbers behind the sentence.
    """

    version: int
    at: float
    step: str
    by: str
    sentence: str
    figures: Mapping[str, Any] = field(default_factory=dict)


_COLUMNS = tuple(ModelVersion.__dataclass_fields__)
_JSON_COLUMNS = frozenset({"config", "timings", "metrics"})


def open_registry_to_write(path: Path) -> Connection:
    """A connection that may write, with the tables made or brought up to date. The caller closes it."""
    make_private_folder(path.parent)
    make_private_database(path)
    conn = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA journal_mode=DELETE")
    conn.execute("PRAGMA synchronous=FULL")
    upgrade(conn)
    return conn


def open_registry_to_read(path: Path) -> Connection | None:
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


def means_damage(error: Exception) -> bool:
    """Whether an error of FILE_ERRORS says that the file itself is wrong, and not that it is busy or the disk full."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    wrong_schema = code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such", "table ", "malformed"))
    return wrong_schema or code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def find_damage(conn: Connection) -> str | None:
    """What SQLite finds wrong with the file, None when it is sound."""
    found = [str(row[0]) for row in conn.execute("PRAGMA quick_check(1)") if row[0] != "ok"]
    return found[0] if found else None


def read_versions(conn: Connection, limit: int | None = None) -> list[ModelVersion]:
    """Model versions, newest first."""
    rows = conn.execute("SELECT * FROM models ORDER BY version DESC LIMIT ?", [-1 if limit is None else limit])
    return [_version(row) for row in rows]


def read_version(conn: Connection, version: int) -> ModelVersion | None:
    """One model version, or None when there is none of that number."""
    row = conn.execute("SELECT * FROM models WHERE version = ?", [version]).fetchone()
    return None if row is None else _version(row)


def read_champion(conn: Connection) -> ModelVersion | None:
    """The published version, or None."""
    return _only(conn, "champion")


def read_challenger(conn: Connection) -> ModelVersion | None:
    """The version on trial, or None."""
    return _only(conn, "challenger")


def read_steps(conn: Connection, version: int | None = None, limit: int | None = None) -> list[Step]:
    """Steps of one version or of all, newest first; none in a registry from before there were steps."""
    if not has_steps(conn):
        return []
    rows = conn.execute(
        "SELECT version, at, step, by, sentence, figures FROM steps WHERE ?1 IS NULL OR version = ?1"
        " ORDER BY id DESC LIMIT ?2",
        [version, -1 if limit is None else limit],
    )
    return [
        Step(row["version"], row["at"], row["step"], row["by"], row["sentence"], json.loads(row["figures"]))
        for row in rows
    ]


def read_searched_until(conn: Connection) -> int:
    """The seq of the newest imported event that a search for settings knew; 0 before the first."""
    if not has_searches(conn):
        return 0
    return int(conn.execute("SELECT coalesce(max(imported_seq), 0) FROM searches").fetchone()[0])


def insert_search(conn: Connection, at: float, imported_seq: int, found: str, report: Sequence[str]) -> None:
    """Add a search for settings: `found` in a few words, and the lines of its report."""
    conn.execute(
        "INSERT INTO searches (at, imported_seq, found, report) VALUES (?, ?, ?, ?)",
        [at, imported_seq, found, "\n".join(report)],
    )


def read_environment(conn: Connection) -> str | None:
    """`environment` of the newest step ``filed`` that names one: the settings that the trainer acted on last."""
    if not has_steps(conn):
        return None
    row = conn.execute(
        "SELECT json_extract(figures, '$.environment') FROM steps"
        " WHERE step = 'filed' AND json_extract(figures, '$.environment') IS NOT NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else str(row[0])


def insert_steps(conn: Connection, steps: Iterable[Step]) -> None:
    """Add steps."""
    conn.executemany(
        "INSERT INTO steps (version, at, step, by, sentence, figures) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (step.version, step.at, step.step, step.by, step.sentence, json.dumps(dict(step.figures), sort_keys=True))
            for step in steps
        ],
    )


@contextmanager
def transaction(conn: Connection) -> Iterator[None]:
    """All changes of a block, or none."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def insert_version(conn: Connection, version: ModelVersion) -> None:
    """Add a row. Raises sqlite3.IntegrityError when its number is taken."""
    values = [_encoded(column, getattr(version, column)) for column in _COLUMNS]
    marks = ", ".join("?" * len(_COLUMNS))
    conn.execute(f"INSERT INTO models ({', '.join(_COLUMNS)}) VALUES ({marks})", values)


def change_version(conn: Connection, version: int, changes: Mapping[str, Any]) -> None:
    """Set columns of one row; `changes` maps column names to values."""
    unknown = sorted(set(changes) - set(_COLUMNS))
    if unknown:
        raise ValueError(f"the registry has no column {unknown[0]!r}; it has {', '.join(_COLUMNS)}")
    assignments = ", ".join(f"{column} = ?" for column in changes)
    values = [_encoded(column, value) for column, value in changes.items()]
    conn.execute(f"UPDATE models SET {assignments} WHERE version = ?", [*values, version])


def set_champion(conn: Connection, version: int, at: float) -> None:
    """Make one version the champion, from `at` (Unix seconds) if it never was, and retire the one before it.

    The caller holds a `transaction`.
    """
    conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion' AND version <> ?", [version])
    conn.execute(
        "UPDATE models SET state = 'champion', published_at = coalesce(published_at, ?) WHERE version = ?",
        [at, version],
    )


def retire_champion(conn: Connection) -> None:
    """Leave no champion, for when nothing is published."""
    conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion'")


def refuse_candidates(conn: Connection, verdict: str) -> Sequence[int]:
    """Mark every unjudged candidate refused with this verdict and return their numbers."""
    rows = conn.execute(
        "UPDATE models SET state = 'refused', verdict = ? WHERE state = 'candidate' RETURNING version", [verdict]
    )
    return [row["version"] for row in rows.fetchall()]


def _only(conn: Connection, state: str) -> ModelVersion | None:
    row = conn.execute("SELECT * FROM models WHERE state = ?", [state]).fetchone()
    return None if row is None else _version(row)


def _encoded(column: str, value: Any) -> Any:
    return json.dumps(dict(value), sort_keys=True) if column in _JSON_COLUMNS else value


def _version(row: sqlite3.Row) -> ModelVersion:
    # A registry that no trainer has brought up to date yet lacks the newest columns; readers cannot add them.
    found = [column for column in _COLUMNS if column in row.keys()]  # noqa: SIM118
    values = {column: json.loads(row[column]) if column in _JSON_COLUMNS else row[column] for column in found}
    return ModelVersion(**values)
