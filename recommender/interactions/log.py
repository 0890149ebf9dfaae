"""The log of interactions: what users took, by id and by dense number, and the matrices that training needs of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, UserId, check_number
from recommender.interactions.numbering import Numbering
from recommender.interactions.row_table import RowTable, summed
from recommender.interactions.rows import Appended, Descriptions, Row, Sequences, check_description, check_row

DAY = 86_400.0


class Interactions:
    """A log of (user, item, weight, timestamp) rows that grows by amortised appends and can forget.

    Users and items are str or int ids, numbered densely by first appearance; that order of items is the *catalog
    order*. What a user took is in order of the timestamps, rows of one time in the order in which they were appended; a
    row without a timestamp follows the user's row before it. Several rows of one pair add up. A negative weight says
    "not wanted". `discard` takes rows out again: a user without rows is forgotten with the id and the number is given
    to the next new user, while items stay in the catalog.
    """

    def __init__(self, horizon: float | None = None) -> None:
        """`horizon`: the latest timestamp that is believed, in seconds; None is a day after the time of the append.

        One wrong time far ahead would make all others old, for everything that fades by age. math.inf believes all.
        """
        self._horizon = horizon if horizon is None or horizon == math.inf else check_number(horizon, "horizon")
        self._slots_before_append = 0
        self._ids = Numbering()
        self._table = RowTable()
        self._described_rows = 0

    @classmethod
    def from_rows(cls, rows: Iterable[Row], horizon: float | None = None) -> Interactions:
        """A log of `rows`; see `append` for their form and what is refused, and the class for `horizon`."""
        log = cls(horizon)
        log.append(rows)
        return log

    def append(self, rows: Iterable[Row]) -> Appended:
        """Add rows of (user_id, item_id[, weight[, timestamp]]), oldest first where there are no times; new ids are
        welcome.

        Raises ValueError, naming the row, for a row of another length, an id that is neither str nor int, a weight
        larger in size than LARGEST_WEIGHT or no number, and a timestamp that is no finite number or after the horizon;
        then nothing is added.
        """
        horizon = self.horizon
        checked = [check_row(row, number, horizon) for number, row in enumerate(rows)]
        ids = self._ids
        known_users, known_items = len(ids.user_of), len(ids.items)
        self._slots_before_append = len(ids.users)
        count = len(checked)
        users = np.fromiter((ids.user(row[0]) for row in checked), dtype=np.int32, count=count)
        items = np.fromiter((ids.item(row[1]) for row in checked), dtype=np.int32, count=count)
        weights = np.fromiter((row[2] for row in checked), dtype=np.float32, count=count)
        times = np.fromiter((row[3] for row in checked), dtype=np.float64, count=count)
        try:
            self._table.store(users, items, weights, times)
        except MemoryError:
            ids.forget_newest(len(ids.user_of) - known_users, len(ids.items) - known_items, self._slots_before_append)
            raise
        return Appended(
            rows=count,
            touched_users=np.unique(users),
            touched_items=np.unique(items),
            new_users=len(ids.user_of) - known_users,
            new_items=len(ids.items) - known_items,
        )

    def undo(self, appended: Appended) -> None:
        """Take back the last append, which nothing but reading followed: ids, numbers and sums are as they were."""
        if appended.rows:
            self._table.undo_store()
            self._ids.forget_newest(appended.new_users, appended.new_items, self._slots_before_append)

    def describe(self, attributes: Descriptions, weight: float = 1.0) -> None:
        """Say what is known of items beside interactions, such as ``{"poster-1": ["style=retro", "type=poster"]}``.

        Training treats each attribute as one more user who wants every item that has it with `weight`: items that share
        attributes are drawn together, and an item that nobody has touched gets a place among its like. Descriptions
        are not interactions: rows, users, popularity and ids of users do not count them. Items are new or known.
        Raises ValueError for an id that is neither str nor int, attributes that are no list, an attribute that is no
        text, and a weight that is not positive and at most LARGEST_WEIGHT; then nothing is added.
        """
        pairs, weight = check_description(attributes, weight)
        count = len(pairs)
        users = np.fromiter((self._ids.attribute(name) for _, name in pairs), dtype=np.int32, count=count)
        items = np.fromiter((self._ids.item(item_id) for item_id, _ in pairs), dtype=np.int32, count=count)
        weights, times = np.full(count, weight, dtype=np.float32), np.full(count, math.nan)
        self._table.store(users, items, weights, times, counted=False)
        self._described_rows += count

    @property
    def horizon(self) -> float:
        """The latest timestamp that an append believes now, in seconds."""
        return time.time() + DAY if self._horizon is None else self._horizon

    def discard(self, user_id: UserId, item_id: ItemId | None = None) -> NDArray[np.int32]:
        """Forget a user's rows (of one item, if given); returns the dense indices of the items they were on.

        Unknown ids discard nothing. Rows are blanked at once and their room is taken back when half the log is blank.
        """
        user = self._ids.user_of.get(user_id)
        if user is None:
            return np.empty(0, dtype=np.int32)
        table = self._table
        _, all_rows = table.of_users(np.array([user], dtype=np.int32))
        rows = all_rows
        if item_id is not None:
            rows = all_rows[table.item[all_rows] == self._ids.item_of.get(item_id, -1)]
        items = np.unique(table.item[rows])
        gone = len(rows) == len(all_rows)
        table.blank(rows, user, all_of_user=gone)
        if gone:
            self._ids.release(user_id)
        if table.blank_rows > max(1024, table.length // 2):
            table.compact(~self._described(table.user[table.live()]))
        return items

    def copy(self) -> Interactions:
        """A log with the same rows and numbers that grows and forgets on its own."""
        twin = Interactions(self._horizon)
        twin._slots_before_append = self._slots_before_append
        twin._ids, twin._table = self._ids.copy(), self._table.copy()
        twin._described_rows = self._described_rows
        return twin

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

    def strength(self) -> float:
        """Estimate of the largest singular value of `to_csr()`: exact when nothing but popularity and activity decides.

        sqrt(sum_u a_u^2 * sum_i p_i^2) / sum p, with a_u and p_i the positive weight of each user and item (the
        expected-degree model of Chung and Lu). Costs a pass over users and items, not over rows.
        """
        activity, popularity = self._table.activity, self._table.popularity
        total = popularity.sum()
        return float(np.linalg.norm(activity) * np.linalg.norm(popularity) / total) if total > 0 else 0.0

    def history(self, user_id: UserId) -> dict[ItemId, float]:
        """A user's items and summed weights, in order of their newest row; empty for an unknown user."""
        user = self._ids.user_of.get(user_id)
        if user is None:
            return {}
        _, rows = self._table.of_users(np.array([user], dtype=np.int32))
        found: dict[ItemId, float] = {}
        for row in self._by_time(np.zeros(len(rows), dtype=np.int32), np.sort(rows)):
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
        rows = self._by_time(owners[order], np.ascontiguousarray(rows[order]))
        bounds = np.concatenate(([0], np.cumsum(np.bincount(owners)))).astype(np.int64)
        return Sequences(np.unique(bounds), table.item[rows], table.time[rows], rows)

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

    def _by_time(self, owners: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
        """Rows of ascending owners, each owner's in order of the log, put in order of time within each owner.

        A row without a time stays behind the owner's row before it; rows of one time keep their order.
        """
        times = self._table.time[rows]
        first = np.ones(len(rows), dtype=np.bool_)
        first[1:] = owners[1:] != owners[:-1]
        timed = ~np.isnan(times)
        place = np.maximum.accumulate(np.where(timed | first, np.arange(len(rows)), 0))
        times = np.where(timed, times, -np.inf)[place]
        if (first[1:] | (times[1:] >= times[:-1])).all():
            return rows
        return rows[np.lexsort((times, owners))]

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
