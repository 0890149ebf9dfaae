"""What users were shown, and whether they took it: what the second stage learns from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId, UserId, check_id, check_number, check_whole

Exposure = Sequence[Any]
"""(user_id, item_id, taken[, timestamp[, position[, context]]]): taken is True or False, timestamp in seconds, position
counts from 1, context names the list that the entry stood in."""

OWN_EXAMPLES = 1_000
"""Examples of other lists beside which those of the model's own lists count half."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposures:
    """One row for each user and item: an item that was shown twice and taken once was taken.

    user_ids: the users by number. users int32, items int32 (dense, of a model), taken bool, times float64, positions
    int32 (of the entry that was taken, else of the first), contexts int32, all (pairs,), sorted by user, then time.
    The time of what was taken is that of the last time before at which it was shown and not yet taken, where there is
    one: of a list, the entry that is taken second has the history that its neighbours had when the list was shown.
    own_contexts: lists that the model itself puts in order; see `worths`.
    """

    user_ids: tuple[UserId, ...]
    users: NDArray[np.int32]
    items: NDArray[np.int32]
    taken: NDArray[np.bool_]
    times: NDArray[np.float64]
    positions: NDArray[np.int32]
    contexts: NDArray[np.int32]
    own_contexts: frozenset[int] = frozenset()

    @classmethod
    def from_rows(
        cls, rows: Iterable[Exposure], index_of: Mapping[ItemId, int], own_contexts: Collection[str] = ()
    ) -> Exposures:
        """Exposures of the items in `index_of`; those of others are left out. own_contexts: names of the lists that the
        model itself puts in order.

        Raises ValueError, naming the row, for one of another form.
        """
        numbers: dict[UserId, int] = {}
        contexts: dict[str, int] = {}
        columns: list[tuple[int, int, bool, float, int, int]] = []
        for number, row in enumerate(rows):
            user_id, item_id, taken, time, position, context = _checked(row, number)
            index = index_of.get(item_id)
            if index is not None:
                user = numbers.setdefault(user_id, len(numbers))
                columns.append((user, index, taken, time, position, contexts.setdefault(context, len(contexts))))
        table = list(zip(*columns, strict=True)) or [()] * 6
        return cls.from_arrays(
            tuple(numbers),
            np.array(table[0], dtype=np.int32),
            np.array(table[1], dtype=np.int32),
            np.array(table[2], dtype=np.bool_),
            np.array(table[3], dtype=np.float64),
            np.array(table[4], dtype=np.int32),
            np.array(table[5], dtype=np.int32),
            [number for name, number in contexts.items() if name in own_contexts],
        )

    @classmethod
    def from_arrays(
        cls,
        user_ids: tuple[UserId, ...],
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        taken: NDArray[np.bool_],
        times: NDArray[np.float64],
        positions: NDArray[np.int32],
        contexts: NDArray[np.int32],
        own_contexts: Collection[int] = (),
    ) -> Exposures:
        """The same of columns, a row an exposure: those of one user and item become one. `users` are indices into
        user_ids, own_contexts numbers as of contexts.

        Raises ValueError when the columns differ in length or a position is below 1.
        """
        columns = (users, items, taken, times, positions, contexts)
        if {len(column) for column in columns} != {len(users)}:
            raise ValueError(f"the columns of exposures must be of one length, got {[len(each) for each in columns]}")
        if len(positions) and int(positions.min()) < 1:
            raise ValueError(f"positions count from 1, got {int(positions.min())}")
        order = np.lexsort((taken, times, items, users))
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (users[order[1:]] != users[order[:-1]]) | (items[order[1:]] != items[order[:-1]])
        # Of each pair the first that was taken is kept, else the first; it has the time of what stands before it.
        places, pair = np.flatnonzero(first), np.cumsum(first) - 1
        took = np.flatnonzero(taken[order])
        pairs, at = np.unique(pair[took], return_index=True)
        places[pairs] = took[at]
        shown = np.where(first[places], places, places - 1)
        kept, times = order[places], times[order[shown]]
        sorted_ = np.lexsort((times, users[kept]))
        kept, times = kept[sorted_], times[sorted_]
        columns = users[kept], items[kept], taken[kept], times, positions[kept], contexts[kept]
        return cls(user_ids, *columns, frozenset(own_contexts))

    def __len__(self) -> int:
        return len(self.users)

    def indptr(self) -> NDArray[np.int64]:
        """Where each user's pairs begin, and the last's end: int64 (users + 1,)."""
        counts = np.bincount(self.users, minlength=len(self.user_ids))
        return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)

    def of_users(self, chosen: NDArray[np.bool_]) -> Exposures:
        """The exposures of those users for whom `chosen` bool (users,) holds; numbers of users stay."""
        return self._rows(np.flatnonzero(chosen[self.users]) if len(self) else np.empty(0, np.intp))

    def click_rate(self) -> float:
        """Share of the pairs that were taken; 0 when there is none."""
        return float(self.taken.mean()) if len(self) else 0.0

    def worths(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """What each of `rows` (n,) counts as an example for weights, float64 (n,).

        What a model's own lists hold was chosen by the features that are to be weighed, so that among it they tell less
        than they do elsewhere. Such an example counts the less the more others there are, OWN_EXAMPLES / (OWN_EXAMPLES
        + others), and in full where there is nothing else to learn from.
        """
        own = np.isin(self.contexts[rows], list(self.own_contexts))
        others = len(own) - int(own.sum())
        return np.where(own, OWN_EXAMPLES / (OWN_EXAMPLES + others), 1.0)

    def _rows(self, kept: NDArray[np.intp]) -> Exposures:
        return Exposures(
            self.user_ids,
            self.users[kept],
            self.items[kept],
            self.taken[kept],
            self.times[kept],
            self.positions[kept],
            self.contexts[kept],
            self.own_contexts,
        )


def _checked(row: Exposure, number: int) -> tuple[UserId, ItemId, bool, float, int, str]:
    if isinstance(row, str | bytes) or not isinstance(row, Sequence) or not 3 <= len(row) <= 6:
        raise ValueError(
            f"exposure {number} must be (user_id, item_id, taken[, timestamp[, position[, context]]]), got {row!r}"
        )
    user_id, item_id = check_id(row[0], f"the user id of exposure {number}"), check_id(row[1])
    taken = row[2]
    if not isinstance(taken, bool | np.bool_):
        raise ValueError(f"taken of exposure {number} must be True or False, got {taken!r}")
    time = 0.0 if len(row) < 4 else check_number(row[3], f"the timestamp of exposure {number}")
    position = 1 if len(row) < 5 else check_whole(row[4], f"the position of exposure {number}", 1)
    return user_id, item_id, bool(taken), float(time), position, "" if len(row) < 6 else str(row[5])
