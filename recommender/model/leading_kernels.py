"""The compiled choice of what adds most to each of some scores."""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel

WHOLE = 100


@kernel(fast=False, hold_gil=True)
def lead(amounts, sources, named, minimum, found, shares, percents):
    """For each score, write which named sources add most to it, largest first, and their shares of all that adds.

    amounts float64 (n, sources) and sources int32 (n, sources), the number of the source of each amount, -1 for none;
    named bool (numbers,). found int32 (n, maximum): numbers of sources, -1 where there are fewer whose share is
    `minimum` or more; ties in the order of the row. shares float64 and percents int64 (n, maximum + 1): theirs, and
    last of the rest, which is 0 where it is less than half of `minimum`. Percents add up to 100, each rounded down and
    the largest remainders up; all are 0 where nothing adds.
    """
    maximum = found.shape[1]
    for row in range(amounts.shape[0]):
        whole = 0.0
        for place in range(maximum):
            found[row, place], shares[row, place] = -1, 0.0
        for s in range(amounts.shape[1]):
            amount = amounts[row, s]
            if sources[row, s] < 0 or amount <= 0.0:
                continue
            whole += amount
            if not named[sources[row, s]] or amount <= shares[row, maximum - 1]:
                continue
            place = maximum - 1
            while place > 0 and amount > shares[row, place - 1]:
                found[row, place], shares[row, place] = found[row, place - 1], shares[row, place - 1]
                place -= 1
            found[row, place], shares[row, place] = sources[row, s], amount
        rest = 1.0 if whole > 0.0 else 0.0
        for place in range(maximum):
            shares[row, place] = shares[row, place] / whole if whole > 0.0 else 0.0
            if shares[row, place] < minimum:
                found[row, place], shares[row, place] = -1, 0.0
            rest -= shares[row, place]
        shares[row, maximum] = rest if rest >= minimum / 2 else 0.0
        round_shares(shares[row], percents[row])


@kernel(fast=False, hold_gil=True)
def round_shares(shares, percents):
    """Write shares float64 (n,) as whole hundredths int64 (n,) that add up to 100, ties in their order."""
    total, missing = 0.0, WHOLE
    for place in range(shares.shape[0]):
        total += shares[place]
    if total <= 0.0:
        percents[:] = 0
        return
    for place in range(shares.shape[0]):
        percents[place] = np.int64(WHOLE / total * shares[place])
        missing -= percents[place]
    for _ in range(missing):
        best, largest = 0, -1.0
        for place in range(shares.shape[0]):
            remainder = WHOLE / total * shares[place] - percents[place]
            if remainder > largest:
                best, largest = place, remainder
        percents[best] += 1
