"""The short list of a scan: items that could be among the k best, until their exact scores decide.

A scan knows the scores of LANES items at a time, up to a slack. `lower_bounds` float64 (k,) holds lower bounds of
scores, largest first, -inf where there is none yet: at least n + 1 items score lower_bounds[n] or more, so that
whatever cannot reach the last of them is out, ties included. Exact scores cost about fifty times a scanned one; put off
until all bounds are known, a dozen of them are left to do.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.packed_products import clear_lowest, count_bits, flags_of, lowest_bit
from recommender.topk.score_kernels import LANES, exact_score, insert_ranked, is_hidden

ROOM = 512
"""Items on the short list before it is settled and emptied: it must not grow with the catalog."""
FILTER = 1024
"""Flags that tell most items apart from hidden ones at once; a power of two."""


@kernel(fast=False, makes_arrays=False)
def entry_limit(low, slack):
    """What an approximate score that is off by at most slack has to reach to matter; float32, rounded downwards."""
    limit = low - slack
    return np.float32(limit - abs(limit) * 1.2e-7 - 1.0e-37)


@kernel(fast=False, makes_arrays=False)
def mark_hidden(hidden, filter_):
    """Write a table of flags int8 (FILTER,): an item whose flag, at item mod FILTER, is 0 is not in `hidden`."""
    for flag in range(FILTER):
        filter_[flag] = np.int8(0)
    for item in hidden:
        filter_[item & (FILTER - 1)] = np.int8(1)


@kernel(fast=False, makes_arrays=False)
def shortlist_block(flags, order, first, scores, slack, hidden, filter_, lower_bounds, places, upper_bounds, noted):
    """Put the items of one block whose flags are set on the short list; returns its new length.

    The block holds items order[first : first + LANES], catalog indices, -1 for padding; flags uint64, bit l for the
    item l places after the first; scores float32 (LANES,), off by at most slack; hidden sorted int32, with its filter
    from `mark_hidden`, which saves most of the bisections. places int32 and upper_bounds float64 (ROOM,) are the list,
    `noted` long: positions in order, and upper bounds.
    """
    last = lower_bounds.shape[0] - 1
    while flags != 0:
        lane = lowest_bit(flags)
        flags = clear_lowest(flags)
        item = order[first + lane]
        if item < 0 or (filter_[item & (FILTER - 1)] != 0 and is_hidden(item, hidden)):
            continue
        score = np.float64(scores[lane])
        places[noted], upper_bounds[noted] = first + lane, score + slack * (1.0 + 1.0e-9)
        noted += 1
        low = score - slack * (1.0 + 1.0e-9)
        if lower_bounds[last] < low < np.inf:  # an overflow to infinity is not a bound from below
            place = last
            while place > 0 and lower_bounds[place - 1] < low:
                lower_bounds[place] = lower_bounds[place - 1]
                place -= 1
            lower_bounds[place] = low
    return noted


@kernel(fast=False, makes_arrays=False)
def shortlist_first(order, first, scores, slack, hidden, filter_, lower_bounds, places, upper_bounds, noted):
    """`shortlist_block` of all items of a block, for lower_bounds, at most LANES, that are all -inf; scores float32
    (3 * LANES,) has room after the scores.

    The place of a score is how many are no smaller, which is found without a branch; put into their places one by one,
    scores would make the processor guess wrong at every second one.
    """
    keys, ranked = scores[LANES : 2 * LANES], scores[2 * LANES :]
    shown, nothing, known = np.uint64(0), np.float32(-np.inf), np.int64(0)
    for lane in range(LANES):
        item, score, keys[lane], ranked[lane] = order[first + lane], scores[lane], nothing, nothing
        if item < 0 or (filter_[item & (FILTER - 1)] != 0 and is_hidden(item, hidden)):
            continue
        shown |= np.uint64(1) << np.uint64(lane)
        if score < np.inf:  # an overflow is not a bound from below
            keys[lane] = score
        known += keys[lane] > nothing
    for lane in range(LANES):
        ranked[count_bits(flags_of(keys, keys[lane])) - 1] = keys[lane]
    margin, place = slack * (1.0 + 1.0e-9), np.int64(0)
    for n in range(min(known, lower_bounds.shape[0])):
        place = max(place, np.int64(n))
        while ranked[place] == nothing:  # of equal scores the last place is taken
            place += 1
        lower_bounds[n] = np.float64(ranked[place]) - margin
    flags = flags_of(scores, entry_limit(lower_bounds[lower_bounds.shape[0] - 1], slack)) & shown
    while flags != 0:
        lane = lowest_bit(flags)
        flags = clear_lowest(flags)
        places[noted], upper_bounds[noted] = first + lane, np.float64(scores[lane]) + margin
        noted += 1
    return noted


@kernel(fast=False, makes_arrays=False)
def score_shortlist(
    user, item_factors, hot_rows, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
):
    """Give the items on the short list their exact scores where these still matter; returns the new count.

    hot_rows float32 (n, factors) are the factors of order[:n], beside each other so that they stay cached. top_ids
    int32 and top_scores float64 (k,) hold the best `count` so far. Afterwards lower_bounds are at least exact scores.
    """
    k = top_ids.shape[0]
    for n in range(noted):
        if upper_bounds[n] < lower_bounds[k - 1] or (count == k and upper_bounds[n] < top_scores[k - 1]):
            continue
        item = order[places[n]]
        row = hot_rows[places[n]] if places[n] < hot_rows.shape[0] else item_factors[item]
        score = exact_score(user, row)
        if count < k or score > top_scores[k - 1] or (score == top_scores[k - 1] and item < top_ids[k - 1]):
            count = insert_ranked(item, score, count, top_ids, top_scores)
    for n in range(count):
        lower_bounds[n] = max(lower_bounds[n], top_scores[n])
    return count
