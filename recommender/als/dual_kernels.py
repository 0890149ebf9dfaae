"""Compiled kernels that fold in a short history by the dual of its equations: as many unknowns as items, not factors.

Y'Y is diagonal in the coordinates of a model (`principal_axes`), Y'Y = diag(spectrum): z_j = y_j / sqrt(spectrum + reg)
is white for every regularization, and equation 4 (`equation_kernels`) reads

    (I + sum_j e_j z_j z_j') z = sum_j c_j^+ z_j        e_j = |c_j| - 1        c_j^+ = max(c_j, 0)

The user's factors are z / sqrt(spectrum + reg). Items of confidence 1 or -1 have e_j = 0 and stand on the right-hand
side only: q = sum over them of c_j^+ z_j. The m others become the rows b_j = sqrt|e_j| z_j of B. By Woodbury's identity

    z = q + B'w        (S + B B') w = S |e|^(-1/2) c^+ - B q        S = diag(sign e_j)

S + B B' is quasidefinite, since Y'Y holds every y_j y_j' once: its triangular factor exists in every order (Vanderbei,
"Symmetric Quasidefinite Matrices", 1995), and a pivot has the sign of its e_j. Only where confidences are all above one
is it positive definite.

Arrays of unknowns are as large as whole tiles, see `signed_kernels`: whitened float64 (factors, width) = B' has a
column for each, zero for those beyond m.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.als.signed_kernels import factorize_signed, padded, solve_back, solve_forward, whole_lines
from recommender.als.tiles import LANES, ROWS, add_products, turn_tile
from recommender.kernel import kernel
from recommender.topk.index import aligned
from recommender.topk.packed_products import fetch_row

SILENT, SOLVED, LEFT = 0, 1, 2
"""What became of a user: no positive weight, so a vector of zeros; folded in; left to the equations themselves."""


VECTORS = 9
"""Vectors that a fold-in has room for; the last begins with the regularization that scales were written for."""
NOTHING_YET = -1.0
"""No regularization."""
Floats = NDArray[np.float64]
Room = tuple[Floats, Floats, Floats, Floats, Floats]


def room_for(factors: int, length: int) -> Room:
    """What `fold_in_dual` writes on the way, for histories of so many items at most; lines of the cache begin where
    tiles do. To make it takes as long as to fold a short history in.
    """
    size = padded(min(factors, length))
    width = whole_lines(size + 1)
    longest = whole_lines(max(factors, length, width))

    def made(rows: int, columns: int) -> Floats:
        return aligned(rows, 2 * columns).view(np.float64)

    vectors = made(VECTORS, longest)
    vectors[VECTORS - 1, 0] = NOTHING_YET
    return made(factors, width), made(size, width), made(size, ROWS), made(size, ROWS), vectors


@kernel(fast=True, makes_arrays=False)
def scale_axes(spectrum, regularization, scales):
    """Write scales float64 (factors,) = 1 / sqrt(spectrum + regularization) for a spectrum float64 (factors,)."""
    for f in range(spectrum.shape[0]):
        scales[f] = np.float32(1.0) / np.sqrt(np.float32(spectrum[f] + regularization))  # as exact as rows are


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
def whiten_history(rows, items, confidences, scales, whitened, signs, right, shares, others):
    """Write B' and S, the right-hand side but for B q, and what each item is multiplied by in B or in q; returns how
    many unknowns there are, as whole tiles.

    rows float32 (n, factors), the item factors; items int32 and confidences float32 (h,), of which m are neither 1 nor
    -1; scales as `scale_axes` writes them. Written: whitened; signs and right float64 (size,); shares float64 (h,), of
    those m the root of |e_j|, of all others c_j^+; others float64 (2, width), room for the roots and the items of
    those m. All may be larger.
    """
    factors, length = scales.shape[0], items.shape[0]
    roots, chosen = others[0], others[1].view(np.int32)
    place = np.int64(0)
    for j in range(length):
        wanted = max(np.float64(confidences[j]), 0.0)
        extra = abs(np.float64(confidences[j])) - 1.0
        shares[j] = wanted
        if extra != 0.0:
            shares[j] = roots[place] = np.sqrt(abs(extra))
            chosen[place] = items[j]
            signs[place] = 1.0 if extra > 0.0 else -1.0
            right[place] = signs[place] * wanted / roots[place]
            place += 1
    size = padded(place)
    for n in range(place, size):
        signs[n], right[n] = 1.0, 0.0
    whole = factors // LANES * LANES
    for column in range(0, size, LANES):
        for n in range(place if place > column else np.int64(column), column + LANES):
            roots[n], chosen[n] = 0.0, chosen[0]
        for f in range(0, whole, LANES):
            turn_tile(whitened, f, column, rows, chosen, scales, roots)
        for f in range(whole, factors):
            for n in range(column, column + LANES):
                whitened[f, n] = scales[f] * roots[n] * rows[chosen[n], f]
    if 0 < place < length:  # right -= B q
        for f in range(factors):
            settled = 0.0
            for j in range(length):
                settled += shares[j] * rows[items[j], f] if abs(confidences[j]) == np.float32(1.0) else 0.0
            settled *= scales[f]
            for n in range(size):
                right[n] -= settled * whitened[f, n]
    return size


@kernel(fast=True, makes_arrays=False)
def dual_equations(whitened, signs, right, size, matrix):
    """Write the upper triangle of S + B B' and the right-hand side into matrix; what else is in the tiles of either is
    written as well.
    """
    for row in range(0, size, ROWS):
        for column in range(row // LANES * LANES, size + 1, LANES):
            for r in range(row, row + ROWS):
                for g in range(column, column + LANES):
                    matrix[r, g] = 0.0
            if column < size:
                add_products(matrix, row, column, whitened, row, whitened, whitened.shape[0])
    for n in range(size):
        matrix[n, n] += signs[n]
        matrix[n, size] = right[n]


@kernel(fast=True, makes_arrays=False)
def add_rows(rows, items, shares, total):
    """Write the sum over j of shares[j] rows[items[j]] into total float64 (factors,), four rows a pass, so that what is
    added to is loaded a quarter as often.
    """
    factors, whole = total.shape[0], items.shape[0] // 4 * 4
    for f in range(factors):
        total[f] = 0.0
    for j in range(0, whole, 4):
        first, second, third, fourth = rows[items[j]], rows[items[j + 1]], rows[items[j + 2]], rows[items[j + 3]]
        a, b, c, d = shares[j], shares[j + 1], shares[j + 2], shares[j + 3]
        for f in range(factors):
            total[f] += (a * first[f] + b * second[f]) + (c * third[f] + d * fourth[f])
    for j in range(whole, items.shape[0]):
        row, a = rows[items[j]], shares[j]
        for f in range(factors):
            total[f] += a * row[f]


@kernel(fast=True, hold_gil=True, makes_arrays=False)
def fold_in_dual(
    spectrum, rows, fading, whitened, matrix, inverses, before, vectors, regularization, items, weights, user
):
    """Write the vector of a user with these items into `user` float32 (factors,) and return SOLVED; LEFT when the dual
    does not serve: more unknowns than factors, where the equations themselves are cheaper, or a system that rounding
    made indefinite; SILENT, with zeros written, when no weight is positive.

    A spectrum 0 long says that Y'Y is not diagonal, so that every history is left. From whitened to vectors: room of
    this spectrum alone, see `room_for`. Other arguments as in `scale_axes`, `whiten_history` and `weigh`.
    """
    factors, length = user.shape[0], items.shape[0]
    wanted = False
    for j in range(length):
        wanted |= weights[j] > np.float32(0.0)
        fetch_row(rows, np.int64(items[j]))
    if not wanted:
        for f in range(factors):
            user[f] = np.float32(0.0)
        return SILENT
    confidences, total = vectors[0].view(np.float32)[:length], vectors[1][:factors]
    signs, right, scales, shares = vectors[2], vectors[3], vectors[4][:factors], vectors[5]
    if spectrum.shape[0] == 0 or weigh(weights, fading, confidences) > factors:
        return LEFT
    scaled_for = vectors[VECTORS - 1]
    if scaled_for[0] != regularization:
        scale_axes(spectrum, regularization, scales)
        scaled_for[0] = regularization
    size = whiten_history(rows, items, confidences, scales, whitened, signs, right, shares, vectors[6:])
    dual_equations(whitened, signs, right, size, matrix)
    if not factorize_signed(matrix, signs, size, inverses, before):
        return LEFT
    for n in range(size):
        right[n] = matrix[n, size]
    solve_back(matrix, signs, size, inverses, right)
    place = np.int64(0)
    for j in range(length):
        if abs(confidences[j]) != np.float32(1.0):
            shares[j] *= right[place]
            place += 1
    add_rows(rows, items, shares, total)
    for f in range(factors):
        user[f] = np.float32(scales[f] * scales[f] * total[f])
    return SOLVED


@kernel(fast=True, hold_gil=True)
def factorize_dual(spectrum, regularization, rows, items, confidences, scales, whitened, signs, inverses, upper):
    """Write scales, B', S and the factor U of the dual of a history for `contributions_dual`; False when there is none.

    Arguments as in `scale_axes`, `whiten_history` and `factorize_signed`, none larger than it must be.
    """
    size, width = upper.shape
    right, shares, others = np.empty(size), np.empty(items.shape[0]), np.empty((2, width))
    scale_axes(spectrum, regularization, scales)
    whiten_history(rows, items, confidences, scales, whitened, signs, right, shares, others)
    dual_equations(whitened, signs, right, size, upper)
    return factorize_signed(upper, signs, size, inverses, np.empty((size, ROWS)))


@kernel(fast=True, hold_gil=True)
def contributions_dual(scales, whitened, signs, inverses, upper, rows, items, confidences, targets, shares):
    """Write what each history item adds to the score of each of targets float32 (n, factors), rows of `rows`, as
    `equation_kernels.contributions` does: s_tj = c_j^+ z_j' (I - B'(S + B B')^-1 B) z_t.

    The first five arguments as `factorize_dual` wrote them; shares float64 (n, h).
    """
    factors, size = scales.shape[0], signs.shape[0]
    weighted, along = np.empty(factors), np.empty(size)
    for t in range(targets.shape[0]):
        for n in range(size):
            along[n] = 0.0
        for f in range(factors):
            column, weighted[f] = whitened[f], scales[f] * targets[t, f]
            for n in range(size):
                along[n] += column[n] * weighted[f]
        solve_forward(upper, size, inverses, along)
        solve_back(upper, signs, size, inverses, along)
        for f in range(factors):
            column, total = whitened[f], 0.0
            for n in range(size):
                total += column[n] * along[n]
            weighted[f] = scales[f] * (weighted[f] - total)
        for j in range(items.shape[0]):
            row, total = rows[items[j]], 0.0
            for f in range(factors):
                total += weighted[f] * row[f]
            shares[t, j] = total * max(np.float64(confidences[j]), 0.0)
