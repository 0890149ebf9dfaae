"""The log of interactions: what users took, by id and by dense number. It grows, and it forgets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, UserId
from recommender.interactions.columns import Columns, columns_of_frame, columns_of_matrix, columns_of_rows
from recommender.interactions.log_reader import LogReader
from recommender.interactions.numbering import Numbering
from recommender.interactions.row_table import RowTable, distinct
from recommender.interactions.rows import Appended, Descriptions, Row, check_description, check_horizon, latest_time


class Interactions(LogReader):
    """A log of (user, item, weight, timestamp) rows that grows by amortised appends and can forget.

    Users and items are str or int ids, numbered densely by first appearance; that order of items is the *catalog
    order*. What a user took is in order of the timestamps, rows of one time in the order in which they were appended; a
    row without a timestamp follows the user's row before it. Several rows of one pair add up. A negative weight says
    "not wanted". `discard` takes rows out again: a user without rows is forgotten with the id and the number is given
    to the next new user, while items stay in the catalog.
    """

    def __init__(self, horizon: float | None = None, ordered: bool | None = None) -> None:
        """`horizon`: the latest timestamp that is believed, in seconds; None is a day after the time of the append. One
        wrong time far ahead would make all others old, for everything that fades by age. math.inf believes all.

        `ordered`: whether what a user took has an order that means something. None: it has where rows have timestamps.
        """
        self._horizon = check_horizon(horizon)
        if ordered is not None and not isinstance(ordered, bool | np.bool_):
            raise ValueError(f"ordered must be True, False or None (by the timestamps), got {ordered!r}")
        self._ordered = ordered if ordered is None else bool(ordered)
        self._slots_before_append = 0
        self._ids = Numbering()
        self._table = RowTable()
        self._described_rows = 0

    def __repr__(self) -> str:
        order = "ordered" if self.ordered else "unordered"
        return f"Interactions({self.rows} rows, {self.users} users, {self.items} items, {order})"

    @classmethod
    def from_rows(
        cls, rows: Iterable[Row], horizon: float | None = None, *, ordered: bool | None = None
    ) -> Interactions:
        """A log of `rows`; see `append` for their form and what is refused, and the class for what else is asked.

        Rows with timestamps come in any order. Rows without have none, unless `ordered` says that the later ones of a
        user are newer.
        """
        log = cls(horizon, ordered)
        log.append(rows)
        return log

    @classmethod
    def from_matrix(
        cls, matrix: Any, user_ids: Sequence[UserId] | None = None, item_ids: Sequence[ItemId] | None = None
    ) -> Interactions:
        """A log of a SciPy sparse matrix (users, items) of weights, which has no order.

        Ids left out are the numbers of rows and columns. Every column is an item, in the order of the columns; a row
        without entries is nobody. Raises ValueError for another kind of matrix, ids that do not fit, and bad weights.
        """
        log = cls()
        log._store(columns_of_matrix(matrix, user_ids, item_ids))
        return log

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        user: str = "user_id",
        item: str = "item_id",
        weight: str | None = None,
        timestamp: str | None = None,
        *,
        horizon: float | None = None,
        ordered: bool | None = None,
    ) -> Interactions:
        """A log of a frame (pandas, polars, an Arrow table, or a mapping of names to arrays), by the names of its
        columns; weights are 1 and times none where no column is named.

        Times are numbers of seconds or dates, UTC where they name no zone. Raises ValueError for what `append` refuses
        and for a column that is not there.
        """
        log = cls(horizon, ordered)
        log._store(columns_of_frame(frame, user, item, weight, timestamp, log.horizon))
        return log

    def append(self, rows: Iterable[Row]) -> Appended:
        """Add rows of (user_id, item_id[, weight[, timestamp]]); new ids are welcome.

        Raises ValueError, naming the row, for a row of another length, an id that is neither str nor int, a weight
        larger in size than LARGEST_WEIGHT or no number, and a timestamp that is no finite number or after the horizon;
        then nothing is added.
        """
        return self._store(columns_of_rows(rows, self.horizon))

    def _store(self, columns: Columns) -> Appended:
        ids = self._ids
        known_users, known_items = len(ids.user_of), len(ids.items)
        self._slots_before_append = len(ids.users)
        users = np.fromiter(map(ids.user, columns.user_ids), np.int32, len(columns.user_ids))[columns.users]
        items = np.fromiter(map(ids.item, columns.item_ids), np.int32, len(columns.item_ids))[columns.items]
        try:
            self._table.store(users, items, columns.weights, columns.times)
        except MemoryError:
            ids.forget_newest(len(ids.user_of) - known_users, len(ids.items) - known_items, self._slots_before_append)
            raise
        return Appended(
            rows=len(users),
            touched_users=distinct(users),
            touched_items=distinct(items),
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
        return latest_time(self._horizon)

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

    def part(self, rows: NDArray[Any]) -> Interactions:
        """A log of some rows of this one, by their numbers as in `sequences`, with the same numbers of users and items
        and the same descriptions of items, whatever rows those have. For judging on a log's own past.
        """
        table, twin = self._table, Interactions(self._horizon, self._ordered)
        kept = np.zeros(table.length, dtype=np.bool_)
        kept[rows] = True
        live = table.live()
        described = self._described(table.user[live])
        live, described = live[kept[live] | described], described[kept[live] | described]
        twin._ids, twin._described_rows = self._ids.copy(), self._described_rows
        twin._table.store(table.user[live], table.item[live], table.weight[live], table.time[live], ~described)
        twin._table.make_room(self.user_slots, self.items)
        return twin

    def copy(self) -> Interactions:
        """A log with the same rows and numbers that grows and forgets on its own."""
        twin = Interactions(self._horizon, self._ordered)
        twin._slots_before_append = self._slots_before_append
        twin._ids, twin._table = self._ids.copy(), self._table.copy()
        twin._described_rows = self._described_rows
        return twin


def check_log(log: Any) -> Interactions:
    """Return a log; ValueError, with the way to one, for anything else, such as the frame or the rows themselves."""
    if not isinstance(log, Interactions):
        raise ValueError(
            f"log must be Interactions, got {type(log).__name__}; make one of it: Interactions.from_frame(frame, "
            "user=…, item=…), Interactions.from_rows(rows) or Interactions.from_matrix(matrix)"
        )
    return log
