"""Rows of a log as callers give them, and what a log says of its rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.history import ItemId, UserId, check_id

Row = Sequence[Any]
"""(user_id, item_id[, weight[, timestamp]]); weight is finite and defaults to 1, timestamp is in seconds or None."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What one `Interactions.append` touched: dense indices, each once, ascending; how many of them are new."""

    rows: int
    touched_users: NDArray[np.int32]
    touched_items: NDArray[np.int32]
    new_users: int
    new_items: int


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """What users took, in order: sequence s is items[indptr[s]:indptr[s + 1]], oldest first.

    indptr int64 (sequences + 1,); items int32 dense indices, times float64 seconds or NaN, rows int32 numbers of rows
    in the log, ascending within a sequence, all of them (n,).
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    times: NDArray[np.float64]
    rows: NDArray[np.int32]

    def before(self, first_row: int) -> Sequences:
        """The sequences as they were before row `first_row`, those without steps left out."""
        kept = self.rows < first_row
        bounds = np.concatenate(([0], np.cumsum(kept)))[self.indptr].astype(np.int64)
        return Sequences(np.unique(bounds), self.items[kept], self.times[kept], self.rows[kept])


def check_row(row: Row, number: int) -> tuple[UserId, ItemId, float, float]:
    """(user_id, item_id, weight, timestamp or NaN) of a row; ValueError, naming it by `number`, for a bad one."""
    if isinstance(row, str) or not 2 <= len(row) <= 4:
        raise ValueError(f"row {number} must be (user_id, item_id[, weight[, timestamp]]), got {row!r}")
    user_id, item_id = row[0], row[1]
    if type(user_id) not in (str, int):
        user_id = check_id(user_id, f"the user id of row {number}")
    if type(item_id) not in (str, int):
        item_id = check_id(item_id, f"the item id of row {number}")
    weight = _check_number(row[2], "weight", number) if len(row) > 2 else 1.0
    time = math.nan if len(row) < 4 or row[3] is None else _check_number(row[3], "timestamp", number)
    return user_id, item_id, weight, time


def _check_number(value: Any, what: str, number: int) -> float:
    if isinstance(value, int | float | np.number) and math.isfinite(value):
        return float(value)
    raise ValueError(f"the {what} of row {number} must be a finite number, got {value!r}")
