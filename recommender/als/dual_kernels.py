"""Compiled kernels that fold in a short history by the dual of its equations: as many unknowns as items, not factors.

In coordinates in which Y'Y is diagonal, Y'Y = diag(spectrum), z_j = y_j / sqrt(spectrum + reg) is white for every
regularization, and equation 4 (`equation_kernels`) reads (I + sum_j e_j z_j z_j') z = sum_j c_j^+ z_j, with
e_j = |c_j| - 1 and c_j^+ = max(c_j, 0); the user's factors are z / sqrt(spectrum + reg). Items of confidence 1 or -1
have e_j = 0 and stand on the right-hand side only: q = sum over them of c_j^+ z_j. The m others become the rows
b_j = sqrt|e_j| z_j of B, and by Woodbury's identity

    z = q + B'w        (S + B B') w = S |e|^(-1/2) c^+ - B q        S = diag(sign e_j)

S + B B' is quasidefinite, since Y'Y holds every y_j y_j' once: its triangular factor exists in every order (Vanderbei,
"Symmetric Quasidefinite Matrices", 1995), and a pivot has the sign of its e_j. Only where confidences are all above one
is it positive definite.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel

SILENT, SOLVED, LEFT = 0, 1, 2
"""What became of a user: no positive weight, so a vector of zeros; folded in; left to the equations themselves."""


@kernel(fast=True, makes_arrays=False)
def weigh(weights, fading, confidences):
    """Write the confidences float32 (h,) of a history: weights float32 (h,) times the last h of fading float64, which
    holds the confidence of a weight of one at each age, the newest last. Returns how many are not 1 or -1.
    """
    first = fading.shape[0] - weights.shape[0]
    others = 0
    for j in range(weights.shape[0]):
        confidences[j] = np.float32(fading[first + j] * weights[j])
        others += abs(confidences[j]) != np.float32(1.0)
    return others


@kernel(fast=True, makes_arrays=False)
def whiten_history(spectrum, regularization, rows, items, confidences, scales, whitened, signs, right, rest):
    """Write B, S and the right-hand side but for B q, and q itself.

    spectrum float64 (factors,); rows float32 (n, factors) in the coordinates above; items int32 and confidences float32
    (h,), of which m are neither 1 nor -1. Written: scales float64 (factors,) = 1 / sqrt(spectrum + regularization);
    whitened float64 (m, factors) = B; signs and right float64 (m,); rest float64 (factors,) = q.
    """
    factors = spectrum.shape[0]
    for f in range(factors):
        scales[f] = 1.0 / np.sqrt(spectrum[f] + regularization)
        rest[f] = 0.0
    place = 0
    for j in range(items.shape[0]):
        row = rows[items[j]]
        wanted = max(np.float64(confidences[j]), 0.0)
        extra = abs(np.float64(confidences[j])) - 1.0
        if extra == 0.0:
            for f in range(factors):
                rest[f] += wanted * scales[f] * row[f]
        else:
            root = np.sqrt(abs(extra))
            for f in range(factors):
                whitened[place, f] = root * scales[f] * row[f]
            signs[place] = 1.0 if extra > 0.0 else -1.0
            right[place] = signs[place] * wanted / root
            place += 1


@kernel(fast=True, makes_arrays=False)
def dual_equations(whitened, signs, rest, matrix, right):
    """Write the upper triangle of S + B B' into matrix float64 (m, m) and take B q from right; two by two rows, so that
    what is loaded is used twice. A few places below the diagonal are written as well.
    """
    count, factors = whitened.shape
    for i in range(0, count, 2):
        after = min(i + 1, count - 1)
        first, second = whitened[i], whitened[after]
        a = b = 0.0
        for f in range(factors):
            a += first[f] * rest[f]
            b += second[f] * rest[f]
        right[i] -= a
        if after > i:
            right[after] -= b
        for j in range(i, count, 2):
            next_ = min(j + 1, count - 1)
            third, fourth = whitened[j], whitened[next_]
            a = b = c = d = 0.0
            for f in range(factors):
                a += first[f] * third[f]
                b += first[f] * fourth[f]
                c += second[f] * third[f]
                d += second[f] * fourth[f]
            matrix[i, j], matrix[i, next_], matrix[after, j], matrix[after, next_] = a, b, c, d
    for i in range(count):
        matrix[i, i] += signs[i]


@kernel(fast=True, makes_arrays=False)
def scale_pivot(line, sign, start):
    """Turn a row of what is left into a row of U, from its pivot at `start` on; False when that has another sign."""
    pivot = line[start] * sign
    if not pivot > 0.0:
        return False
    inverse = sign / np.sqrt(pivot)
    for g in range(start, line.shape[0]):
        line[g] *= inverse
    return True


@kernel(fast=True, makes_arrays=False)
def factorize_signed(matrix, signs):
    """Replace the upper triangle of matrix float64 (m, m) by U with U'S U = matrix; False when there is none.

    Right-looking, two pivots a pass over what is left.
    """
    count = matrix.shape[0]
    for p in range(0, count, 2):
        first, sign = matrix[p], signs[p]
        if not scale_pivot(first, sign, p):
            return False
        if p + 1 == count:
            break
        second, other_sign = matrix[p + 1], signs[p + 1]
        scale = sign * first[p + 1]
        for g in range(p + 1, count):
            second[g] -= scale * first[g]
        if not scale_pivot(second, other_sign, p + 1):
            return False
        for q in range(p + 2, count):
            below, scale, other = matrix[q], sign * first[q], other_sign * second[q]
            for g in range(q, count):
                below[g] -= scale * first[g] + other * second[g]
    return True


@kernel(fast=True, makes_arrays=False)
def solve_signed(upper, signs, right):
    """Replace right float64 (m,) by the solution of U'S U w = right."""
    count = right.shape[0]
    for p in range(count):
        right[p] /= upper[p, p]
        for g in range(p + 1, count):
            right[g] -= upper[p, g] * right[p]
    for p in range(count - 1, -1, -1):
        total = signs[p] * right[p]
        for g in range(p + 1, count):
            total -= upper[p, g] * right[g]
        right[p] = total / upper[p, p]


@kernel(fast=True, makes_arrays=False)
def turn_back(basis, turned, user):
    """Write the sum over g of turned[g] basis[g] into user float32 (factors,), four rows a pass, so that what is
    added to is loaded a quarter as often.
    """
    factors = user.shape[0]
    whole = factors // 4 * 4
    for f in range(factors):
        user[f] = np.float32(0.0)
    for g in range(0, whole, 4):
        first, second, third, fourth = basis[g], basis[g + 1], basis[g + 2], basis[g + 3]
        a, b, c, d = turned[g], turned[g + 1], turned[g + 2], turned[g + 3]
        for f in range(factors):
            user[f] += (a * first[f] + b * second[f]) + (c * third[f] + d * fourth[f])
    for g in range(whole, factors):
        first, a = basis[g], turned[g]
        for f in range(factors):
            user[f] += a * first[f]


@kernel(fast=True, hold_gil=True)
def fold_in_dual(spectrum, basis, regularization, rows, items, weights, fading, user):
    """Write the vector of a user with these items into `user` float32 (factors,) and return SOLVED; LEFT when the dual
    does not serve: more unknowns than factors, where the equations themselves are cheaper, or a system that rounding
    made indefinite; SILENT, with zeros written, when no weight is positive.

    basis float32 (factors, factors) holds in rows the directions of the coordinates of `rows`; a spectrum 0 long says
    that there are none, so that every history is left. Other arguments as in `whiten_history` and `weigh`.
    """
    factors, length = user.shape[0], items.shape[0]
    wanted = False
    for j in range(length):
        wanted |= weights[j] > np.float32(0.0)
    if not wanted:
        for f in range(factors):
            user[f] = np.float32(0.0)
        return SILENT
    confidences = np.empty(length, dtype=np.float32)
    count = weigh(weights, fading, confidences)
    if count > factors or spectrum.shape[0] == 0:
        return LEFT
    # Each allocation costs as much as a fifth of a short history, so two tables hold everything that is wide or short.
    wide, short = np.empty((count + 2, factors)), np.empty((count + 2, count))
    whitened, scales, rest = wide[:count], wide[count], wide[count + 1]
    matrix, signs, right = short[:count], short[count], short[count + 1]
    whiten_history(spectrum, regularization, rows, items, confidences, scales, whitened, signs, right, rest)
    dual_equations(whitened, signs, rest, matrix, right)
    if not factorize_signed(matrix, signs):
        return LEFT
    solve_signed(matrix, signs, right)
    for j in range(count):
        weight, row = right[j], whitened[j]
        for f in range(factors):
            rest[f] += weight * row[f]
    turned = np.empty(factors, dtype=np.float32)
    for f in range(factors):
        turned[f] = np.float32(scales[f] * rest[f])
    turn_back(basis, turned, user)
    return SOLVED


@kernel(fast=True, hold_gil=True)
def factorize_dual(spectrum, regularization, rows, items, confidences, scales, whitened, signs, upper):
    """Write scales, B, S and the factor U of the dual of a history for `contributions_dual`; False when there is none.

    Arguments as in `whiten_history`; upper float64 (m, m).
    """
    right, rest = np.empty(signs.shape[0]), np.empty(spectrum.shape[0])
    whiten_history(spectrum, regularization, rows, items, confidences, scales, whitened, signs, right, rest)
    dual_equations(whitened, signs, rest, upper, right)
    return factorize_signed(upper, signs)


@kernel(fast=True, hold_gil=True)
def contributions_dual(scales, whitened, signs, upper, rows, items, confidences, targets, shares):
    """Write what each history item adds to the score of each of targets float32 (n, factors), rows of `rows`, as
    `equation_kernels.contributions` does: s_tj = c_j^+ z_j' (I - B'(S + B B')^-1 B) z_t.

    The first four arguments as `factorize_dual` wrote them; shares float64 (n, h).
    """
    factors, count = scales.shape[0], signs.shape[0]
    weighted, along = np.empty(factors), np.empty(count)
    for t in range(targets.shape[0]):
        for f in range(factors):
            weighted[f] = scales[f] * targets[t, f]
        for j in range(count):
            row, total = whitened[j], 0.0
            for f in range(factors):
                total += row[f] * weighted[f]
            along[j] = total
        solve_signed(upper, signs, along)
        for j in range(count):
            row, total = whitened[j], along[j]
            for f in range(factors):
                weighted[f] -= total * row[f]
        for f in range(factors):
            weighted[f] *= scales[f]
        for j in range(items.shape[0]):
            row, total = rows[items[j]], 0.0
            for f in range(factors):
                total += weighted[f] * row[f]
            shares[t, j] = total * max(np.float64(confidences[j]), 0.0)
