"""How much of a row one value of an attribute may take, and where of a row chance may put an item of which value.

A row of k entries holds at most round(share * k) of a value, and its first n entries at most one more than share * n of
it: from the first cards that fit a screen to the whole row no value crowds the others out.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel


@kernel(fast=False, hold_gil=True)
def most_entries(share, length, size):
    """Answer how many of the first `length` entries of a row of `size` may have one value, at least 1."""
    of_row = np.int64(np.floor(share * size + 0.5 + 1e-9))
    return max(1, min(of_row, np.int64(np.floor(share * length + 1e-9)) + 1))


@kernel(fast=False, hold_gil=True)
def places_for_chance(values, fixed, first, largest, distinct, allowed):
    """Write at which places of a row an item of which value may stand in for the one that is there, such that whatever
    stands in, at any number of these places, the row keeps its bounds.

    values int64 (size,): the value of each entry, from 0; fixed bool (size,): entries that nothing stands in for.
    largest float64 (all values,): the largest share of each, of `most_entries`. distinct: so many values at least, or
    as many as the row has where these are fewer; the first entries of the first so many values are kept to their value.
    allowed bool (size, all values) is written, False before place `first` (from 0) and at fixed entries. A value that
    an entry has may stand in for it; another one where it would still be within its share, with all its items that
    stand in before. A value that has more than its share already stands in for no other.
    """
    size, many = allowed.shape
    kept = np.zeros(size, dtype=np.bool_)
    met = np.zeros(many, dtype=np.bool_)
    found = 0
    for place in range(size):
        if not met[values[place]]:
            met[values[place]] = True
            if found < distinct:
                kept[place] = True
            found += 1
    absent = -1
    for value in range(many):
        if not met[value]:
            if absent >= 0 and largest[absent] == largest[value]:
                allowed[:, value] = allowed[:, absent]
                continue
            absent = value
        came = 0
        for place in range(size):
            allowed[place, value] = False
            if place < first or fixed[place]:
                continue
            if values[place] == value:
                allowed[place, value] = True
                continue
            if kept[place]:
                continue
            within, count = True, came + 1
            for other in range(size):
                count += values[other] == value
                if other >= place and count > most_entries(largest[value], other + 1, size):
                    within = False
                    break
            allowed[place, value] = within
            came += within


@kernel(fast=False, hold_gil=True)
def chances_of_stand_ins(values, allowed, explore_share, first, chances, of_ranked):
    """Write with which chance each item of a value stands in each slot, and the ranked item in its own.

        chance_pv = e / a_p * product over q < p with v allowed of (1 - e / a_q),   a_p = sum over v allowed in p of n_v

    values int64 (items,), of which n_v have value v; allowed bool (slots, values), not looked at before slot `first`;
    e = explore_share. chances float64 (slots, values) and of_ranked float64 (slots,) are written.
    """
    slots, many = allowed.shape
    counts, free = np.zeros(many), np.ones(many)
    for i in range(values.shape[0]):
        counts[values[i]] += 1.0
    for p in range(slots):
        may, shown = 0.0, 0.0
        for v in range(many):
            chances[p, v] = 0.0
            if p >= first and allowed[p, v]:
                may += counts[v]
        if may > 0.0:
            drawn = explore_share / may
            for v in range(many):
                if allowed[p, v]:
                    chances[p, v] = drawn * free[v]
                    shown += counts[v] * chances[p, v]
                    free[v] *= 1.0 - drawn
        of_ranked[p] = 1.0 - shown


@kernel(fast=False, hold_gil=True)
def places_of_stand_ins(values, allowed, places):
    """Write the places of the items whose value is allowed, in order; returns how many there are.

    values int64 (items,); allowed bool (values,); places int64 (items,).
    """
    found = 0
    for i in range(values.shape[0]):
        if allowed[values[i]]:
            places[found] = i
            found += 1
    return found
