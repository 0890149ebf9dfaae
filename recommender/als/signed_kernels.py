"""Compiled kernels that solve equations of a quasidefinite matrix, whose pivots have signs that are known beforehand.

A history has too few unknowns for loops over them to be vectors, so arrays are whole tiles (`tiles`): there are `size`
unknowns, a multiple of ROWS, and matrix float64 (size, width) holds the right-hand side in the column after them; signs
float64 (size,) of the pivots, S = diag(signs). Arrays may be larger. Unknowns that are there for the tiles' sake have a
pivot of 1, and zeros beside it and on the right.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from recommender.als.tiles import LANES, ROWS, add_products, mix_rows
from recommender.kernel import kernel


@register_jitable
def padded(count):
    """So many unknowns as whole tiles."""
    return (count + ROWS - 1) // ROWS * ROWS


def whole_lines(width: int) -> int:
    """So many columns as whole rows of tiles."""
    return -(-width // LANES) * LANES


@kernel(fast=True, makes_arrays=False)
def factorize_signed(matrix, signs, size, inverses, before):
    """Replace the upper triangle of matrix by U with U'S U = matrix, and the right-hand side b by S U'^-1 b; False when
    a pivot has not its sign.

    ROWS rows at a time, from those above them. Written: inverses float64 (size, ROWS), the lower triangles of S U'^-1
    of each ROWS unknowns by themselves; before float64 (size, ROWS) is room.
    """
    for start in range(0, size, ROWS):
        inverse, first = inverses[start : start + ROWS], start // LANES * LANES
        for p in range(start):
            for r in range(ROWS):
                before[p, r] = -signs[p] * matrix[p, start + r]
        for column in range(first, size + 1, LANES):
            add_products(matrix, start, column, before, 0, matrix, start)
        for p in range(ROWS):  # `before` is U here
            for g in range(p, ROWS):
                total = matrix[start + p, start + g]
                for q in range(p):
                    total -= signs[start + q] * before[q, p] * before[q, g]
                before[p, g] = total
            sign = signs[start + p]
            pivot = before[p, p] * sign
            if not pivot > 0.0:
                return False
            scale = sign / np.sqrt(pivot)
            for g in range(p, ROWS):
                before[p, g] *= scale
            for s in range(p):
                total = 0.0
                for q in range(s, p):
                    total -= signs[start + q] * before[q, p] * inverse[q, s]
                inverse[p, s] = total * scale
            inverse[p, p] = scale
        for column in range(first, size + 1, LANES):
            mix_rows(matrix, start, column, inverse)
    return True


@kernel(fast=True, makes_arrays=False)
def solve_forward(upper, size, inverses, right):
    """Replace right b float64 (size,) by S U'^-1 b."""
    for start in range(0, size, ROWS):
        for r in range(ROWS - 1, -1, -1):
            total = 0.0
            for s in range(r + 1):
                total += inverses[start + r, s] * right[start + s]
            right[start + r] = total
        for r in range(start, start + ROWS):
            line, scale = upper[r], right[r]
            for g in range(start + ROWS, size):
                right[g] -= scale * line[g]


@kernel(fast=True, makes_arrays=False)
def solve_back(upper, signs, size, inverses, right):
    """Replace right v float64 (size,) by U^-1 v, four unknowns a pass."""
    for start in range(size - ROWS, -1, -ROWS):
        first, second, third, fourth = upper[start], upper[start + 1], upper[start + 2], upper[start + 3]
        a = b = c = d = 0.0
        for g in range(start + ROWS, size):
            a += first[g] * right[g]
            b += second[g] * right[g]
            c += third[g] * right[g]
            d += fourth[g] * right[g]
        right[start] -= a
        right[start + 1] -= b
        right[start + 2] -= c
        right[start + 3] -= d
        for r in range(ROWS):
            total = 0.0
            for s in range(r, ROWS):
                total += signs[start + s] * inverses[start + s, r] * right[start + s]
            right[start + r] = total
