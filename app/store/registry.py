"""The model registry's database: one row a model version, in a file of its own beside the event database.

Its journal mode is DELETE, so that no write-ahead log is shared between the trainer, which writes, and the web process,
which reads. Every function takes the connection; `Registry` in `app.learn.registry` decides what is written when.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Connection = sqlite3.Connection
BUSY_TIMEOUT_S = 10.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS models (
    version INTEGER PRIMARY KEY,
    created_at REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fit', 'update', 'refit')),
    state TEXT NOT NULL CHECK (state IN ('candidate', 'champion', 'retired', 'refused')),
    parent INTEGER,
    watermark INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    users INTEGER NOT NULL,
    items INTEGER NOT NULL,
    config TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    code_version TEXT NOT NULL,
    timings TEXT NOT NULL,
    metrics TEXT NOT NULL,
    verdict TEXT NOT NULL,
    artifact TEXT NOT NULL,
    checksum TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_champion ON models (state) WHERE state = 'champion';
"""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One row of the registry: what a model version was made from, how long it took, and what was decided about it.

    kind: ``fit`` from nothing, ``update`` of touched users and items, or ``refit`` of everything from a warm start.
    state: ``candidate`` until judged, then ``champion`` (published), ``retired`` (once published) or ``refused``.
    parent: the champion at the time it was made. watermark: the last event seq it has seen.
    rows, users, items: training rows it learned from and the distinct visitors and items in them.
    timings: seconds by step. metrics: see `app.learn.gate.GateVerdict.metrics`. verdict: a sentence.
    artifact: name of its folder inside the models folder; "" once that was cleared away. checksum: of its manifest.
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


_COLUMNS = tuple(ModelVersion.__dataclass_fields__)
_JSON_COLUMNS = frozenset({"config", "timings", "metrics"})


def open_registry_to_write(path: Path) -> Connection:
    """A connection that may write, with the table made when it is missing. The caller closes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    conn = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA journal_mode=DELETE")
    conn.execute("PRAGMA synchronous=FULL")
    if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'one_champion'").fetchone():
        conn.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
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
    row = conn.execute("SELECT * FROM models WHERE state = 'champion'").fetchone()
    return None if row is None else _version(row)


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


def crown(conn: Connection, version: int) -> None:
    """Make one version the champion and retire the one before it, in one transaction."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion' AND version <> ?", [version])
        conn.execute("UPDATE models SET state = 'champion' WHERE version = ?", [version])
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def retire_champion(conn: Connection) -> None:
    """Leave no champion, for when nothing is published."""
    conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion'")


def refuse_candidates(conn: Connection, verdict: str) -> Sequence[int]:
    """Mark every unjudged candidate refused with this verdict and return their numbers."""
    rows = conn.execute(
        "UPDATE models SET state = 'refused', verdict = ? WHERE state = 'candidate' RETURNING version", [verdict]
    )
    return [row["version"] for row in rows.fetchall()]


def _encoded(column: str, value: Any) -> Any:
    return json.dumps(dict(value), sort_keys=True) if column in _JSON_COLUMNS else value


def _version(row: sqlite3.Row) -> ModelVersion:
    values = {column: json.loads(row[column]) if column in _JSON_COLUMNS else row[column] for column in _COLUMNS}
    return ModelVersion(**values)
