"""NumPy twins of the least-squares kernels: same names, arguments and results, written to be read."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from recommender.als.dual_kernels import LEFT, SILENT, SOLVED

Floats = NDArray[np.float64]
Factors = NDArray[np.float32]
Ids = NDArray[np.int32]


def normal_equations(
    gram: Floats, regularization: float, other_factors: Factors, indices: Ids, confidences: Factors, matrix: Floats,
    right: Floats,
) -> None:  # fmt: skip
    """Equation 4 of Hu, Koren, Volinsky (2008); the matrix is written whole."""
    rows, wide = other_factors[indices].astype(np.float64), confidences.astype(np.float64)
    matrix[:] = gram + regularization * np.eye(len(gram)) + (rows.T * (np.abs(wide) - 1.0)) @ rows
    right[:] = rows.T @ np.maximum(wide, 0.0)


def fold_in(
    gram: Floats, regularization: float, item_factors: Factors, items: Ids, confidences: Factors, user: Factors
) -> bool:
    """The user's vector by a dense solve."""
    matrix, right = np.empty_like(gram), np.empty(len(gram))
    normal_equations(gram, regularization, item_factors, items, confidences, matrix, right)
    user[:] = np.linalg.solve(matrix, right)
    return True


def factorize(
    gram: Floats, regularization: float, item_factors: Factors, items: Ids, confidences: Factors, upper: Floats
) -> bool:
    """The Cholesky factor of the equations."""
    normal_equations(gram, regularization, item_factors, items, confidences, upper, np.empty(len(gram)))
    upper[:] = scipy.linalg.cholesky(upper)
    return True


def contributions(
    upper: Floats, item_factors: Factors, items: Ids, confidences: Factors, targets: Factors, shares: Floats
) -> None:
    """What each history item adds to the score of each of `targets`."""
    weighted = scipy.linalg.cho_solve((upper, False), targets.astype(np.float64).T)
    shares[:] = (item_factors[items] @ weighted).T * np.maximum(confidences, 0.0)


def weigh(weights: Factors, fading: Floats, confidences: Factors) -> int:
    """Confidences, and how many are not 1 or -1."""
    confidences[:] = fading[len(fading) - len(weights) :] * weights
    return int((np.abs(confidences) != 1.0).sum())


def fold_in_dual(
    spectrum: Floats, rows: Factors, fading: Floats, whitened: Floats, matrix: Floats, inverses: Floats,
    before: Floats, vectors: Floats, regularization: float, items: Ids, weights: Factors, user: Factors,
) -> int:  # fmt: skip
    """The user's vector by a dense solve of the equations; no room is used."""
    confidences = np.empty_like(weights)
    user[:] = 0.0
    if not (weights > 0).any():
        return SILENT
    if weigh(weights, fading, confidences) > len(user) or not len(spectrum):
        return LEFT
    fold_in(np.diag(spectrum), regularization, rows, items, confidences, user)
    return SOLVED


def contributions_dual(
    scales: Floats, whitened: Floats, signs: Floats, inverses: Floats, upper: Floats, rows: Factors, items: Ids,
    confidences: Factors, targets: Factors, shares: Floats,
) -> None:  # fmt: skip
    """What each history item adds to the score of each target, from the inverse of I + B'SB; the factor is not used."""
    columns = whitened[:, : len(signs)]
    matrix = np.eye(len(scales)) + (columns * signs) @ columns.T
    weighted = scales[:, None] * np.linalg.solve(matrix, (scales * targets.astype(np.float64)).T)
    shares[:] = (rows[items] @ weighted).T * np.maximum(confidences, 0.0)
