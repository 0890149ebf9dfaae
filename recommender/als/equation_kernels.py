"""Compiled kernels of the least-squares side: folding in a history, explaining a score, refreshing rows of factors.

Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (2008), equation 4, as implicit reads it:

    x = (Y'Y + reg*I + sum_j (|c_j| - 1) y_j y_j')^-1  sum_{j: c_j > 0} c_j y_j

with one confidence c_j an observed pair; a negative confidence says "not wanted" and pulls the score towards zero.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel


@kernel(fast=True)
def add_four_products(matrix, rows, scales, start):
    """matrix += sum_p scales[p] * rows[p] rows[p]' on the upper triangle from row and column `start` on.

    rows (4, factors), scales (4,), matrix (factors, factors), float64. Four rows of the matrix a pass, so that what is
    loaded is used four times; a few places below the diagonal, which nobody reads, are written as well.
    """
    factors = rows.shape[1]
    r0, r1, r2, r3 = rows[0], rows[1], rows[2], rows[3]
    whole = start + (factors - start) // 4 * 4
    for f in range(start, whole, 4):
        a0, a1, a2, a3 = scales[0] * r0[f], scales[1] * r1[f], scales[2] * r2[f], scales[3] * r3[f]
        b0, b1, b2, b3 = scales[0] * r0[f + 1], scales[1] * r1[f + 1], scales[2] * r2[f + 1], scales[3] * r3[f + 1]
        c0, c1, c2, c3 = scales[0] * r0[f + 2], scales[1] * r1[f + 2], scales[2] * r2[f + 2], scales[3] * r3[f + 2]
        d0, d1, d2, d3 = scales[0] * r0[f + 3], scales[1] * r1[f + 3], scales[2] * r2[f + 3], scales[3] * r3[f + 3]
        line_a, line_b, line_c, line_d = matrix[f], matrix[f + 1], matrix[f + 2], matrix[f + 3]
        for g in range(f, factors):
            x0, x1, x2, x3 = r0[g], r1[g], r2[g], r3[g]
            line_a[g] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            line_b[g] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
            line_c[g] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3
            line_d[g] += d0 * x0 + d1 * x1 + d2 * x2 + d3 * x3
    for f in range(whole, factors):
        s0, s1, s2, s3 = scales[0] * r0[f], scales[1] * r1[f], scales[2] * r2[f], scales[3] * r3[f]
        for g in range(f, factors):
            matrix[f, g] += s0 * r0[g] + s1 * r1[g] + s2 * r2[g] + s3 * r3[g]


@kernel(fast=True)
def normal_equations(gram, regularization, other_factors, indices, confidences, matrix, right):
    """Write the upper triangle of the matrix and the right-hand side of equation 4.

    gram float64 (factors, factors) = Y'Y; other_factors float32 (n, factors); indices int32 and confidences float32
    (m,); matrix float64 (factors, factors); right float64 (factors,). Pairs whose confidence is 1 or -1 leave the
    matrix alone; the others are gathered four at a time, so that each pass over the triangle adds four outer products.
    """
    factors = right.shape[0]
    for f in range(factors):
        right[f] = 0.0
        for g in range(f // 4 * 4, factors):  # and the few places that `add_four_products` adds to unread
            matrix[f, g] = gram[f, g]
        matrix[f, f] += regularization
    rows = np.zeros((4, factors), dtype=np.float64)
    extras = np.zeros(4, dtype=np.float64)
    gathered = 0
    for j in range(indices.shape[0]):
        row = other_factors[indices[j]]
        confidence = np.float64(confidences[j])
        if confidence > 0.0:
            for f in range(factors):
                right[f] += confidence * row[f]
        extra = abs(confidence) - 1.0
        if extra != 0.0:
            extras[gathered] = extra
            for f in range(factors):
                rows[gathered, f] = row[f]
            gathered += 1
            if gathered == 4:
                add_four_products(matrix, rows, extras, 0)
                gathered = 0
    if gathered > 0:
        for unused in range(gathered, 4):
            extras[unused] = 0.0
        add_four_products(matrix, rows, extras, 0)


@kernel(fast=True)
def cholesky(matrix):
    """Replace the upper triangle of a positive definite float64 matrix by U with U'U = matrix.

    Right-looking, four pivots a pass over what is left. Returns False when the matrix is not positive definite.
    """
    factors = matrix.shape[0]
    minus = np.full(4, -1.0)
    for start in range(0, factors, 4):
        stop = min(start + 4, factors)
        for p in range(start, stop):
            line = matrix[p]
            for q in range(start, p):
                above, scale = matrix[q], matrix[q, p]
                for g in range(p, factors):
                    line[g] -= scale * above[g]
            pivot = line[p]
            if not pivot > 0.0:
                return False
            inverse = 1.0 / np.sqrt(pivot)
            for g in range(p, factors):
                line[g] *= inverse
        if stop - start == 4:
            add_four_products(matrix, matrix[start:stop], minus, stop)
    return True


@kernel(fast=True)
def cholesky_solve(upper, right):
    """Replace `right` float64 (factors,) by the solution of U'U x = right."""
    factors = right.shape[0]
    for p in range(factors):
        right[p] /= upper[p, p]
        for g in range(p + 1, factors):
            right[g] -= upper[p, g] * right[p]
    for p in range(factors - 1, -1, -1):
        total = right[p]
        for g in range(p + 1, factors):
            total -= upper[p, g] * right[g]
        right[p] = total / upper[p, p]


@kernel(fast=True, hold_gil=True)
def fold_in(gram, regularization, item_factors, items, confidences, user):
    """Write the vector of a user with these items into `user` float32 (factors,); False when the system cannot be
    solved.

    Arguments as in `normal_equations`. A history without a positive confidence gives zeros.
    """
    factors = user.shape[0]
    matrix = np.empty((factors, factors), dtype=np.float64)
    right = np.empty(factors, dtype=np.float64)
    normal_equations(gram, regularization, item_factors, items, confidences, matrix, right)
    if not cholesky(matrix):
        return False
    cholesky_solve(matrix, right)
    for f in range(factors):
        user[f] = np.float32(right[f])
    return True


@kernel(fast=True, hold_gil=True)
def factorize(gram, regularization, item_factors, items, confidences, upper):
    """Write the Cholesky factor of the matrix of equation 4 into `upper` float64 (factors, factors); False when there
    is none. Arguments as in `normal_equations`.
    """
    right = np.empty(upper.shape[0], dtype=np.float64)
    normal_equations(gram, regularization, item_factors, items, confidences, upper, right)
    return cholesky(upper)


@kernel(fast=True, hold_gil=True)
def contributions(upper, item_factors, items, confidences, targets, shares):
    """Write what each history item adds to the score of each of targets float32 (n, factors): s_tj = y_t' W y_j c_j.

    W is the inverse of the matrix of equation 4 (section 5 of the paper), whose factor `upper` is; shares float64
    (n, m), zero where c_j <= 0.
    """
    factors = targets.shape[1]
    weighted = np.empty(factors, dtype=np.float64)
    for t in range(targets.shape[0]):
        for f in range(factors):
            weighted[f] = targets[t, f]
        cholesky_solve(upper, weighted)
        for j in range(items.shape[0]):
            shares[t, j] = 0.0
            if confidences[j] > 0.0:
                total = 0.0
                row = item_factors[items[j]]
                for f in range(factors):
                    total += weighted[f] * row[f]
                shares[t, j] = total * confidences[j]


@kernel(fast=True)
def all_of_size_one(confidences):
    """Whether every confidence is 1 or -1."""
    others = 0
    for confidence in confidences:
        others += abs(confidence) != np.float32(1.0)
    return others == 0


@kernel(fast=True)
def add_wanted(other_factors, indices, confidences, right):
    """Write the right-hand side of equation 4 alone: the sum of c_j y_j over positive confidences."""
    for f in range(right.shape[0]):
        right[f] = 0.0
    for j in range(indices.shape[0]):
        confidence = np.float64(confidences[j])
        if confidence > 0.0:
            row = other_factors[indices[j]]
            for f in range(right.shape[0]):
                right[f] += confidence * row[f]


@kernel(fast=True)
def refresh_rows(gram, other_gram, regularizations, other_factors, rows, indptr, indices, confidences, factors):
    """Solve equation 4 for some rows of `factors` and keep their Gram matrix up to date; returns how many could not be
    solved.

    rows int32 (r,) are the rows of factors float32 (n, factors) to replace; row i's pairs are indices/confidences
    [indptr[i]:indptr[i + 1]] into other_factors, whose Gram matrix is other_gram, and regularizations[i] (float64) is
    its regularization; gram float64 is that of `factors` itself and gains the new row's outer product and loses the
    old one's. Rows whose confidences are all 1 or -1 have one matrix, which is factorized once: their dual has no
    unknowns (`dual_kernels`).
    """
    width = factors.shape[1]
    matrix, shared = np.empty((width, width), dtype=np.float64), np.empty((width, width), dtype=np.float64)
    right = np.empty(width, dtype=np.float64)
    shared_regularization = -1.0
    failed = 0
    for i in range(rows.shape[0]):
        pairs = slice(indptr[i], indptr[i + 1])
        if all_of_size_one(confidences[pairs]):
            if regularizations[i] != shared_regularization:
                shared_regularization = regularizations[i]
                nothing = slice(indptr[i], indptr[i])
                normal_equations(
                    other_gram, regularizations[i], other_factors, indices[nothing], confidences[nothing], shared, right
                )
                if not cholesky(shared):
                    shared_regularization = -1.0
                    failed += 1
                    continue
            add_wanted(other_factors, indices[pairs], confidences[pairs], right)
            cholesky_solve(shared, right)
        else:
            normal_equations(
                other_gram, regularizations[i], other_factors, indices[pairs], confidences[pairs], matrix, right
            )
            if not cholesky(matrix):
                failed += 1
                continue
            cholesky_solve(matrix, right)
        row = factors[rows[i]]
        for f in range(width):
            old = np.float64(row[f])
            for g in range(width):
                gram[f, g] -= old * row[g]
        for f in range(width):
            row[f] = np.float32(right[f])
        for f in range(width):
            new = np.float64(row[f])
            for g in range(width):
                gram[f, g] += new * row[g]
    return failed
