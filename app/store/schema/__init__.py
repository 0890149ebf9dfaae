"""The schema of the event database, as ordered migrations; each is applied and recorded in one transaction.

A migration that has been published is never edited: what changes later is a further function at the end of the
newest file.
"""

from __future__ import annotations

from functools import cache

from sqlite_utils import Database

from app.store.schema import (
    version_0_1,
    version_0_1_measures,
    version_0_2,
    version_0_3,
)  # importing registers them, in this order
from app.store.schema.migration_set import migrations

__all__ = ["migrations", "schema_changes", "version_0_1", "version_0_1_measures", "version_0_2", "version_0_3"]


def schema_changes() -> list[str]:
    """Names of all migrations that this code knows, in order."""
    return list(_names())


@cache
def _names() -> tuple[str, ...]:
    with Database(memory=True, execute_plugins=False) as empty:
        return tuple(migration.name for migration in migrations.pending(empty))
