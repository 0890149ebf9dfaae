"""The equations of one history, factorized once for the scores of many items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.als.dual_kernels import contributions_dual, factorize_dual
from recommender.als.equation_kernels import contributions, factorize
from recommender.als.signed_kernels import padded, whole_lines
from recommender.als.tiles import ROWS
from recommender.interactions.gather_kernels import gather


@dataclass(frozen=True, slots=True, eq=False)
class FactorizedHistory:
    """Items int32 (h,) and confidences float32 (h,) of a history with the factor of its equations, or of their dual."""

    items: NDArray[np.int32]
    confidences: NDArray[np.float32]
    _factor: tuple[Any, ...]
    _rows: NDArray[np.float32]
    _dual: bool

    @classmethod
    def of(
        cls,
        gram: NDArray[np.float64],
        item_factors: NDArray[np.float32],
        spectrum: NDArray[np.float64] | None,
        regularization: float,
        items: NDArray[np.int32],
        confidences: NDArray[np.float32],
    ) -> FactorizedHistory | None:
        """Factorize; None when the equations are singular. The dual serves up to as many unknowns as factors, where the
        Gram matrix is diagonal and `spectrum` its diagonal.
        """
        factors = len(gram)
        count = int(np.count_nonzero(np.abs(confidences) != 1.0))
        if spectrum is not None and count <= factors:
            size = padded(count)
            width = whole_lines(size + 1)
            factor: tuple[Any, ...] = np.empty(factors), np.empty((factors, width)), np.empty(size)
            factor += np.empty((size, ROWS)), np.empty((size, width))
            if factorize_dual(spectrum, regularization, item_factors, items, confidences, *factor):
                return cls(items, confidences, factor, item_factors, True)
        upper = np.empty((factors, factors))
        if factorize(gram, regularization, item_factors, items, confidences, upper):
            return cls(items, confidences, (upper,), item_factors, False)
        return None

    def shares(self, targets: NDArray[np.int32]) -> NDArray[np.float64]:
        """What each item adds to the scores of the items at the indices `targets` int32 (n,), float64 (n, h); each row
        adds up to the score.
        """
        shares = np.empty((len(targets), len(self.items)))
        add: Callable[..., None] = contributions_dual if self._dual else contributions
        rows = np.empty((len(targets), self._rows.shape[1]), np.float32)
        gather(self._rows, targets, rows)
        add(*self._factor, self._rows, self.items, self.confidences, rows, shares)
        return shares
