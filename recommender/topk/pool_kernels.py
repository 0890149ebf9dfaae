"""Compiled scans for hundreds of items at a time, such as a second stage puts in order: those of `scan_kernels`, with
heaps in place of sorted lists. Same arguments, same answers.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.heap_kernels import keep_best, sink, sort_best
from recommender.topk.packed_products import clear_lowest, lowest_bit
from recommender.topk.packed_scores import USER_WORDS, pack_for, score_block
from recommender.topk.score_kernels import LANES, exact_score, is_hidden
from recommender.topk.shortlist_kernels import FILTER, entry_limit, mark_hidden

ROOM = 2048
"""Items on the short list before it is settled and emptied."""


@kernel(fast=False, hold_gil=True)
def rank_pool(
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """The k items of largest exact score, best first; returns how many there are. See `scan_kernels` for arguments.

    `bounds` is a heap of k lower bounds of scores: at least k items score its root or more.
    """
    factors, k = user.shape[0], top_ids.shape[0]
    square = 0.0
    for f in range(factors):
        square += np.float64(user[f]) * np.float64(user[f])
    user_norm = np.sqrt(square)
    gamma = (factors + 48) * 6.1e-8
    words, scores = np.empty(USER_WORDS * blocks.shape[1], dtype=np.int32), np.empty(LANES, dtype=np.float32)
    places, upper_bounds = np.empty(ROOM, dtype=np.int32), np.empty(ROOM)
    bounds, nobody = np.empty(k), np.empty(k, dtype=np.int32)
    for n in range(k):
        bounds[n], nobody[n] = -np.inf, 0
    padded, step, offset, user_error = pack_for(user, words, scales)
    filter_, noted, count = np.empty(FILTER, dtype=np.int8), np.int64(0), np.int64(0)
    mark_hidden(hidden, filter_)
    last, b = blocks.shape[0], 0
    while True:
        if b == last or noted > ROOM - LANES:
            for n in range(noted):
                if upper_bounds[n] < bounds[0] or (count == k and upper_bounds[n] < top_scores[0]):
                    continue
                item = order[places[n]]
                row = hot_rows[places[n]] if places[n] < hot_rows.shape[0] else item_factors[item]
                count = keep_best(item, exact_score(user, row), count, top_ids, top_scores)
            noted = np.int64(0)
            if b == last:
                break
        low = max(bounds[0], top_scores[0]) if count == k else bounds[0]
        largest_score = user_norm * block_norms[b]
        if largest_score * (1.0 + 1.0e-9) < low:
            last = b
            continue
        lost = user_norm * block_errors[b] + user_error * (block_norms[b] + block_errors[b])
        slack = lost * (1.0 + 1.0e-9) + gamma * largest_score + 1.0e-30
        limit = entry_limit(low, slack)
        flags = score_block(padded, words, step, offset, blocks, scales, b, limit, scores)
        while flags != 0:
            lane = lowest_bit(flags)
            flags = clear_lowest(flags)
            item = order[b * LANES + lane]
            if item < 0 or (filter_[item & (FILTER - 1)] != 0 and is_hidden(item, hidden)):
                continue
            score = np.float64(scores[lane])
            places[noted], upper_bounds[noted] = b * LANES + lane, score + slack * (1.0 + 1.0e-9)
            noted += 1
            bound = score - slack * (1.0 + 1.0e-9)
            if bounds[0] < bound < np.inf:  # an overflow to infinity is not a bound from below
                sink(np.int32(0), bound, np.int64(0), np.int64(k), nobody, bounds)
        b += 1
    sort_best(count, top_ids, top_scores)
    return count


@kernel(fast=False)
def rank_pools(
    users, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden_starts, hidden,
    top_ids, top_scores, counts, tile_words,
):  # fmt: skip
    """`rank_pool` for each of users float32 (n, factors). User n hides hidden[hidden_starts[n] : hidden_starts[n + 1]];
    top_ids and top_scores are (n, k), counts int64 (n,), of which those below 0 stay so: their users are passed over.
    tile_words are for `scan_kernels.rank_many`, whose arguments these are.
    """
    for n in range(users.shape[0]):
        if counts[n] >= 0:
            counts[n] = rank_pool(
                users[n], item_factors, hot_rows, blocks, scales, block_norms, block_errors, order,
                hidden[hidden_starts[n] : hidden_starts[n + 1]], top_ids[n], top_scores[n],
            )  # fmt: skip
