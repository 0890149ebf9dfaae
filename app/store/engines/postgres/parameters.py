"""Marks and values: statements are written with SQLite's marks, PostgreSQL numbers them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.types.numeric import FloatDumper, Int8Dumper
from psycopg.types.string import StrDumper

from app.store.engines.connection import Values
from app.store.engines.postgres.driver import psycopg

# A mark, or a text in quotes, which is left as it is.
_MARK = re.compile(r"'(?:[^']|'')*'|\?(?P<place>\d*)|:(?P<name>[a-z_]\w*)")


@lru_cache(maxsize=4096)
def _numbered(sql: str) -> tuple[str, tuple[int | str, ...]]:
    """The statement with ``$1``, ``$2``, …, and for each the place or the name of its value."""
    taken: list[int | str] = []

    def number(mark: re.Match[str]) -> str:
        if mark["place"] is None and mark["name"] is None:
            return mark[0]
        value: int | str = mark["name"] or (int(mark["place"]) - 1 if mark["place"] else len(taken))
        if value not in taken or not (mark["name"] or mark["place"]):
            taken.append(value)
        return f"${taken.index(value) + 1}"

    return _MARK.sub(number, sql), tuple(taken)


def bound(sql: str, values: Values) -> tuple[str, Sequence[Any]]:
    """The statement as PostgreSQL reads it, and its values in the order of their numbers."""
    statement, taken = _numbered(sql)
    if isinstance(values, Mapping):
        return statement, [values[str(name)] for name in taken]
    return statement, [values[int(place)] for place in taken]


class _WholeNumber(Int8Dumper):
    """A whole number of 64 bits whatever its size, and a truth as 0 or 1, as the columns hold them."""

    def dump(self, obj: Any) -> Buffer | None:
        return super().dump(int(obj))


class _NumberLoader(Loader):
    """A sum of whole numbers comes as a decimal number; it is an int, as from SQLite, where it is whole."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


def adapt(context: AdaptContext) -> None:
    """Let values of a connection have the types of the columns, so that a statement is planned once."""
    adapters = psycopg.adapters if context.adapters is None else context.adapters
    dumpers: tuple[tuple[type, type[Dumper]], ...] = (
        (int, _WholeNumber),
        (bool, _WholeNumber),
        (float, FloatDumper),
        (str, StrDumper),
    )
    for kind, dumper in dumpers:
        adapters.register_dumper(kind, dumper)
    adapters.register_loader("numeric", _NumberLoader)
