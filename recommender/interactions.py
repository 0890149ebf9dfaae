"""The log of interactions: ids to dense indices, a growing table of rows, and the chains that find one user's or
item's rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender._chains import chain_rows, link_rows
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


class Interactions:
    """A log of (user, item, weight, timestamp) rows that grows by amortised appends and can forget.

    Users and items are str or int ids, numbered densely by first appearance; that order of items is the *catalog
    order*. Several rows of one pair add up. A negative weight says "not wanted". `discard` takes rows out again: a
    user without rows is forgotten with the id and the number is given to the next new user, while items stay in the
    catalog.
    """

    def __init__(self) -> None:
        self._user_index: dict[UserId, int] = {}
        self._attribute_index: dict[str, int] = {}
        self._described_rows = 0
        self._item_index: dict[ItemId, int] = {}
        self._user_ids: list[UserId | None] = []
        self._item_ids: list[ItemId] = []
        self._vacant: list[int] = []
        self._length = 0
        self._dead = 0
        self._newest = -math.inf
        self._user = np.empty(0, dtype=np.int32)
        self._item = np.empty(0, dtype=np.int32)
        self._weight = np.empty(0, dtype=np.float32)
        self._time = np.empty(0, dtype=np.float64)
        self._before_of_user = np.empty(0, dtype=np.int32)
        self._before_of_item = np.empty(0, dtype=np.int32)
        self._last_of_user = np.empty(0, dtype=np.int32)
        self._last_of_item = np.empty(0, dtype=np.int32)
        self._popularity = np.empty(0, dtype=np.float64)
        self._activity = np.empty(0, dtype=np.float64)

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Interactions:
        """A log of `rows`; see `append` for their form and what is refused."""
        log = cls()
        log.append(rows)
        return log

    def append(self, rows: Iterable[Row]) -> Appended:
        """Add rows of (user_id, item_id[, weight[, timestamp]]), oldest first; new ids are welcome.

        Raises ValueError, naming the row, for a row of another length, an id that is neither str nor int, and a weight
        or timestamp that is not a finite number; then nothing is added.
        """
        checked = [_check_row(row, number) for number, row in enumerate(rows)]
        known_users, known_items = len(self._user_index), len(self._item_ids)
        count = len(checked)
        users = np.fromiter((self._number_user(row[0]) for row in checked), dtype=np.int32, count=count)
        items = np.fromiter((self._number_item(row[1]) for row in checked), dtype=np.int32, count=count)
        weights = np.fromiter((row[2] for row in checked), dtype=np.float32, count=count)
        times = np.fromiter((row[3] for row in checked), dtype=np.float64, count=count)
        self._store(users, items, weights, times)
        return Appended(
            rows=count,
            touched_users=np.unique(users),
            touched_items=np.unique(items),
            new_users=len(self._user_index) - known_users,
            new_items=len(self._item_ids) - known_items,
        )

    def describe(self, attributes: Mapping[ItemId, Iterable[str]], weight: float = 1.0) -> None:
        """Say what is known of items beside interactions, such as ``{"poster-1": ["style=retro", "type=poster"]}``.

        Training treats each attribute as one more user who wants every item that has it with `weight`: items that share
        attributes are drawn together, and an item that nobody has touched gets a place among its like. Descriptions
        are not interactions: rows, users, popularity and ids of users do not count them. Items are new or known.
        Raises ValueError for an id that is neither str nor int, an attribute that is no text, and a weight that is not
        positive and finite; then nothing is added.
        """
        if not (math.isfinite(weight) and weight > 0):
            raise ValueError(f"the weight of a description must be a positive finite number, got {weight!r}")
        pairs = [
            (check_id(item_id, "an item id"), name)
            for item_id, names in attributes.items()
            for name in dict.fromkeys(names)
        ]
        wrong = next((name for _, name in pairs if not isinstance(name, str)), None)
        if wrong is not None:
            raise ValueError(f"an attribute must be text such as 'style=retro', got {wrong!r}")
        count = len(pairs)
        users = np.fromiter((self._number_attribute(name) for _, name in pairs), dtype=np.int32, count=count)
        items = np.fromiter((self._number_item(item_id) for item_id, _ in pairs), dtype=np.int32, count=count)
        self._store(users, items, np.full(count, weight, dtype=np.float32), np.full(count, math.nan))
        self._described_rows += count

    def discard(self, user_id: UserId, item_id: ItemId | None = None) -> NDArray[np.int32]:
        """Forget a user's rows (of one item, if given); returns the dense indices of the items they were on.

        Unknown ids discard nothing. Rows are blanked at once and their room is taken back when half the log is blank.
        """
        user = self._user_index.get(user_id)
        if user is None:
            return np.empty(0, dtype=np.int32)
        _, all_rows = chain_rows(self._last_of_user, self._before_of_user, self._user, np.array([user], dtype=np.int32))
        rows = all_rows
        if item_id is not None:
            item = self._item_index.get(item_id)
            rows = all_rows[self._item[all_rows] == (-1 if item is None else item)]
        items = self._item[rows]
        wanted = np.maximum(self._weight[rows], 0.0)
        np.subtract.at(self._popularity, items, wanted)
        self._activity[user] = 0.0 if len(rows) == len(all_rows) else self._activity[user] - wanted.sum()
        self._user[rows] = -1
        self._weight[rows] = 0.0
        self._time[rows] = math.nan
        self._dead += len(rows)
        if len(rows) == len(all_rows):
            del self._user_index[user_id]
            self._user_ids[user] = None
            self._last_of_user[user] = -1
            self._vacant.append(user)
        if self._dead > max(1024, self._length // 2):
            self._compact()
        return np.unique(items)

    def copy(self) -> Interactions:
        """A log with the same rows and numbers that grows and forgets on its own."""
        twin = Interactions()
        for name, value in vars(self).items():
            setattr(twin, name, value.copy() if hasattr(value, "copy") else value)
        return twin

    @property
    def rows(self) -> int:
        """Rows in the log, duplicates counted."""
        return self._length - self._dead - self._described_rows

    def __len__(self) -> int:
        return self.rows

    @property
    def users(self) -> int:
        """Users that have rows."""
        return len(self._user_index)

    @property
    def items(self) -> int:
        """Items ever seen."""
        return len(self._item_ids)

    @property
    def user_slots(self) -> int:
        """Rows of `to_csr`: one a user, one a forgotten user whose number waits for the next, one an attribute."""
        return len(self._user_ids)

    @property
    def user_ids(self) -> tuple[UserId | None, ...]:
        """User ids by dense index; None where a user was forgotten, and for an attribute of `describe`."""
        return tuple(self._user_ids)

    @property
    def item_ids(self) -> tuple[ItemId, ...]:
        """Item ids by dense index: the catalog order."""
        return tuple(self._item_ids)

    def user_index(self, user_id: UserId) -> int | None:
        """Dense index of a user, or None."""
        return self._user_index.get(user_id)

    def item_index(self, item_id: ItemId) -> int | None:
        """Dense index of an item, or None."""
        return self._item_index.get(item_id)

    @property
    def length(self) -> int:
        """The number that the next row will have."""
        return self._length

    @property
    def newest(self) -> float:
        """The largest timestamp ever appended, in seconds; 0 when no row had one."""
        return self._newest if math.isfinite(self._newest) else 0.0

    def popularity(self, half_life: float = 0.0) -> NDArray[np.float32]:
        """Sum of positive weights on each item, float32 (items,); with a half-life, as faded by the newest timestamp.

        half_life is in seconds, 0 for none; fading costs a pass over all rows.
        """
        if not half_life:
            return np.maximum(self._popularity[: self.items], 0.0).astype(np.float32)
        rows = np.flatnonzero(self._taken())
        faded = np.bincount(self._item[rows], self._faded(rows, half_life), minlength=self.items)
        return faded.astype(np.float32)

    def strength(self) -> float:
        """Estimate of the largest singular value of `to_csr()`: exact when nothing but popularity and activity decides.

        sqrt(sum_u a_u^2 * sum_i p_i^2) / sum p, with a_u and p_i the positive weight of each user and item (the
        expected-degree model of Chung and Lu). Costs a pass over users and items, not over rows.
        """
        total = self._popularity.sum()
        return float(np.linalg.norm(self._activity) * np.linalg.norm(self._popularity) / total) if total > 0 else 0.0

    def history(self, user_id: UserId) -> dict[ItemId, float]:
        """A user's items and summed weights, in order of their newest row; empty for an unknown user."""
        user = self._user_index.get(user_id)
        if user is None:
            return {}
        _, rows = chain_rows(self._last_of_user, self._before_of_user, self._user, np.array([user], dtype=np.int32))
        found: dict[ItemId, float] = {}
        for row in np.sort(rows):
            item_id = self._item_ids[self._item[row]]
            found[item_id] = found.pop(item_id, 0.0) + float(self._weight[row])
        return found

    def sequences(self, users: NDArray[np.int32] | None = None) -> Sequences:
        """What these users (or all) took, each user's rows of positive weight in the order of the log.

        Attributes of `describe` are nobody's. Costs in proportion to the rows of those users.
        """
        if users is None:
            rows = np.flatnonzero(self._taken()).astype(np.int32)
            owners: NDArray[Any] = self._user[rows]
        else:
            owners, rows = chain_rows(self._last_of_user, self._before_of_user, self._user, users)
            taken = self._weight[rows] > 0
            owners, rows = owners[taken][::-1], rows[taken][::-1]
        order = np.argsort(owners, kind="stable")
        rows = np.ascontiguousarray(rows[order])
        bounds = np.concatenate(([0], np.cumsum(np.bincount(owners)))).astype(np.int64)
        return Sequences(np.unique(bounds), self._item[rows], self._time[rows], rows)

    def to_csr(self, half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """Summed weights as float32 CSR (user_slots, items), indices sorted; pairs that cancel out to zero are left
        out.

        With a half-life in seconds, weights have faded by the newest timestamp; a row without one has not.
        """
        rows = np.flatnonzero(self._user[: self._length] >= 0)
        shape = self.user_slots, self.items
        return _summed(self._user[rows], self._item[rows], self._faded(rows, half_life), shape)

    def rows_of_users(self, users: NDArray[np.int32], half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """`to_csr(half_life)[users]`, at a cost in proportion to the histories of those users."""
        owners, rows = chain_rows(self._last_of_user, self._before_of_user, self._user, users)
        return _summed(owners, self._item[rows], self._faded(rows, half_life), (len(users), self.items))

    def rows_of_items(self, items: NDArray[np.int32], half_life: float = 0.0) -> scipy.sparse.csr_matrix:
        """`to_csr(half_life).T[items]` as CSR, at a cost in proportion to the histories of those items."""
        owners, rows = chain_rows(self._last_of_item, self._before_of_item, self._user, items)
        return _summed(owners, self._user[rows], self._faded(rows, half_life), (len(items), self.user_slots))

    def _taken(self) -> NDArray[np.bool_]:
        """Which rows say that a user took an item."""
        users = self._user[: self._length]
        taken: NDArray[np.bool_] = (users >= 0) & (self._weight[: self._length] > 0)
        if self._attribute_index:
            described = np.zeros(self.user_slots, dtype=np.bool_)
            described[list(self._attribute_index.values())] = True
            taken[taken] = ~described[users[taken]]
        return taken

    def _faded(self, rows: NDArray[Any], half_life: float) -> NDArray[np.float32]:
        weights = self._weight[rows]
        if not half_life:
            return weights
        ages = np.nan_to_num((self.newest - self._time[rows]) / half_life)
        return (weights * np.exp2(-ages)).astype(np.float32)

    def _number_user(self, user_id: UserId) -> int:
        number = self._user_index.get(user_id)
        if number is None:
            if self._vacant:
                number = self._vacant.pop()
                self._user_ids[number] = user_id
            else:
                number = len(self._user_ids)
                self._user_ids.append(user_id)
            self._user_index[user_id] = number
        return number

    def _number_attribute(self, name: str) -> int:
        number = self._attribute_index.setdefault(name, len(self._user_ids))
        if number == len(self._user_ids):
            self._user_ids.append(None)
        return number

    def _number_item(self, item_id: ItemId) -> int:
        number = self._item_index.setdefault(item_id, len(self._item_ids))
        if number == len(self._item_ids):
            self._item_ids.append(item_id)
        return number

    def _store(
        self,
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        weights: NDArray[np.float32],
        times: NDArray[np.float64],
    ) -> None:
        start, end = self._length, self._length + len(users)
        for name in ("_user", "_item", "_weight", "_time", "_before_of_user", "_before_of_item"):
            setattr(self, name, _grown(getattr(self, name), end, 0))
        self._last_of_user = _grown(self._last_of_user, self.user_slots, -1)
        self._last_of_item = _grown(self._last_of_item, self.items, -1)
        self._popularity = _grown(self._popularity, self.items, 0)
        self._activity = _grown(self._activity, self.user_slots, 0)
        self._user[start:end], self._item[start:end] = users, items
        self._weight[start:end], self._time[start:end] = weights, times
        link_rows(self._user, start, end, self._last_of_user, self._before_of_user)
        link_rows(self._item, start, end, self._last_of_item, self._before_of_item)
        wanted = np.maximum(weights, 0.0)
        if self._attribute_index:
            wanted[np.isin(users, list(self._attribute_index.values()))] = 0.0
        np.add.at(self._popularity, items, wanted)
        np.add.at(self._activity, users, wanted)
        self._length = end
        if not np.isnan(times).all():
            self._newest = max(self._newest, float(np.nanmax(times)))

    def _compact(self) -> None:
        live = np.flatnonzero(self._user[: self._length] >= 0)
        columns = self._user[live], self._item[live], self._weight[live], self._time[live]
        self._length = self._dead = 0
        self._last_of_user[:] = -1
        self._last_of_item[:] = -1
        self._popularity[:] = 0.0
        self._activity[:] = 0.0
        self._store(*columns)


def _check_row(row: Row, number: int) -> tuple[UserId, ItemId, float, float]:
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


def _grown(array: NDArray[Any], needed: int, fill: int) -> NDArray[Any]:
    """`array` with room for `needed`, doubling so that appends cost amortised constant time."""
    if needed <= len(array):
        return array
    grown = np.full(max(needed, 2 * len(array), 64), fill, dtype=array.dtype)
    grown[: len(array)] = array
    return grown


def _summed(
    rows: NDArray[np.int32], columns: NDArray[np.int32], weights: NDArray[np.float32], shape: tuple[int, int]
) -> scipy.sparse.csr_matrix:
    matrix = scipy.sparse.csr_matrix((weights.astype(np.float64), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix.astype(np.float32)
