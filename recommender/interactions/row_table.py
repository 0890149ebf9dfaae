"""The rows of a log as columns that grow, with chains that find one user's or item's rows."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.chain_kernels import link_rows
from recommender.interactions.row_chains import chain_rows

COLUMNS = {"user": np.int32, "item": np.int32, "weight": np.float32, "time": np.float64}
CHAINS = ("before_of_user", "before_of_item")


@dataclass(frozen=True, slots=True, eq=False)
class _Totals:
    """What a store of rows replaces: length and newest of the table, and the sums of the items and users it touches."""

    length: int
    newest: float
    items: NDArray[np.int32]
    popularity: NDArray[np.float64]
    users: NDArray[np.int32]
    activity: NDArray[np.float64]


class RowTable:
    """Columns of equal length with room to grow: row r says that user[r] took item[r], by weight[r], at time[r].

    user and item are int32 numbers, user -1 once the row is blank; weight is float32, time float64 seconds or NaN.
    popularity and activity, float64, sum the positive weights that count of each item and user; described_items and
    described_users those that do not, which describe items. `length` is the number of the next row, `blank_rows` says
    how many before it are blank, `newest` is the largest time of a row.
    """

    def __init__(self) -> None:
        self.length = self.blank_rows = 0
        self.newest = -math.inf
        self.user = np.empty(0, dtype=np.int32)
        self.item = np.empty(0, dtype=np.int32)
        self.weight = np.empty(0, dtype=np.float32)
        self.time = np.empty(0, dtype=np.float64)
        self.popularity = np.empty(0, dtype=np.float64)
        self.activity = np.empty(0, dtype=np.float64)
        self.described_items = np.empty(0, dtype=np.float64)
        self.described_users = np.empty(0, dtype=np.float64)
        self.before_of_user = np.empty(0, dtype=np.int32)
        self.before_of_item = np.empty(0, dtype=np.int32)
        self._last_of_user = np.empty(0, dtype=np.int32)
        self._last_of_item = np.empty(0, dtype=np.int32)
        self._before_last_store: _Totals | None = None

    def copy(self) -> RowTable:
        """A table with the same rows that grows on its own."""
        twin = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(twin, name, value.copy())
        return twin

    def store(
        self,
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        times: NDArray[np.float64],
        counted: NDArray[np.bool_] | bool = True,
    ) -> None:
        """Append rows, all columns (n,); those that are not `counted` add nothing to popularity and activity."""
        if not len(users):
            return
        start, end = self.length, self.length + len(users)
        for name in (*COLUMNS, *CHAINS):
            setattr(self, name, _grown(getattr(self, name), end))
        self.make_room(int(users.max()) + 1, int(items.max()) + 1)
        for name, values in zip(COLUMNS, (users, items, weights, times), strict=True):
            getattr(self, name)[start:end] = values
        link_rows(self.user, start, end, self._last_of_user, self.before_of_user)
        link_rows(self.item, start, end, self._last_of_item, self.before_of_item)
        touched_items, touched_users = distinct(items), distinct(users)
        self._before_last_store = _Totals(
            start,
            self.newest,
            touched_items,
            self.popularity[touched_items],
            touched_users,
            self.activity[touched_users],
        )
        wanted = np.where(counted, np.maximum(weights, 0.0), 0.0)
        _add_up(self.popularity, items, wanted)
        _add_up(self.activity, users, wanted)
        if not np.all(counted):
            described = np.where(counted, 0.0, np.maximum(weights, 0.0))
            _add_up(self.described_items, items, described)
            _add_up(self.described_users, users, described)
        self.length = end
        self.newest = max(self.newest, _newest(times))

    def make_room(self, users: int, items: int) -> None:
        """Room for so many users and items, whether they have rows or not."""
        self._last_of_user = _grown(self._last_of_user, users, -1)
        self._last_of_item = _grown(self._last_of_item, items, -1)
        self.popularity = _grown(self.popularity, items, 0)
        self.activity = _grown(self.activity, users, 0)
        self.described_items = _grown(self.described_items, items, 0)
        self.described_users = _grown(self.described_users, users, 0)

    def undo_store(self) -> None:
        """Take back the rows of the last `store`, which nothing but reading followed: all is as it was, to the bit."""
        before = self._before_last_store
        if before is None:
            raise ValueError("there is nothing to undo: rows were blanked or taken back since the last store")
        rows = np.arange(self.length - 1, before.length - 1, -1)  # newest first, so that the oldest link is kept
        self._last_of_user[self.user[rows]] = self.before_of_user[rows]
        self._last_of_item[self.item[rows]] = self.before_of_item[rows]
        self.popularity[before.items], self.activity[before.users] = before.popularity, before.activity
        self.length, self.newest = before.length, before.newest
        self._before_last_store = None

    def live(self) -> NDArray[np.intp]:
        """Numbers of the rows that are not blank, ascending."""
        return np.flatnonzero(self.user[: self.length] >= 0)

    def of_users(self, users: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Their live rows: (positions in `users`, row numbers), int32 (n,), newest first within a user."""
        return chain_rows(self._last_of_user, self.before_of_user, self.user, users)

    def of_items(self, items: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The same for items."""
        return chain_rows(self._last_of_item, self.before_of_item, self.user, items)

    def blank(self, rows: NDArray[Any], user: int, *, all_of_user: bool) -> None:
        """Take out these counted rows of one user; `all_of_user` says that none is left."""
        wanted = np.maximum(self.weight[rows], 0.0)
        np.subtract.at(self.popularity, self.item[rows], wanted)
        self.activity[user] = 0.0 if all_of_user else self.activity[user] - wanted.sum()
        newest_is_gone = (self.time[rows] == self.newest).any()
        self.user[rows] = -1
        self.weight[rows] = 0.0
        self.time[rows] = math.nan
        self.blank_rows += len(rows)
        if all_of_user:
            self._last_of_user[user] = -1
        if newest_is_gone:
            self.newest = _newest(self.time[: self.length])
        self._before_last_store = None

    def compact(self, counted: NDArray[np.bool_]) -> None:
        """Take back the room of blank rows; counted bool (live rows,) as in `store`. Rows get new numbers."""
        live = self.live()
        columns = [getattr(self, name)[live] for name in COLUMNS]
        self.length = self.blank_rows = 0
        self._last_of_user[:] = -1
        self._last_of_item[:] = -1
        self.popularity[:] = 0.0
        self.activity[:] = 0.0
        self.described_items[:] = 0.0
        self.described_users[:] = 0.0
        users, items, weights, times = columns
        self.store(users, items, weights, times, counted)
        self._before_last_store = None

    def timed_rows(self) -> int:
        """Rows that have a time."""
        return self.length - int(np.isnan(self.time[: self.length]).sum())

    def by_time(self, owners: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        """Rows of ascending owners, each owner's in order of the log, put in order of time within each owner.

        A row without a time stays behind the owner's row before it; rows of one time keep their order.
        """
        times = self.time[rows]
        first = np.ones(len(rows), dtype=np.bool_)
        first[1:] = owners[1:] != owners[:-1]
        timed = ~np.isnan(times)
        place = np.maximum.accumulate(np.where(timed | first, np.arange(len(rows)), 0))
        times = np.where(timed, times, -np.inf)[place]
        if (first[1:] | (times[1:] >= times[:-1])).all():
            return rows
        return rows[np.lexsort((times, owners))]

    def faded(self, rows: NDArray[Any], half_life: float) -> NDArray[np.float32]:
        """Weights of rows; with a half-life in seconds, as they have faded by `newest`. Rows without a time do not."""
        weights = self.weight[rows]
        if not half_life:
            return weights
        newest = self.newest if math.isfinite(self.newest) else 0.0
        ages = np.nan_to_num((newest - self.time[rows]) / half_life)
        return (weights * np.exp2(-ages)).astype(np.float32)


def summed(
    rows: NDArray[np.int32], columns: NDArray[np.int32], weights: NDArray[np.float32], shape: tuple[int, int]
) -> scipy.sparse.csr_matrix:
    """Triples as float32 CSR, indices sorted; what adds up to zero is left out."""
    matrix = scipy.sparse.csr_matrix((weights.astype(np.float64), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix.astype(np.float32)


def _newest(times: NDArray[np.float64]) -> float:
    """The largest of some times, -inf where none is given."""
    return float(np.fmax.reduce(times, initial=-math.inf))


def distinct(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """The numbers of an array, each once, ascending: by counting where they are many, else by sorting."""
    if len(numbers) and int(numbers.max()) < 8 * len(numbers):
        return np.flatnonzero(np.bincount(numbers)).astype(np.int32)
    return np.unique(numbers)


def _add_up(sums: NDArray[np.float64], numbers: NDArray[np.int32], amounts: NDArray[Any]) -> None:
    """Add amounts to the sums of these numbers; in one pass over all sums where the numbers are as many."""
    if len(numbers) > len(sums):
        sums += np.bincount(numbers, amounts, minlength=len(sums))
    else:
        np.add.at(sums, numbers, amounts)


def _grown(array: NDArray[Any], needed: int, fill: int | None = None) -> NDArray[Any]:
    """`array` with room for `needed`, doubling so that appends cost amortised constant time; the room holds `fill`."""
    if needed <= len(array):
        return array
    grown: NDArray[Any] = np.empty(max(needed, 2 * len(array), 64), dtype=array.dtype)
    grown[: len(array)] = array
    if fill is not None:
        grown[len(array) :] = fill
    return grown
