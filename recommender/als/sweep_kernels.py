"""Compiled sweeps whose regularization differs from row to row, by conjugate gradients as implicit does it.

Takács, Pilászy, Tikk, "Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering"
(2011), for equation 4 of Hu, Koren, Volinsky, see `equation_kernels`.

No loop both writes an array and adds up a sum. A compiler that reorders sums takes such a loop eight numbers at a time
only where the arrays lie far enough apart, so that the sum would depend on where a thread's memory happens to lie.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel


@kernel(fast=True)
def add_product(gram, regularization, other_factors, indices, confidences, vector, out):
    """out -= (Y'Y + reg*I + sum_j (|c_j| - 1) y_j y_j') vector; gram and all vectors float32 (factors, ...)."""
    factors = vector.shape[0]
    for f in range(factors):
        out[f] -= regularization * vector[f]
    for f in range(factors):
        scale, line = vector[f], gram[f]
        for g in range(factors):
            out[g] -= scale * line[g]
    for j in range(indices.shape[0]):
        row = other_factors[indices[j]]
        total = np.float32(0.0)
        for f in range(factors):
            total += row[f] * vector[f]
        total *= abs(confidences[j]) - np.float32(1.0)
        for f in range(factors):
            out[f] -= total * row[f]


@kernel(fast=True)
def sweep_rows(start, stop, gram, regularizations, other_factors, indptr, indices, confidences, factors, steps):
    """Improve rows start..stop of `factors` float32 (n, width) by `steps` steps of conjugate gradients each.

    regularizations float32 (n,), one a row; gram float32 that of other_factors float32 (m, width); row r's pairs are
    indices int32 and confidences float32 [indptr[r]:indptr[r + 1]]. A row without pairs becomes zero.
    """
    width = factors.shape[1]
    residual, direction = np.empty(width, dtype=np.float32), np.empty(width, dtype=np.float32)
    product = np.empty(width, dtype=np.float32)
    for r in range(start, stop):
        x = factors[r]
        pairs, known = indices[indptr[r] : indptr[r + 1]], confidences[indptr[r] : indptr[r + 1]]
        if pairs.shape[0] == 0:
            x[:] = np.float32(0.0)
            continue
        residual[:] = np.float32(0.0)
        for j in range(pairs.shape[0]):
            if known[j] > np.float32(0.0):
                row = other_factors[pairs[j]]
                for f in range(width):
                    residual[f] += known[j] * row[f]
        add_product(gram, regularizations[r], other_factors, pairs, known, x, residual)
        square = np.float32(0.0)
        for f in range(width):
            direction[f] = residual[f]
        for f in range(width):
            square += residual[f] * residual[f]
        for _ in range(steps):
            if square < np.float32(1e-20):
                break
            product[:] = np.float32(0.0)
            add_product(gram, regularizations[r], other_factors, pairs, known, direction, product)
            curve = np.float32(0.0)
            for f in range(width):
                curve -= direction[f] * product[f]
            if curve == np.float32(0.0):
                break
            length = square / curve
            after = np.float32(0.0)
            for f in range(width):
                x[f] += length * direction[f]
                residual[f] += length * product[f]
            for f in range(width):
                after += residual[f] * residual[f]
            for f in range(width):
                direction[f] = residual[f] + after / square * direction[f]
            square = after
