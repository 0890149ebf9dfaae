"""Item factors in the coordinates in which their Gram matrix is diagonal, where short histories fold in cheaply."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND = 8192
"""Rows that are turned at a time, so that turning takes little room beside the result."""
LOWEST = 1e-9
"""Share of the largest eigenvalue that the smallest and the regularization must reach together. Below it the rounding
of eigenvectors is no longer small against them, and the equations are solved as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class WhitenedItems:
    """Item factors Y turned by the eigenvectors Q of Y'Y = Q diag(spectrum) Q'; see `dual_kernels`.

    spectrum float64 (factors,); basis float32 (factors, factors) = Q'; rows float32 (items, factors) = YQ. Dividing by
    sqrt(spectrum + regularization) whitens rows for any regularization, so that one copy serves histories of every
    length where that differs.
    """

    spectrum: NDArray[np.float64]
    basis: NDArray[np.float32]
    rows: NDArray[np.float32]

    @classmethod
    def of(
        cls, gram: NDArray[np.float64], item_factors: NDArray[np.float32], regularization: float
    ) -> WhitenedItems | None:
        """Turn item_factors float32 (items, factors), whose Gram matrix is `gram`; None where rounding forbids it."""
        found, vectors = np.linalg.eigh(gram)
        spectrum = np.maximum(found, 0.0)
        if not spectrum[0] + regularization > LOWEST * spectrum[-1]:
            return None
        rows = np.empty(item_factors.shape, dtype=np.float32)
        for start in range(0, len(rows), BAND):
            rows[start : start + BAND] = item_factors[start : start + BAND].astype(np.float64) @ vectors
        return cls(spectrum, np.ascontiguousarray(vectors.T, dtype=np.float32), rows)

    @classmethod
    def none(cls, factors: int) -> WhitenedItems:
        """In place of what rounding forbids: a spectrum of nothing."""
        basis, rows = np.empty((0, 0), dtype=np.float32), np.empty((0, factors), dtype=np.float32)
        return cls(np.empty(0), basis, rows)
