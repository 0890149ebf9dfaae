"""Splits of rows: in time, where the past is known and the future is judged; by user; and into folds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from recommender.interactions.checks import check_count, check_number, shown
from recommender.interactions.rows import Row


def split_by_time(rows: Iterable[Row], share: float = 0.8) -> tuple[list[Any], list[Any]]:
    """The first `share` of the rows and the rest, by timestamp (a row's fourth value); rows of one time keep their
    order.

    Rows without timestamps are taken to be in order of time already. Raises ValueError for a share outside (0, 1), for
    rows of another form, and when only some rows have a timestamp.
    """
    check_share(share)
    ordered = in_time_order(rows)
    cut = int(len(ordered) * share)
    return ordered[:cut], ordered[cut:]


def in_time_order(rows: Iterable[Row]) -> list[Any]:
    """Rows sorted by timestamp, stable; as they are when none has one.

    ValueError when only some have one, for one that is not a finite number, and for rows of another form.
    """
    given = listed(rows)
    timed = sum(len(row) > 3 and row[3] is not None for row in given)
    if timed == 0:
        return given
    if timed < len(given):
        raise ValueError(f"{len(given) - timed} of {len(given)} rows have no timestamp; give all rows one, or none")
    for number, row in enumerate(given):
        check_number(row[3], f"the timestamp of row {number}")
    return sorted(given, key=lambda row: row[3])


def split_by_user(rows: Iterable[Row], share: float = 0.8, seed: int = 7) -> tuple[list[Any], list[Any]]:
    """All rows of a `share` of the users, drawn by chance, and all rows of the others, each in the order given: for
    judging on people whom the model has never seen.

    Raises ValueError for a share outside (0, 1), and when either part would have no user.
    """
    check_share(share)
    given = listed(rows)
    users = list(dict.fromkeys(row[0] for row in given))
    count = round(len(users) * share)
    if not 0 < count < len(users):
        raise ValueError(f"{len(users)} users cannot be split into shares of {share} and {1.0 - share:g}; give more")
    chosen = {users[place] for place in np.random.default_rng(seed).permutation(len(users))[:count].tolist()}
    return [row for row in given if row[0] in chosen], [row for row in given if row[0] not in chosen]


def k_fold(rows: Iterable[Row], folds: int = 5, seed: int = 7) -> list[tuple[list[Any], list[Any]]]:
    """(rest, held out) for each of `folds` parts: the items of every user are dealt to the parts at random, evenly, all
    rows of a pair to the same one, so that each is held out once. For rows whose order means nothing.

    Raises ValueError for fewer than two folds.
    """
    if check_count(folds, "folds") < 2:
        raise ValueError(f"folds must be at least 2, got {folds!r}")
    given = listed(rows)
    rng = np.random.default_rng(seed)
    of_user: dict[Any, dict[Any, int]] = {}
    for row in given:
        of_user.setdefault(row[0], {}).setdefault(row[1], 0)
    for items in of_user.values():
        dealt = (rng.permutation(len(items)) + rng.integers(folds)) % folds
        for item, fold in zip(items, dealt.tolist(), strict=True):
            items[item] = fold
    parts = [of_user[row[0]][row[1]] for row in given]
    return [
        (
            [row for row, part in zip(given, parts, strict=True) if part != fold],
            [row for row, part in zip(given, parts, strict=True) if part == fold],
        )
        for fold in range(folds)
    ]


def check_share(share: Any) -> float:
    """Return a share between 0 and 1, both exclusive; ValueError for anything else."""
    if not 0.0 < check_number(share, "share", 0, 1) < 1.0:
        raise ValueError(f"share must be above 0 and below 1, got {share!r}")
    return float(share)


def listed(rows: Iterable[Row]) -> list[Any]:
    """Rows as a list; ValueError for what has none, such as a frame, which gives the names of its columns."""
    given = list(rows) if isinstance(rows, Iterable) else [rows]
    for number, row in enumerate(given):
        if type(row) is not tuple and (isinstance(row, str | bytes) or not isinstance(row, Sequence | np.ndarray)):
            raise ValueError(
                f"row {number} must be (user_id, item_id[, weight[, timestamp]]), got {shown(row)}; the rows of a "
                "frame are frame.itertuples(index=False, name=None)"
            )
    return given
