"""Many keys looked up at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any


def look_up_all(table: Mapping[Any, Any] | Sequence[Any], keys: Sequence[Any]) -> tuple[Any, ...]:
    """table[key] of each key, in one call of the interpreter, which takes a third of the time of a `map`.

    Raises what table[key] raises for the first key that it does not have.
    """
    if len(keys) < 2:  # itemgetter takes at least one key, and returns what it finds for one without a tuple
        return tuple(table[key] for key in keys)
    found: tuple[Any, ...] = itemgetter(*keys)(table)
    return found
