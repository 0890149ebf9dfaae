"""How much of a row one value of an attribute may take, and which entry makes room where chance puts an item.

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


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def keeps_bounds(values, place, leaves, value, largest, distinct, different):
    """Answer whether a row keeps its bounds where an item of `value` stands at `place`, what stood there takes the
    place of entry `leaves`, and that one leaves the row; `leaves` = `place` moves nothing.

    See `find_exchanges`; different: how many values the row has. No value may have more of the first entries than its
    share or than it had, and no value may be lost that the row needs.
    """
    size = values.shape[0]
    displaced, left = values[place], values[leaves]
    had_value, has_value, had_displaced, has_displaced, has_left = 0, 0, 0, 0, 0
    for at in range(size):
        entry = values[at]
        had_value += entry == value
        had_displaced += entry == displaced
        if at == place:
            entry = value
        elif at == leaves:
            entry = displaced
        has_value += entry == value
        has_displaced += entry == displaced
        has_left += entry == left
        if has_value > had_value and has_value > most_entries(largest[value], at + 1, size):
            return False
        if has_displaced > had_displaced and has_displaced > most_entries(largest[displaced], at + 1, size):
            return False
    return different - (has_left == 0) + (had_value == 0) >= min(distinct, different)


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def entry_that_leaves(values, place, value, movable, largest, distinct, different):
    """Answer which entry leaves the row where an item of `value` stands at `place`, -1 where none can; its arguments
    are those of `keeps_bounds` and `find_exchanges`.
    """
    size = values.shape[0]
    if keeps_bounds(values, place, place, value, largest, distinct, different):
        return place
    for step in range(1, 2 * size):
        other = place + step if step < size else place + size - 1 - step  # those after it, then those before it
        if not 0 <= other < size or not movable[other] or values[other] != value:
            continue
        if keeps_bounds(values, place, other, value, largest, distinct, different):
            return other
    for other in range(size - 1, -1, -1):
        if not movable[other] or other == place:
            continue
        if keeps_bounds(values, place, other, value, largest, distinct, different):
            return other
    return -1


@kernel(fast=False, hold_gil=True, makes_arrays=False)
def find_exchanges(values, slots, movable, largest, distinct, counts, exchanges, room):
    """Write for each slot of a row and each value which entry leaves the row where an item of the value stands there,
    -1 where none can, and for how many items each slot has room.

    values int64 (size,): the value of each entry, from 0; slots int64 (n,): the place of each slot; movable bool
    (size,): entries that may move or leave. largest float64 (all values,): the largest share of each, of
    `most_entries`; distinct: so many values at least. counts int64 (all values,): how many items there are of each.
    exchanges int64 (n, all values) and room int64 (n,) are written.

    The entry of the slot leaves where the row keeps its bounds so. Otherwise it takes the place of another one that
    leaves: of the same value as the item, the nearest after the slot, then the nearest before it, so that the values of
    the row stay what they were; then of any other, from the last on.
    """
    different = 0
    for at in range(values.shape[0]):
        new = 1
        for before in range(at):
            if values[before] == values[at]:
                new = 0
        different += new
    room[:] = 0
    absent = -1
    for value in range(largest.shape[0]):
        if not counts[value]:
            exchanges[:, value] = -1
            continue
        met = False
        for at in range(values.shape[0]):
            met |= values[at] == value
        alike = not met and absent >= 0 and largest[absent] == largest[value]  # what the row lacks is all the same
        for n in range(slots.shape[0]):
            leaves = -1
            if alike:
                leaves = exchanges[n, absent]
            elif movable[slots[n]]:
                leaves = entry_that_leaves(values, slots[n], value, movable, largest, distinct, different)
            exchanges[n, value] = leaves
            if leaves >= 0:
                room[n] += counts[value]
        if not met:
            absent = value
