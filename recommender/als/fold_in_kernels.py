"""The compiled step of a fold-in that grows: one more item, everything older fades, and the equations solved again.

With confidences c_j = alpha w_j (1 + boost decay**age_j), the matrix of equation 4 (`equation_kernels`) is P + R, where

    P = Y'Y + reg*I + sum_j (alpha |w_j| - 1) y_j y_j'        R = alpha boost sum_j |w_j| decay**age_j y_j y_j'

and likewise the right-hand side. A newer item adds a term to both and multiplies the rest of R by decay, exactly.
"""

from __future__ import annotations

import numpy as np

from recommender.als.equation_kernels import cholesky, cholesky_solve
from recommender.kernel import kernel


@kernel(fast=True, hold_gil=True)
def append_item(plain, fading, plain_right, fading_right, row, weight, extra, boost, decay, user):
    """Add an item to the equations and write their solution into `user` float32 (factors,); False if singular.

    plain and fading float64 (factors, factors), upper triangles of P and R; plain_right and fading_right float64
    (factors,); row float32 (factors,) = y_j; weight = alpha w_j, extra = |weight| - 1, boost = what the newest item
    counts more. Fading is scaled, not re-factored by rank-one steps: the whole matrix changes with decay, so that its
    Cholesky factor has to be made anew.
    """
    factors = user.shape[0]
    matrix = np.empty((factors, factors), dtype=np.float64)
    right = np.empty(factors, dtype=np.float64)
    wide = np.empty(factors, dtype=np.float64)
    for f in range(factors):
        wide[f] = row[f]
    wanted = max(weight, 0.0)
    heavy = abs(weight) * boost
    for f in range(factors):
        still, faded, whole = plain[f], fading[f], matrix[f]
        a, b = extra * wide[f], heavy * wide[f]
        for g in range(f, factors):
            still[g] += a * wide[g]
            faded[g] = decay * faded[g] + b * wide[g]
            whole[g] = still[g] + faded[g]
        plain_right[f] += wanted * wide[f]
        fading_right[f] = decay * fading_right[f] + wanted * boost * wide[f]
        right[f] = plain_right[f] + fading_right[f]
    if not cholesky(matrix):
        return False
    cholesky_solve(matrix, right)
    for f in range(factors):
        user[f] = np.float32(right[f])
    return True
