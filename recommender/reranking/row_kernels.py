"""The compiled heart of a balanced row: from what a user chose to the places that fill their row."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.reranking.calibration_kernels import choose_calibrated


@kernel(fast=False, hold_gil=True)
def shares_and_lifts(rows, weights, codes, worths, trait_of, base, strengths, shares, lifts):
    """Write a user's shares of the values of each attribute, (n_v + strength * base_v) / (n + strength) as `shares` has
    it, and how much more they want of each than everybody does, the lifts log(share / base), 0 where base is 0.

    The user chose the items rows int64 (n,) with weights float64 (n,). codes int32 (items, slots): the values of an
    item, those of all attributes numbered one after another, -1 for none; worths float64 (items, slots): what each
    counts. trait_of int64, base, shares and lifts float64 (values,); strengths float64 (attributes,).
    """
    counted, values = np.zeros(strengths.shape[0]), base.shape[0]
    for v in range(values):
        shares[v] = 0.0
    for n in range(rows.shape[0]):
        for s in range(codes.shape[1]):
            v = codes[rows[n], s]
            if v >= 0:
                shares[v] += weights[n] * worths[rows[n], s]
                counted[trait_of[v]] += weights[n] * worths[rows[n], s]
    for v in range(values):
        strength = strengths[trait_of[v]]
        shares[v] = (shares[v] + strength * base[v]) / (counted[trait_of[v]] + strength)
        lifts[v] = np.log(shares[v] / base[v]) if base[v] > 0.0 else 0.0


@kernel(fast=False, hold_gil=True)
def fill_row(
    rows, scores, costs, all_codes, all_worths, pulls, shares, lifts, affinity, calibration, largest, distinct,
    wanted, size, order,
):  # fmt: skip
    """Write the places of all candidates, first those that fill a row, in order, then the others in their own order,
    and what each is worth before its costs.

    rows int64 and scores float64 (n,): the candidates, and their scores by the model; costs float64: what to take away
    from each, or empty where there is nothing to.
    all_codes and all_worths, shares and lifts as of `shares_and_lifts`; pulls float64 (items, slots): what the lift of
    each value of an item counts; affinity and calibration as of `RowRules`; largest float64 (values of the first
    attribute + 1,): the largest share of a row that each may take, the last standing for items without one; distinct:
    so many values of the first attribute at least; size: the length of the row, at most n. wanted float64 (n,) and
    order int64 (n,) are written.
    """
    n, slots = rows.shape[0], all_codes.shape[1]
    codes, worths = np.empty((n, slots), dtype=np.int32), np.empty((n, slots))
    value_of, worth, none = np.empty(n, dtype=np.int64), np.empty(n), largest.shape[0] - 1
    low, high = scores[0], scores[0]
    for i in range(n):
        low, high = min(low, scores[i]), max(high, scores[i])
    for i in range(n):
        lift = 0.0
        for s in range(slots):
            v = codes[i, s] = all_codes[rows[i], s]
            worths[i, s] = all_worths[rows[i], s]
            if v >= 0:
                lift += pulls[rows[i], s] * lifts[v]
        value_of[i] = codes[i, 0] if codes[i, 0] >= 0 else none
        wanted[i] = ((scores[i] - low) / (high - low) if high > low else 1.0) + affinity * lift
        worth[i] = wanted[i] - costs[i] if costs.shape[0] > 0 else wanted[i]
    weights = np.full(shares.shape[0], calibration)
    choose_calibrated(worth, codes, worths, shares, weights, value_of, largest, distinct, order[:size])
    shown, end = np.zeros(n, dtype=np.bool_), size
    for place in order[:size]:
        shown[place] = True
    for i in range(n):
        if not shown[i]:
            order[end] = i
            end += 1


@kernel(fast=False, hold_gil=True)
def count_holders(rows, codes, values, counts):
    """Write how many of the items rows int64 (n,) have each of values int64 (m,) to counts int64 (m,); codes int32
    (items, slots) as of `shares_and_lifts`.
    """
    for v in range(values.shape[0]):
        counts[v] = 0
        for n in range(rows.shape[0]):
            held = False
            for s in range(codes.shape[1]):
                held |= codes[rows[n], s] == values[v]
            counts[v] += held
