"""One row of sums a visitor, in arrays that grow, so that a hundred thousand of them are summed up in milliseconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.measure.experiment.ratio import COLUMNS, Moments

_FIRST_CAPACITY = 1024
_NOBODY = -1
"""Group of a row whose visitor was merged with another."""


class VisitorTable:
    """Rows in the order of arrival.

    sums: (capacity, columns) float64: whole numbers, and values such as prices. exposed_at: Unix seconds of the
    first exposure, inf before it. slates: slates served. counted: neither excluded nor in an arm of their own
    choice. chose: whether the arm was chosen. rule: number of the assignment rule, from 0, by which the visitor was
    put into an arm.
    """

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        """columns: as in `ratio.COLUMNS`, and what metrics take beside these; ``mature:N`` is filled in by `totals`."""
        self.columns = columns
        self._index: dict[str, int] = {}
        self._rows = 0
        self._codes: dict[tuple[str, str], int] = {}
        self.sums: NDArray[np.float64] = np.zeros((_FIRST_CAPACITY, len(columns)))
        self.exposed_at: NDArray[np.float64] = np.full(_FIRST_CAPACITY, np.inf)
        self.slates: NDArray[np.int64] = np.zeros(_FIRST_CAPACITY, dtype=np.int64)
        self.counted: NDArray[np.bool_] = np.zeros(_FIRST_CAPACITY, dtype=np.bool_)
        self.chose: NDArray[np.bool_] = np.zeros(_FIRST_CAPACITY, dtype=np.bool_)
        self.rule: NDArray[np.int16] = np.zeros(_FIRST_CAPACITY, dtype=np.int16)
        self._served: NDArray[np.int16] = np.zeros(_FIRST_CAPACITY, dtype=np.int16)
        self._hashed: NDArray[np.int16] = np.zeros(_FIRST_CAPACITY, dtype=np.int16)
        self._groups: list[tuple[str, str]] = []
        before = [place for place, column in enumerate(columns) if "_before" in column and "clicks" not in column]
        self._before = np.array(before, dtype=np.intp)

    def __len__(self) -> int:
        return len(self._index)

    def find(self, visitor_id: str) -> int | None:
        """The row of a visitor, or None."""
        return self._index.get(visitor_id)

    def add(
        self, visitor_id: str, origin: str, arm: str, hashed_arm: str, *, counted: bool, chose: bool, rule: int = 0
    ) -> int:
        """Give a new visitor a row. arm: as stored; hashed_arm: as the hash assigns."""
        index, self._rows = self._rows, self._rows + 1
        if index == len(self.sums):
            self._grow()
        self._index[visitor_id] = index
        self.sums[index, 0] = 1
        self.place(index, origin, arm, hashed_arm, counted=counted, chose=chose, rule=rule)
        return index

    def clear(self, index: int) -> None:
        """Set a row to that of somebody of whom nothing is known yet; it stays in its group."""
        self.sums[index] = 0
        self.sums[index, 0] = 1
        self.exposed_at[index] = np.inf
        self.slates[index] = 0

    def remove(self, visitor_id: str) -> None:
        """Take a visitor out of the table and out of their group."""
        index = self._index.pop(visitor_id)
        self.clear(index)
        self.counted[index] = self.chose[index] = False
        self._served[index] = self._hashed[index] = _NOBODY

    def place(
        self, index: int, origin: str, arm: str, hashed_arm: str, *, counted: bool, chose: bool, rule: int = 0
    ) -> None:
        """Put a row into its group, or into another: a customer whose past was imported is assigned when they come."""
        self.counted[index] = counted
        self.chose[index] = chose
        self.rule[index] = rule
        self._served[index] = self._code(origin, arm)
        self._hashed[index] = self._code(origin, hashed_arm)

    def group(self, index: int) -> tuple[str, str]:
        """Origin and arm of a row."""
        group: tuple[str, str] = self._groups[self._served[index]]
        return group

    def groups(self) -> list[tuple[str, str]]:
        """Every origin and arm that occurs, sorted."""
        codes = np.concatenate([self._served[: self._rows], self._hashed[: self._rows]])
        return sorted(self._groups[code] for code in np.unique(codes) if code != _NOBODY)

    def totals(self, group: tuple[str, str], rule: int, newest: float = np.inf) -> tuple[Moments, int, int, int, int]:
        """Moments, slates, exposed, chose and seen_before of one origin and arm, of visitors whom one rule assigned;
        see `ledger.ArmTotals`. newest: Unix seconds up to which visits are known, for ``return within N days``.
        """
        count, code = self._rows, self._codes[group]
        exposed = np.isfinite(self.exposed_at[:count]) & (self.rule[:count] == rule)
        members = exposed & self.counted[:count] & (self._served[:count] == code)
        chose = int((exposed & self.chose[:count] & (self._hashed[:count] == code)).sum())
        sums = self.sums[:count][members]
        seen_before = int((sums[:, self._before] > 0).any(axis=1).sum())
        for place, column in enumerate(self.columns):
            if column.startswith("mature:"):
                days = column.removeprefix("mature:")
                mature = self.exposed_at[:count][members] <= newest - 86_400.0 * int(days)
                sums[:, place] = mature
                sums[:, self.columns.index(f"returned:{days}")] *= mature
        return (
            Moments.of(sums, self.columns),
            int(self.slates[:count][members].sum()),
            len(sums) + chose,
            chose,
            seen_before,
        )

    def _code(self, origin: str, arm: str) -> int:
        code = self._codes.setdefault((origin, arm), len(self._groups))
        if code == len(self._groups):
            self._groups.append((origin, arm))
        return code

    def _grow(self) -> None:
        self.sums = np.concatenate([self.sums, np.zeros_like(self.sums)])
        self.exposed_at = np.concatenate([self.exposed_at, np.full(len(self.exposed_at), np.inf)])
        for name in ("slates", "counted", "chose", "rule", "_served", "_hashed"):
            values = getattr(self, name)
            setattr(self, name, np.concatenate([values, np.zeros_like(values)]))
