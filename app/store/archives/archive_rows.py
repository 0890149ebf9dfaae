"""Whether a row of an archive can be a row of the database: as many values as columns, each of its column's kind.

SQLite keeps a text in a column of numbers without a word; what reads it later would fail, far from the file that it
came from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from app.store.errors import StoreError

_WHOLE_MAXIMUM = 2**63
_KINDS = {"TEXT": "a text", "INTEGER": "a whole number of 64 bits", "REAL": "a finite number"}

# Texts that hold JSON, and what it must be.
_JSON: Mapping[tuple[str, str], type] = {
    ("items", "tags"): list,
    ("slates", "items"): list,
    ("slates", "sources"): list,
    ("slates", "propensities"): list,
    ("slates", "scores"): list,
    ("slates", "teams"): list,
    ("quarantine", "payload"): dict,
    ("exclusions", "evidence"): dict,
}


def check_row(table: str, kinds: Mapping[str, str], values: list[Any]) -> None:
    """Raise StoreError, naming table and column, for a row that the database should not hold.

    kinds: of `Dialect.columns`. Null is left to the database, which knows where it may be.
    """
    if len(values) != len(kinds):
        raise StoreError(f"a row of {table} has {len(values)} values and must have {len(kinds)}")
    for (column, kind), value in zip(kinds.items(), values, strict=True):
        if value is None:
            continue
        if not _fits(kind, value):
            raise StoreError(f"{table}.{column} is {_shortened(value)} and must be {_KINDS[kind]}")
        shape = _JSON.get((table, column))
        if shape is not None and not isinstance(_parsed(value), shape):
            raise StoreError(f"{table}.{column} is {_shortened(value)} and must be a JSON {shape.__name__} as text")


def _fits(kind: str, value: Any) -> bool:
    if kind == "TEXT":
        return isinstance(value, str) and _is_unicode(value)
    if kind == "INTEGER":
        return isinstance(value, int) and -_WHOLE_MAXIMUM <= value < _WHOLE_MAXIMUM
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < _WHOLE_MAXIMUM
    return isinstance(value, float) and math.isfinite(value)


def _is_unicode(text: str) -> bool:
    """JSON can spell half a surrogate pair, which no UTF-8 file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shortened(value: Any) -> str:
    text = ascii(value) if not isinstance(value, int) or abs(value) < _WHOLE_MAXIMUM else "a number beyond 64 bits"
    return text if len(text) <= 60 else text[:59] + "…"
