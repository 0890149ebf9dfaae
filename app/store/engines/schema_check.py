"""Whether the schema changes that a database has are those of this code."""

from __future__ import annotations

from collections.abc import Collection

from app.store.errors import NotInitialisedError, StoreError
from app.store.schema import schema_changes

FIX = "run `flask init-db`"
UNFINISHED = "unfinished copy of "
"""Begins what is kept among the changes as long as a move into the database goes on; then the source's name follows."""


def refuse_other_schema(name: str, applied: Collection[str]) -> None:
    """Raise NotInitialisedError for a database (named so) that lacks a change, or has one that is not known here.

    Raises StoreError for one that a move has not filled yet.
    """
    source = source_of(applied)
    if source is not None:
        raise StoreError(f"{name} is not yet a whole copy of {source}; run the same `flask migrate-to` again")
    known = schema_changes()
    pending = [change for change in known if change not in applied]
    if pending:
        raise NotInitialisedError(f"{name} lacks the schema change {pending[0]}; {FIX}")
    unknown = sorted(set(applied).difference(known))
    if unknown:
        raise NotInitialisedError(
            f"{name} has the schema change {unknown[0]}, which this code does not know; use newer code"
        )


def source_of(applied: Collection[str]) -> str | None:
    """What a move that has not ended copies into a database that has these changes; None for any other database."""
    return next((change.removeprefix(UNFINISHED) for change in applied if change.startswith(UNFINISHED)), None)
