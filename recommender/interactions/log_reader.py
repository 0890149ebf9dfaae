"""What a log says of its rows: sizes, ids, order, histories, and the matrices that training needs of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, UserId
from recommender.interactions.numbering import Numbering
from recommender.interactions.row_table import RowTable, summed
from recommender.interactions.rows import Sequences


class LogReader:
    """The questions that a log answers; `Interactions` is a log that can also be written to."""

    _ids: Numbering
    _table: RowTable
    _ordered: bool | None
    _described_rows: int

    @property
    def ordered(self) -> bool:
        """Whether what a user took has an order: as was said, else whether most rows have a timestamp. A pass over
        them.
        """
        return self._table.timed_rows() * 2 > self.rows if self._ordered is None else self._ordered

    @property
    def rows(self) -> int:
        """Rows in the log, duplicates counted."""
        return self._table.length - self._table.blank_rows - self._described_rows

    def __len__(self) -> int:
        return self.rows

    @property
    def users(self) -> int:
        """Users that have rows."""
        return len(self._ids.user_of)

    @property
    def items(self) -> int:
        """Items ever seen."""
        return len(self._ids.items)

    @property
    def user_slots(self) -> int:
        """Rows of `to_csr`: one a user, one a forgotten user whose number waits for the next, one an attribute."""
        return len(self._ids.users)

    @property
    def user_ids(self) -> tuple[UserId | None, ...]:
        """User ids by dense index; None where a user was forgotten, and for an attribute of `describe`."""
        return tuple(self._ids.users)

    @property
    def item_ids(self) -> tuple[ItemId, ...]:
        """Item ids by dense index: the catalog order."""
        return tuple(self._ids.items)

    def user_index(self, user_id: UserId) -> int | None:
        """Dense index of a user, or None."""
        return self._ids.user_of.get(user_id)

    def item_index(self, item_id: ItemId) -> int | None:
        """Dense index of an item, or None."""
        return self._ids.item_of.get(item_id)

    @property
    def length(self) -> int:
        """The number that the next row will have."""
        return self._table.length

    @property
    def newest(self) -> float:
        """The largest timestamp of a row, in seconds; 0 when no row has one."""
        newest = self._table.newest
        return newest if math.isfinite(newest) else 0.0

    def popularity(self, half_life: float = 0.0) -> NDArray[np.float32]:
        """Sum of positive weights on each item, float32 (items,); with a half-life, as faded by the newest timestamp.

        half_life is in seconds, 0 for none; fading costs a pass over all rows.
        """
        if not half_life:
            found = np.zeros(self.items, dtype=np.float32)
            counted = self._table.popularity[: self.items]
            found[: len(counted)] = np.maximum(counted, 0.0)
            return found
        rows = np.flatnonzero(self._taken())
        faded = np.bincount(self._table.item[rows], self._table.faded(rows, half_life), minlength=self.items)
        return faded.astype(np.float32)

    def activity_shares(self, users: NDArray[Any], shrinkage: float) -> NDArray[np.float32]:
        """By how much the rows of these users are multiplied where `shrinkage` > 0: a / (a + shrinkage), float32 (n,).

        a is the sum of a user's positive weights. An attribute of `describe`, which has none that count, keeps its
        weight, and so does whoever takes nothing.
        """
        return _activity_shares(self._table.activity[users], shrinkage).astype(np.float32)

    def strength(self, shrinkage: float = 0.0) -> float:
        """Estimate of the largest singular value of `to_csr()`: exact when nothing but popularity and activity decides.

        sqrt(sum_u a_u^2 * sum_i p_i^2) / sum p, with a_u and p_i the positive weight of each user and item (the
        expected-degree model of Chung and Lu). Costs a pass over users and items, not over rows. Attributes of
        `describe` are left out. shrinkage: rows are multiplied by `activity_shares`, as if that took the same share of
        every item, and attributes, which keep their weight, are among the users.
        """
        table = self._table
        activity, popularity = table.activity, table.popularity
        total = popularity.sum()
        if shrinkage and total > 0:
            activity = activity * _activity_shares(activity, shrinkage)
            popularity = popularity * (activity.sum() / total) + table.described_items
            activity, total = activity + table.described_users, popularity.sum()
        return float(np.linalg.norm(activity) * np.linalg.norm(popularity) / total) if total > 0 else 0.0

    def history(self, user_id: UserId) -> dict[ItemId, float]:
        """A user's items and summed weights, in order of their newest row; empty for an unknown user."""
        user = self._ids.user_of.get(user_id)
        if user is None:
            return {}
        _, rows = self._table.of_users(np.array([user], dtype=np.int32))
        found: dict[ItemId, float] = {}
        for row in self._table.by_time(np.zeros(len(rows), dtype=np.int32), np.sort(rows)):
            item_id = self._ids.items[self._table.item[row]]
            found[item_id] = found.pop(item_id, 0.0) + float(self._table.weight[row])
        return found

    def sequences(self, users: NDArray[np.int32] | None = None) -> Sequences:
        """What these users (or all) took, each user's rows of positive weight in order of time.

        Attributes of `describe` are nobody's. Costs in proportion to the rows of those users.
        """
        table = self._table
        if users is None:
            rows = np.flatnonzero(self._taken()).astype(np.int32)
            owners: NDArray[Any] = table.user[rows]
        else:
            owners, rows = table.of_users(users)
            taken = table.weight[rows] > 0
            owners, rows = owners[taken][::-1], rows[taken][::-1]
        order = np.argsort(owners, kind="stable")
        rows = self._table.by_time(owners[order], np.ascontiguousarray(rows[order]))
        bounds = np.concatenate(([0], np.cumsum(np.bincount(owners)))).astype(np.int64)
        return Sequences(np.unique(bounds), table.item[rows], table.time[rows], rows)

    def weights_of(self, rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Weights float32 of rows by their numbers, such as `sequences` gives."""
        found: NDArray[np.float32] = self._table.weight[rows]
        return found

    def to_csr(self, half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """Summed weights as float32 CSR (user_slots, items), indices sorted; pairs that cancel out to zero are left
        out.

        With a half-life in seconds, weights have faded by the newest timestamp; a row without one has not.
        """
        table, rows = self._table, self._table.live()
        shape = self.user_slots, self.items
        return summed(table.user[rows], table.item[rows], table.faded(rows, half_life), shape)

    def rows_of_users(self, users: NDArray[np.int32], half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """`to_csr(half_life)[users]`, at a cost in proportion to the histories of those users."""
        table = self._table
        owners, rows = table.of_users(users)
        return summed(owners, table.item[rows], table.faded(rows, half_life), (len(users), self.items))

    def rows_of_items(self, items: NDArray[np.int32], half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """`to_csr(half_life).T[items]` as CSR, at a cost in proportion to the histories of those items."""
        table = self._table
        owners, rows = table.of_items(items)
        return summed(owners, table.user[rows], table.faded(rows, half_life), (len(items), self.user_slots))

    def _taken(self) -> NDArray[np.bool_]:
        """Which rows say that a user took an item."""
        table = self._table
        users = table.user[: table.length]
        taken: NDArray[np.bool_] = (users >= 0) & (table.weight[: table.length] > 0)
        taken[taken] = ~self._described(users[taken])
        return taken

    def _described(self, users: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of these numbers of users stand for attributes."""
        described = np.zeros(self.user_slots, dtype=np.bool_)
        described[list(self._ids.attribute_of.values())] = True
        return described[users]


def _activity_shares(activity: NDArray[np.float64], shrinkage: float) -> NDArray[np.float64]:
    shares = np.ones(len(activity))
    return np.divide(activity, activity + shrinkage, out=shares, where=activity > 0.0)
