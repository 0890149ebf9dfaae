"""Whether the schema changes that a database has are those of this code."""

from __future__ import annotations

from collections.abc import Collection

from app.store.errors import NotInitialisedError
from app.store.schema import schema_changes

FIX = "run `flask init-db`"


def refuse_other_schema(name: str, applied: Collection[str]) -> None:
    """Raise NotInitialisedError for a database (named so) that lacks a change, or has one that is not known here."""
    known = schema_changes()
    pending = [change for change in known if change not in applied]
    if pending:
        raise NotInitialisedError(f"{name} lacks the schema change {pending[0]}; {FIX}")
    unknown = sorted(set(applied).difference(known))
    if unknown:
        raise NotInitialisedError(
            f"{name} has the schema change {unknown[0]}, which this code does not know; use newer code"
        )
