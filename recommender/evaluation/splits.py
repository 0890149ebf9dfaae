"""Splits of a log in time: the past is known, the future is judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recommender.interactions.checks import check_number
from recommender.interactions.rows import Row


def split_by_time(rows: Iterable[Row], share: float = 0.8) -> tuple[list[Any], list[Any]]:
    """The first `share` of the rows and the rest, by timestamp (a row's fourth value); rows of one time keep their
    order.

    Rows without timestamps are taken to be in order of time already. Raises ValueError for a share outside (0, 1), and
    when only some rows have a timestamp.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"share must be between 0 and 1, exclusive; got {share!r}")
    ordered = in_time_order(rows)
    cut = int(len(ordered) * share)
    return ordered[:cut], ordered[cut:]


def in_time_order(rows: Iterable[Row]) -> list[Any]:
    """Rows sorted by timestamp, stable; as they are when none has one.

    ValueError when only some have one, and for one that is not a finite number.
    """
    given = list(rows)
    timed = sum(len(row) > 3 and row[3] is not None for row in given)
    if timed == 0:
        return given
    if timed < len(given):
        raise ValueError(f"{len(given) - timed} of {len(given)} rows have no timestamp; give all rows one, or none")
    for number, row in enumerate(given):
        check_number(row[3], f"the timestamp of row {number}")
    return sorted(given, key=lambda row: row[3])
