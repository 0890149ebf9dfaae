"""Rows of a log as callers give them, and what a log says of its rows."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import LARGEST_WEIGHT, ItemId, UserId, check_id, check_number, check_weight

Row = Sequence[Any]
"""(user_id, item_id[, weight[, timestamp]]); weight is at most LARGEST_WEIGHT in size and defaults to 1, timestamp is
in seconds or None."""

# A mapping's keys are invariant, so that callers with ids of one kind need their kind named.
Descriptions = Mapping[str, Iterable[str]] | Mapping[int, Iterable[str]] | Mapping[ItemId, Iterable[str]]

DAY = 86_400.0


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
    in the log, all of them (n,).
    """

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    times: NDArray[np.float64]
    rows: NDArray[np.int32]

    def ends_with_rows_from(self, first_row: int) -> bool:
        """Whether in every sequence the rows from `first_row` on come after all others."""
        is_new = self.rows >= first_row
        goes_back = is_new[:-1] & ~is_new[1:]
        goes_back[self.indptr[1:-1] - 1] = False  # from one sequence to the next
        return not goes_back.any()

    def before(self, first_row: int) -> Sequences:
        """The sequences as they were before row `first_row`, those without steps left out."""
        kept = self.rows < first_row
        bounds = np.concatenate(([0], np.cumsum(kept)))[self.indptr].astype(np.int64)
        return Sequences(np.unique(bounds), self.items[kept], self.times[kept], self.rows[kept])


def check_row(row: Row, number: int, horizon: float = math.inf) -> tuple[UserId, ItemId, float, float]:
    """(user_id, item_id, weight, timestamp or NaN) of a row; ValueError, naming it by `number`, for a bad one.

    horizon: the latest timestamp that is believed, in seconds.
    """
    is_row = type(row) in (tuple, list) or (isinstance(row, Sequence | np.ndarray) and not isinstance(row, str | bytes))
    if not is_row or not 2 <= len(row) <= 4:
        raise ValueError(f"row {number} must be (user_id, item_id[, weight[, timestamp]]), got {row!r}")
    user_id, item_id = row[0], row[1]
    if type(user_id) not in (str, int):
        user_id = check_id(user_id, f"the user id of row {number}")
    if type(item_id) not in (str, int):
        item_id = check_id(item_id, f"the item id of row {number}")
    weight = 1.0 if len(row) == 2 else row[2]
    if type(weight) is not float or not -LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT:
        weight = check_weight(weight, f"the weight of row {number}")
    time = None if len(row) < 4 else row[3]
    if time is None:
        return user_id, item_id, weight, math.nan
    if type(time) is not float or not math.isfinite(time):
        time = check_number(time, f"the timestamp of row {number}")
    if time > horizon:
        raise ValueError(too_late(f"the timestamp of row {number}", time, horizon))
    return user_id, item_id, weight, time


def check_horizon(horizon: float | None) -> float | None:
    """Return the latest timestamp that is believed, in seconds: None for a day from now, math.inf for any."""
    return horizon if horizon is None or horizon == math.inf else check_number(horizon, "horizon")


def latest_time(horizon: float | None) -> float:
    """The latest timestamp that is believed at this moment, in seconds."""
    return time.time() + DAY if horizon is None else horizon


def too_late(what: str, time: float, horizon: float) -> str:
    """What is said of a timestamp after the horizon."""
    return (
        f"{what} is {time!r}, later than the horizon {horizon!r}; timestamps are "
        "seconds since 1970 (divide milliseconds by 1000), and a log of times to come needs a later `horizon`"
    )


def check_description(attributes: Descriptions, weight: float) -> tuple[list[tuple[ItemId, str]], float]:
    """Pairs of item id and attribute, each once, and the weight; ValueError, naming what is wrong, for bad ones."""
    try:
        weight = check_number(weight, "the weight", 1e-30, LARGEST_WEIGHT)
    except ValueError:
        raise ValueError(
            "the weight of a description must be a positive finite number of at most "
            f"{LARGEST_WEIGHT:.0f}, got {weight!r}"
        ) from None
    if not isinstance(attributes, Mapping):
        raise ValueError(
            "descriptions must map each item id to a list of attributes, such as {'poster-1': ['style=retro']}, got "
            f"a {type(attributes).__name__}"
        )
    pairs = [
        (check_id(item_id, "an item id"), name)
        for item_id, names in attributes.items()
        for name in dict.fromkeys(_check_names(item_id, names))
    ]
    wrong = next((name for _, name in pairs if not isinstance(name, str)), None)
    if wrong is not None:
        raise ValueError(f"an attribute must be text such as 'style=retro', got {wrong!r}")
    return pairs, weight


def _check_names(item_id: ItemId, names: Any) -> Iterable[str]:
    """The attributes of an item; ValueError for one text, whose letters would be taken for attributes, and for a
    mapping, whose values would be lost.
    """
    if isinstance(names, str | bytes | Mapping) or not isinstance(names, Iterable):
        raise ValueError(f"the attributes of {item_id!r} must be a list such as ['style=retro'], got {names!r}")
    return names
