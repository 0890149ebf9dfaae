"""Compiled kernels that fold in a run of histories at once, without the GIL; the vectors of one by one.

Histories are CSR: that of user n is items int32 and weights float32 [indptr[n]:indptr[n + 1]], oldest first, and
regularizations[n] float64 is its regularization. Other arguments as in `dual_kernels` and `equation_kernels`.
"""

from __future__ import annotations

import numpy as np

from recommender.als.dual_kernels import LEFT, SOLVED, fold_in_dual, weigh
from recommender.als.equation_kernels import fold_in
from recommender.kernel import kernel


@kernel(fast=True, makes_arrays=False)
def fold_in_many(
    spectrum, regularizations, rows, indptr, items, weights, fading, whitened, matrix, inverses, before, vectors, users,
    found,
):  # fmt: skip
    """Write users float32 (n, factors) by the dual of each history, and found int8 (n,): SILENT, SOLVED or LEFT.

    Returns how many are LEFT; without a spectrum (0 long) every history is. There is room for the longest.
    """
    left = 0
    for n in range(users.shape[0]):
        own = slice(indptr[n], indptr[n + 1])
        found[n] = fold_in_dual(
            spectrum, rows, fading, whitened, matrix, inverses, before, vectors, regularizations[n], items[own],
            weights[own], users[n],
        )  # fmt: skip
        left += found[n] == LEFT
    return left


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def mark_silent(users, counts):
    """Write counts int64 (n,): -1 for those of users float32 (n, factors) that are zeros, 0 for others; returns how
    many are -1.
    """
    silent = 0
    for n in range(users.shape[0]):
        f = 0
        while f < users.shape[1] and users[n, f] == np.float32(0.0):
            f += 1
        counts[n] = -1 if f == users.shape[1] else 0
        silent -= counts[n]
    return silent


@kernel(fast=True)
def fold_in_left(gram, regularizations, item_factors, indptr, items, weights, fading, users, found):
    """Write the vectors of the users that are LEFT by their equations; those that become SOLVED could be."""
    for n in range(users.shape[0]):
        if found[n] == LEFT:
            own = slice(indptr[n], indptr[n + 1])
            confidences = np.empty(indptr[n + 1] - indptr[n], dtype=np.float32)
            weigh(weights[own], fading, confidences)
            if fold_in(gram, regularizations[n], item_factors, items[own], confidences, users[n]):
                found[n] = SOLVED
