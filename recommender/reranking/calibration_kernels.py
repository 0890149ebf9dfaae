"""The compiled loop that builds a calibrated list."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel

MIXED_IN = 0.01


@kernel(fast=False, hold_gil=True)
def choose_calibrated(worth, members, wanted, weights, value_of, largest, distinct, chosen):
    """Write the places of the candidates in the order in which they are chosen, each time that of the largest gain.

        gain_i = worth_i + sum over v of members[i, v] * weights_v * wanted_v * log1p((1 - e) / length / had_v)

    had_v = (1 - e) count_v / length + e wanted_v, count_v the sum of members[:, v] over those chosen before, e =
    MIXED_IN; ties by place. worth float64 (n,), set to -inf where chosen; members float64 (n, columns); wanted and
    weights float64 (columns,); value_of int64 (n,), largest int64 (values,) and distinct are `Bounds`, without any
    values for no bounds; chosen int64 (size,), size <= n.
    """
    n, columns, size = worth.shape[0], wanted.shape[0], chosen.shape[0]
    count, gains = np.zeros(columns), np.empty(columns)
    entries = np.zeros(largest.shape[0], dtype=np.int64)
    bounded = largest.shape[0] > 0
    for place in range(size):
        length = place + 1
        for v in range(columns):
            had = count[v] * ((1.0 - MIXED_IN) / length) + MIXED_IN * wanted[v]
            gains[v] = weights[v] * (wanted[v] * np.log1p((1.0 - MIXED_IN) / length / had))
        missing = distinct
        for v in range(entries.shape[0]):
            missing -= entries[v] > 0
        only_new = size - place <= missing
        best, best_within = -1, -1
        most, most_within = -np.inf, -np.inf
        for i in range(n):
            if worth[i] == -np.inf:
                continue
            gain = 0.0
            for v in range(columns):
                gain += members[i, v] * gains[v]
            gain += worth[i]
            if best < 0 or gain > most:
                best, most = i, gain
            if bounded:
                had_already = entries[value_of[i]]
                within = had_already < largest[value_of[i]] and not (only_new and had_already > 0)
                if within and (best_within < 0 or gain > most_within):
                    best_within, most_within = i, gain
        if best_within >= 0:
            best = best_within
        chosen[place] = best
        worth[best] = -np.inf
        for v in range(columns):
            count[v] += members[best, v]
        if bounded:
            entries[value_of[best]] += 1
