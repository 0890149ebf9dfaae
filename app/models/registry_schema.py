"""The schema of the model registry, as ordered upgrades; each is applied and numbered in one transaction.

An upgrade that has been published is never edited: what changes later is a further one at the end. The number that a
registry has reached is SQLite's `user_version`; the very first registries did not set it.
"""

from __future__ import annotations

import sqlite3

STEPS = (
    "filed",
    "gate",
    "published",
    "started",
    "reading",
    "promoted",
    "refused",
    "retired",
    "rolled back",
    "by hand",
)
"""What can happen to a version: filed, judged by the gate, published; on trial: started, read, promoted, refused or
retired; and what somebody did with a command."""


class NewerRegistryError(RuntimeError):
    """A registry was changed by newer code in ways that this code does not know."""


_MODELS = """
CREATE TABLE models (
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
CREATE UNIQUE INDEX one_champion ON models (state) WHERE state = 'champion';
"""

# SQLite cannot change a CHECK: the table is made anew and the rows are carried over.
_TRIALS = """
CREATE TABLE models_with_trials (
    version INTEGER PRIMARY KEY,
    created_at REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('fit', 'update', 'refit')),
    state TEXT NOT NULL CHECK (state IN ('candidate', 'challenger', 'champion', 'retired', 'refused')),
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
    checksum TEXT NOT NULL,
    published_at REAL
);
INSERT INTO models_with_trials
SELECT models.*, CASE WHEN state IN ('champion', 'retired') THEN created_at END FROM models;
DROP TABLE models;
ALTER TABLE models_with_trials RENAME TO models;
CREATE UNIQUE INDEX one_champion ON models (state) WHERE state = 'champion';
CREATE UNIQUE INDEX one_challenger ON models (state) WHERE state = 'challenger';
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    at REAL NOT NULL,
    step TEXT NOT NULL CHECK (step IN (
        'filed', 'gate', 'published', 'started', 'reading', 'promoted', 'refused', 'retired', 'rolled back', 'by hand'
    )),
    by TEXT NOT NULL,
    sentence TEXT NOT NULL,
    figures TEXT NOT NULL
);
CREATE INDEX steps_by_version ON steps (version);
"""

_UPGRADES = (_MODELS, _TRIALS)


def upgrade(conn: sqlite3.Connection) -> None:
    """Bring a registry up to date; does nothing, and takes no lock, when it is. Safe against a second process.

    Raises NewerRegistryError for a registry that newer code has changed in ways that this code does not know.
    """
    if _reached(conn) == len(_UPGRADES):
        return
    if _reached(conn) > len(_UPGRADES):
        raise NewerRegistryError(
            f"registry.db was written by newer code (schema {_reached(conn)}, known are {len(_UPGRADES)}); "
            "run the code that wrote it"
        )
    conn.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_reached(conn), len(_UPGRADES)):
            for statement in _statements(_UPGRADES[number]):
                conn.execute(statement)
            conn.execute(f"PRAGMA user_version = {number + 1}")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def has_steps(conn: sqlite3.Connection) -> bool:
    """Whether the registry keeps steps: one that only readers have opened since it was made by older code does not."""
    return _reached(conn) >= 2


def _reached(conn: sqlite3.Connection) -> int:
    number = int(conn.execute("PRAGMA user_version").fetchone()[0])
    if number == 0 and conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'one_champion'").fetchone():
        return 1
    return number


def _statements(script: str) -> list[str]:
    """The statements of a script: executescript would commit the transaction that is open."""
    return [statement for statement in script.split(";") if statement.strip()]
