"""Values of the board as plain JSON: dataclasses become objects, and a number that is none becomes null."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

PRIVATE = frozenset({"payload", "event_id"})
"""Fields that stay inside: what somebody sent."""


def pseudonym(visitor_id: str | None) -> str | None:
    """A short name that stands for a visitor without giving their id away, which is the right to their data."""
    return None if visitor_id is None else "v-" + hashlib.sha256(visitor_id.encode()).hexdigest()[:8]


def plain(value: Any) -> Any:
    """The value in dicts, lists, strings, numbers and None. Raises TypeError for what has no such form."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        # JSON knows neither NaN nor infinity.
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _field(field.name, getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, Set):
        return sorted(plain(entry) for entry in value)
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} has no plain form; give the board values of simple types")


def _field(name: str, value: Any) -> Any:
    if name in PRIVATE:
        return None
    return pseudonym(value) if name == "visitor_id" else plain(value)
