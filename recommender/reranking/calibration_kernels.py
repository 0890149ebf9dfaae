"""The compiled loop that builds a list whose attributes have the shares that the user gives them, greedily.

Steck, "Calibrated recommendations" (RecSys 2018), eq. 5: a list I of items with scores s has the worth

    sum over I of s_i - sum over attributes a of calibration_a * KL(p_a | q_a),   q_a = (1 - e) q_a(I) + e p_a

where p_a are the user's shares of the values of a, q_a(I) those of the list, and e = 0.01. Greedy choice is within
1 - 1/e of the best list, since the worth is submodular. Two rules come on top, for one attribute: no value takes more
than its largest share of the list, nor much more of its first entries (`bounds_kernels.most_entries`), and at least so
many values are in it, as far as the candidates allow. Where no candidate is left within these bounds, the best within
the shares is taken, and where there is none either, the best of all: a list is never shorter for them.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.reranking.bounds_kernels import most_entries

MIXED_IN = 0.01


@kernel(fast=False, hold_gil=True)
def choose_calibrated(worth, codes, members, wanted, weights, value_of, largest, distinct, chosen):
    """Write the places of the candidates in the order in which they are chosen, each time that of the largest gain.

        gain_i = worth_i + sum over v of m_iv * weights_v * wanted_v * log1p((1 - e) / length / had_v)

    had_v = (1 - e) count_v / length + e wanted_v, count_v the sum of m_iv over those chosen before, e = MIXED_IN; ties
    by place. Candidate i has the values codes[i], int32 (n, slots), -1 for none, and m_iv of them is members float64
    (n, slots). worth float64 (n,), set to -inf where chosen; wanted and weights float64 (values,), and a value of which
    nothing is wanted adds nothing. Bounds: value_of int64 (n,), the value of each candidate of the attribute that is
    bounded; largest float64 (its values,), the largest share of each, without any for no bounds; distinct: so many of
    them at least. chosen int64 (size,), size <= n.
    """
    n, slots, size = worth.shape[0], codes.shape[1], chosen.shape[0]
    count, gains = np.zeros(wanted.shape[0]), np.zeros(wanted.shape[0])
    occurs = np.zeros(wanted.shape[0], dtype=np.bool_)
    for i in range(n):
        for s in range(slots):
            if codes[i, s] >= 0:
                occurs[codes[i, s]] = wanted[codes[i, s]] > 0.0
    entries = np.zeros(largest.shape[0], dtype=np.int64)
    is_open = np.empty(largest.shape[0], dtype=np.bool_)
    bounded = largest.shape[0] > 0
    for place in range(size):
        length = place + 1
        for v in range(wanted.shape[0]):
            if occurs[v]:
                had = count[v] * ((1.0 - MIXED_IN) / length) + MIXED_IN * wanted[v]
                gains[v] = weights[v] * (wanted[v] * np.log1p((1.0 - MIXED_IN) / length / had))
        missing = distinct
        for v in range(entries.shape[0]):
            missing -= entries[v] > 0
            is_open[v] = entries[v] < most_entries(largest[v], length, size)
        only_new = missing > 0 and size - place <= missing
        best, best_open, best_within = -1, -1, -1
        most, most_open, most_within = -np.inf, -np.inf, -np.inf
        for i in range(n):
            if worth[i] == -np.inf:
                continue
            gain = 0.0
            for s in range(slots):
                if codes[i, s] >= 0:
                    gain += members[i, s] * gains[codes[i, s]]
            gain += worth[i]
            if best < 0 or gain > most:
                best, most = i, gain
            if bounded and is_open[value_of[i]]:
                if best_open < 0 or gain > most_open:
                    best_open, most_open = i, gain
                if not (only_new and entries[value_of[i]] > 0) and (best_within < 0 or gain > most_within):
                    best_within, most_within = i, gain
        if best_within >= 0:
            best = best_within
        elif best_open >= 0:
            best = best_open
        chosen[place] = best
        worth[best] = -np.inf
        for s in range(slots):
            if codes[best, s] >= 0:
                count[codes[best, s]] += members[best, s]
        if bounded:
            entries[value_of[best]] += 1
