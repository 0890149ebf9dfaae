"""The schema of the model registry, as ordered migrations, all that are pending applied in one transaction.

A migration that has been published is never edited: what changes later is a further function at the end.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from app.store.engines import Connection, dialect_of

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

_SEARCHES = """
CREATE TABLE searches (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    imported_seq INTEGER NOT NULL,
    found TEXT NOT NULL,
    report TEXT NOT NULL
)
"""

migrations = Migrations("registry")


@migrations()
def m001_models(db: Database) -> None:
    """One row a model version."""
    _run(db, _MODELS)


@migrations()
def m002_trials(db: Database) -> None:
    """Challengers on trial, and every step of a version's life."""
    _run(db, _TRIALS)


@migrations()
def m003_searches(db: Database) -> None:
    """Searches for settings after imports: up to which event, and what they found."""
    _run(db, _SEARCHES)


def upgrade(conn: sqlite3.Connection) -> None:
    """Bring a registry up to date; does nothing, and takes no lock, when it is. Safe against a second process.

    Raises NewerRegistryError for a registry that newer code has changed in ways that this code does not know.
    """
    db = Database(conn, execute_plugins=False)
    if not _has_pending(db):
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        _record_numbered_changes(db)
        migrations.apply(db)
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")


def has_steps(conn: Connection) -> bool:
    """Whether the registry keeps steps: one that only readers have opened since it was made by older code does not."""
    return (
        dialect_of(conn).name != "sqlite"
        or conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'steps'").fetchone() is not None
    )


def has_searches(conn: Connection) -> bool:
    """Whether the registry keeps searches, see `has_steps`."""
    return (
        dialect_of(conn).name != "sqlite"
        or conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'searches'").fetchone() is not None
    )


def _has_pending(db: Database) -> bool:
    """Whether the registry lacks a change. Raises NewerRegistryError when it has one that is not known here."""
    with Database(memory=True, execute_plugins=False) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    unknown = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if unknown:
        raise NewerRegistryError(
            f"registry.db was written by newer code (it has the schema change {unknown[0]}); run the code that wrote it"
        )
    return bool(migrations.pending(db))


def _record_numbered_changes(db: Database) -> None:
    """Record what a registry of version 0.1 has: it numbered its schema, and the very first ones did not even that."""
    migrations.ensure_migrations_table(db)
    number = int(db.conn.execute("PRAGMA user_version").fetchone()[0])
    if number == 0 and db.conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'one_champion'").fetchone():
        number = 1
    applied = {migration.name for migration in migrations.applied(db)}
    for name in ("m001_models", "m002_trials")[:number]:
        if name not in applied:
            row = {"migration_set": migrations.name, "name": name, "applied_at": "before migrations were recorded"}
            db.table(Migrations.migrations_table).insert(row)


def _run(db: Database, script: str) -> None:
    """Run the statements of a script one by one: executescript would commit the transaction that is open."""
    for statement in script.split(";"):
        if statement.strip():
            db.conn.execute(statement)
