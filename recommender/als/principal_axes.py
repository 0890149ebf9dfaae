"""The coordinates that models live in: axes along which the Gram matrix of the item factors is diagonal.

Scores do not change when items and users are turned alike, and equation 4 (`equation_kernels`) neither. Along these
axes whitening is a scale for each coordinate, whatever the regularization, so that short histories fold in cheaply; see
`dual_kernels`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BAND = 8192
"""Rows that are turned at a time, so that turning takes little room beside the result."""
LOWEST = 1e-9
"""Share of the largest eigenvalue that the smallest and the regularization must reach together. Below it the rounding
of eigenvectors is no longer small against them, and the equations are solved as they are."""
LARGEST_COSINE = 1e-6
"""What two coordinates may have in common: some times what rounding turned rows to float32 leaves, at most 1.2e-7."""


def gram_of(factors: NDArray[np.float32]) -> NDArray[np.float64]:
    """The Gram matrix Y'Y float64 (factors, factors) of Y float32 (n, factors)."""
    wide = factors.astype(np.float64)
    return wide.T @ wide


def spectrum_of(gram: NDArray[np.float64], regularization: float) -> NDArray[np.float64] | None:
    """The diagonal float64 (factors,) of a Gram matrix that is diagonal, None for any other, or where rounding forbids
    to whiten by it.
    """
    spectrum: NDArray[np.float64] = np.diagonal(gram).copy()
    ridged = spectrum + regularization
    if not ridged.min() > LOWEST * spectrum.max():
        return None
    common = np.abs(gram - np.diag(spectrum)) / np.sqrt(np.outer(ridged, ridged))
    return spectrum if common.max() <= LARGEST_COSINE else None


def axes_to_turn_to(gram: NDArray[np.float64], regularization: float) -> NDArray[np.float64] | None:
    """The eigenvectors float64 (factors, factors) of a Gram matrix, in columns. None where nothing is to be turned: the
    matrix is diagonal already, or rounding forbids to whiten by its eigenvalues.
    """
    if spectrum_of(gram, regularization) is not None:
        return None
    spectrum, axes = np.linalg.eigh(gram)
    return axes if max(spectrum[0], 0.0) + regularization > LOWEST * spectrum[-1] else None


def turn(factors: NDArray[np.float32], axes: NDArray[np.float64] | None) -> NDArray[np.float32]:
    """A copy of factors float32 (n, factors) in the coordinates of these axes."""
    if axes is None:
        return factors.copy()
    turned = np.empty(factors.shape, dtype=np.float32)
    for start in range(0, len(turned), BAND):
        turned[start : start + BAND] = factors[start : start + BAND].astype(np.float64) @ axes
    return turned
