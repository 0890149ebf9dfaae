"""What tends to come next: item-to-item transitions and the trend of the day, as a model holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TREND_ITEMS = 200
"""Items of the largest (recent) popularity that the trend lifts; the others differ too little to matter."""

InOrder = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """Sparse weights of next items, one row an item, and one row for everybody.

    Row i of the CSR (indptr int64 (items + 1,), next_ids int32, next_weights float32, ascending in id within a
    row, no weight below zero) says what follows item i. trend_ids int32 and trend_weights float32 (n,) are what
    is taken most, as a vector of length one.
    """

    indptr: NDArray[np.int64]
    next_ids: NDArray[np.int32]
    next_weights: NDArray[np.float32]
    trend_ids: NDArray[np.int32]
    trend_weights: NDArray[np.float32]

    def __init__(
        self,
        indptr: NDArray[np.int64],
        next_ids: NDArray[np.int32],
        next_weights: NDArray[np.float32],
        trend_ids: NDArray[np.int32] | None = None,
        trend_weights: NDArray[np.float32] | None = None,
    ) -> None:
        given = (
            indptr,
            next_ids,
            next_weights,
            np.empty(0) if trend_ids is None else trend_ids,
            np.empty(0) if trend_weights is None else trend_weights,
        )
        for (name, dtype), array in zip(ARRAYS.items(), given, strict=True):
            array = np.ascontiguousarray(array, dtype=dtype)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @classmethod
    def empty(cls, items: int, **trend: Any) -> Transitions:
        """No transitions between `items` items."""
        return cls(np.zeros(items + 1, dtype=np.int64), np.empty(0), np.empty(0), **trend)  # type: ignore[arg-type]

    @staticmethod
    def trend_of(popularity: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """The arguments `trend_ids` and `trend_weights` for a popularity float32 (items,)."""
        top = np.argsort(-popularity, kind="stable")[:TREND_ITEMS]
        top = top[popularity[top] > 0]
        weights = popularity[top].astype(np.float64)
        return {"trend_ids": top, "trend_weights": weights / max(float(np.linalg.norm(weights)), 1e-30)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name, for an artifact."""
        return {name: getattr(self, name) for name in ARRAYS}

    @property
    def in_order(self) -> InOrder:
        """The arrays as kernels take them."""
        return self.indptr, self.next_ids, self.next_weights, self.trend_ids, self.trend_weights

    def check(self, items: int) -> None:
        """Raise ValueError unless these are transitions between `items` items; kernels trust them blindly."""
        lengths = np.diff(self.indptr)
        if len(self.indptr) != items + 1 or self.indptr[0] != 0 or (lengths < 0).any():
            raise ValueError(f"transitions of {items} items need {items + 1} ascending bounds, from 0 on")
        for ids, weights in ((self.next_ids, self.next_weights), (self.trend_ids, self.trend_weights)):
            if ids.shape != weights.shape or ids.ndim != 1 or ((ids < 0) | (ids >= items)).any():
                raise ValueError(f"transitions must lead to items 0 to {items - 1}, each with a weight")
            if not ((weights >= 0) & np.isfinite(weights)).all():
                raise ValueError("the weights of transitions must be finite numbers of at least zero")
        if self.indptr[-1] != len(self.next_ids) or len(np.unique(self.trend_ids)) != len(self.trend_ids):
            raise ValueError("transitions must have as many entries as their bounds say, and a trend without repeats")
        inner = np.ones(len(self.next_ids), dtype=np.bool_)
        inner[self.indptr[:-1][lengths > 0]] = False
        if (np.diff(self.next_ids, prepend=0)[inner] <= 0).any():
            raise ValueError("the next items of each item must be in ascending order, each once")

    def weight(self, source: int, target: int) -> float:
        """The weight of source -> target, 0 when there is none."""
        row = slice(int(self.indptr[source]), int(self.indptr[source + 1]))
        place = int(np.searchsorted(self.next_ids[row], target))
        found = place < row.stop - row.start and self.next_ids[row][place] == target
        return float(self.next_weights[row][place]) if found else 0.0

    def trend(self, target: int) -> float:
        """How much of the trend an item has, 0 when it is not part of it."""
        return float(self.trend_weights[self.trend_ids == target].sum())


ARRAYS: dict[str, type] = {
    "indptr": np.int64,
    "next_ids": np.int32,
    "next_weights": np.float32,
    "trend_ids": np.int32,
    "trend_weights": np.float32,
}
