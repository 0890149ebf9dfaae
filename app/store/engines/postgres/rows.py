"""Rows that are read by place and by name, and unpack, as SQLite's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from app.store.engines.postgres.driver import psycopg


class Row(tuple[Any, ...]):
    """The values of a row in the order of its columns; `row["name"]` is the one of a column."""

    __slots__ = ()
    _places: ClassVar[dict[str, int]] = {}

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self._places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        """Names of the columns, so that `dict(row)` is the row by name."""
        return list(self._places)


@lru_cache(maxsize=1024)
def _kind_of_row(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Row]:
    return type("Row", (Row,), {"__slots__": (), "_places": {name: place for place, name in enumerate(names)}})


def named_rows(cursor: psycopg.Cursor[Any] | psycopg.RawCursor[Any]) -> Callable[[Sequence[Any]], Any]:
    """Psycopg's way to say how rows of a cursor are made."""
    if cursor.description is None:
        return tuple
    return _kind_of_row(tuple(column.name for column in cursor.description))
