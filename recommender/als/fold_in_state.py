"""One visitor's fold-in, kept between clicks, so that one more item costs the same however long the history is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.als.dual_kernels import LEFT
from recommender.als.fold_in import Folding
from recommender.als.fold_in_kernels import append_item
from recommender.interactions.checks import ItemId
from recommender.interactions.history import History, resolve_history


class FoldInState:
    """The fold-in of a history that grows at its newest end; made by `FactorModel.fold_in_state`.

    `user` is at any time what `model.fold_in` gives for the same history, up to rounding. Belongs to one model and one
    thread. A history of up to as many items as factors is folded in anew with each item, by its dual, which is cheaper
    than equations that are kept; a longer one keeps two float64 matrices (factors, factors), 64 KB at 64 factors.
    """

    __slots__ = (
        "_config", "_fading", "_fading_right", "_folding", "_index_of", "_plain", "_plain_right", "_weights", "user",
    )  # fmt: skip

    user: NDArray[np.float32]

    def __init__(self, folding: Folding, index_of: Mapping[ItemId, int], history: History) -> None:
        """folding of the items that index_of numbers."""
        self._folding, self._index_of = folding, index_of
        self._config = config = folding.config
        self._plain: NDArray[np.float64] | None = None
        if config.regularization_exponent:
            raise ValueError(
                "a state cannot follow a regularization that changes with every item; use FactorModel.fold_in, or "
                f"train with regularization_exponent 0 (now {config.regularization_exponent})"
            )
        items, weights = resolve_history(history, index_of)
        self._weights = dict(zip(items.tolist(), weights.tolist(), strict=True))
        self.user = _kept(np.zeros(config.factors, dtype=np.float32))
        if len(items):
            self._solve()

    @property
    def seen(self) -> NDArray[np.int32]:
        """Dense indices of the items of the history, ascending, as `FactorModel.rank` takes them."""
        return np.array(sorted(self._weights), dtype=np.int32)

    def append(self, item_id: ItemId, weight: float = 1.0) -> NDArray[np.float32]:
        """Make an item the newest of the history and return the user's new vector float32 (factors,).

        Weights of an item that is there already add up and it becomes the newest, as in `resolve_history`: then the
        equations are built anew, since only what was newer than it fades. An unknown id changes nothing. Raises
        ValueError for an id or weight of the wrong kind.
        """
        items, weights = resolve_history({item_id: weight}, self._index_of)
        if not len(items):
            return self.user
        item, value = int(items[0]), float(weights[0])
        before = self._weights.pop(item, None)
        self._weights[item] = value if before is None else before + value
        if before is None and self._plain is not None:
            self._add(item, value)
        else:
            self._solve()
        return self.user

    def _solve(self) -> None:
        """Fold the whole history in: by its dual, or from equations that are kept for the next item."""
        weights = np.array(list(self._weights.values()), dtype=np.float32)
        if len(weights) <= self._config.factors and self._plain is None:
            user = np.empty(self._config.factors, dtype=np.float32)
            items = np.array(list(self._weights), dtype=np.int32)
            if self._folding.solve_dual(items, weights, user) != LEFT:
                self.user = _kept(user)
                return
        self._build()

    def _build(self) -> None:
        """Equations of the whole history, made by adding the newest item to those of all others."""
        factors = self._config.factors
        self._fading = np.zeros((factors, factors))
        self._plain_right, self._fading_right = np.zeros(factors), np.zeros(factors)
        items = np.array(list(self._weights), dtype=np.int32)
        weights = self._config.alpha * np.array(list(self._weights.values()))
        rows = self._folding.item_factors[items[:-1]].astype(np.float64)
        older = weights[:-1]
        boosts = self._config.recency_boost * self._config.recency_decay ** np.arange(len(older) - 1, -1, -1)
        plain = self._folding.gram + self._config.regularization * np.eye(factors)
        self._plain = plain + rows.T @ (rows * (np.abs(older) - 1.0)[:, None])
        self._fading += rows.T @ (rows * (np.abs(older) * boosts)[:, None])
        wanted = np.maximum(older, 0.0)
        self._plain_right += wanted @ rows
        self._fading_right += (wanted * boosts) @ rows
        self._add(int(items[-1]), float(weights[-1] / self._config.alpha))

    def _add(self, item: int, weight: float) -> None:
        config = self._config
        scaled = config.alpha * weight
        user = np.zeros(config.factors, dtype=np.float32)
        solved = append_item(
            self._plain,
            self._fading,
            self._plain_right,
            self._fading_right,
            self._folding.item_factors[item],
            scaled,
            abs(scaled) - 1.0,
            config.recency_boost,
            config.recency_decay,
            user,
        )
        self._folding.check_solved(solved or not any(value > 0 for value in self._weights.values()))
        self.user = _kept(user)


def _kept(user: NDArray[np.float32]) -> NDArray[np.float32]:
    """A vector that callers may hold and nobody changes."""
    user.setflags(write=False)
    return user
