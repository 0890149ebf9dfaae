"""Compiled scans over an index: blocks in descending order of norm, approximate scores first, exact ones where they
matter.

All write the k items of largest exact score, best first, leave out `hidden`, and say how many they wrote. By
Cauchy-Schwarz no item of a block scores more than |user| * block_norm, so a scan ends at the first block that cannot
reach the k-th best. Within a block an item goes on the short list (see `shortlist_kernels`) if its approximate score
reaches the k-th best once the largest possible error is added: what packing lost, by Cauchy-Schwarz on the residuals,
and what mixing and float32 sums can lose (Higham, Accuracy and Stability of Numerical Algorithms, 3.1: gamma, for any
order of summation).

A `scan` goes through blocks first to last only, with `count` items in the top lists already, and returns (count, the
block it stopped before), so that a batch can take a tile of blocks, small enough to stay cached, to all users in turn.

Arguments: user (factors,), item_factors (items, factors) in catalog order, hot_rows (n, factors), the first n in the
order of the index, float32; blocks int32 (blocks, words, LANES) and scales float32 (blocks, LANES), packed by `packing`
as bytes, or as halves where scales is None, so that only one of the two is compiled; block_norms and block_errors
float64 (blocks,), the largest norm in a block and the largest distance of an item from its packed form; order int32
(LANES * blocks,), catalog indices, -1 for padding; hidden sorted int32; top_ids int32 and top_scores float64 (k,).
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.packed_scores import USER_WORDS, pack_for, score_block
from recommender.topk.score_kernels import LANES, exact_score
from recommender.topk.shortlist_kernels import (
    FILTER,
    ROOM,
    entry_limit,
    mark_hidden,
    score_shortlist,
    shortlist_block,
    shortlist_first,
)

EARLY = 32
"""Blocks after which the short list is settled, and again after twice as many: exact scores end a long scan sooner than
lower bounds do (66 blocks in place of 107 on a generated catalog), and most short ones are over by then.
"""


@kernel(fast=False, makes_arrays=False)
def scan(
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, first, last,
    count, top_ids, top_scores, room,
):  # fmt: skip
    """Scan blocks first to last; room float64 is as long as `room_for` says."""
    factors, k, size = user.shape[0], top_ids.shape[0], USER_WORDS * blocks.shape[1]
    user_norm = np.sqrt(exact_score(user, user))
    gamma = (factors + 48) * 6.1e-8
    upper_bounds, lower_bounds, ints = room[:ROOM], room[ROOM : ROOM + k], room[ROOM + k :].view(np.int32)
    places, scores = ints[:ROOM], ints[ROOM : ROOM + 3 * LANES].view(np.float32)
    words, filter_ = ints[ROOM + 3 * LANES :][:size], ints[ROOM + 3 * LANES + size :].view(np.int8)
    padded, step, offset, user_error = pack_for(user, words, scales)
    for n in range(k):  # loops, since assigning slices takes seconds to compile
        lower_bounds[n] = top_scores[n] if n < count else -np.inf
    mark_hidden(hidden, filter_)
    noted = np.int64(0)  # a plain 0 has a type of its own, compiled for once more
    pause = first + EARLY
    b = first
    while True:
        if b in (last, pause) or noted > ROOM - LANES:  # one place that settles: its code is long to compile
            count = score_shortlist(
                user,
                item_factors,
                hot_rows,
                order,
                places,
                upper_bounds,
                noted,
                lower_bounds,
                count,
                top_ids,
                top_scores,
            )
            noted = np.int64(0)
            if b == last:
                return count, last
            if b == pause:
                pause += b - first
        largest_score = user_norm * block_norms[b]
        if largest_score * (1.0 + 1.0e-9) < lower_bounds[-1]:
            last = b
            continue
        lost = user_norm * block_errors[b] + user_error * (block_norms[b] + block_errors[b])
        slack = lost * (1.0 + 1.0e-9) + gamma * largest_score + 1.0e-30
        limit = entry_limit(lower_bounds[-1], slack)
        flags = score_block(padded, words, step, offset, blocks, scales, b, limit, scores)
        if lower_bounds[0] == -np.inf:
            noted = shortlist_first(
                order, b * LANES, scores, slack, hidden, filter_, lower_bounds, places, upper_bounds, noted
            )
        elif flags != 0:
            noted = shortlist_block(
                flags, order, b * LANES, scores, slack, hidden, filter_, lower_bounds, places, upper_bounds, noted
            )
        b += 1


@kernel(fast=False, makes_arrays=False)
def room_for(blocks, k):
    """Numbers of float64 that a scan needs room for: one array, since each takes its time to make."""
    return ROOM + k + (ROOM + 3 * LANES + USER_WORDS * blocks.shape[1] + FILTER // 4 + 1) // 2


@kernel(fast=False, hold_gil=True, patient=True, makes_arrays=False)
def rank_one(
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """`scan` over all blocks; returns the count."""
    return scan_all(
        user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
    )


@kernel(fast=False)
def scan_all(
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """`rank_one`, which makes no arrays itself so that calling it is cheap."""
    room = np.empty(room_for(blocks, top_ids.shape[0]))
    return scan(
        user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, np.int64(0),
        blocks.shape[0], np.int64(0), top_ids, top_scores, room,
    )[0]  # fmt: skip


@kernel(fast=False)
def rank_many(
    users, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden_starts, hidden,
    top_ids, top_scores, counts, tile_words,
):  # fmt: skip
    """`rank_one` for each of users float32 (n, factors), the same answers, tile_words of the blocks at a time.

    User n hides hidden[hidden_starts[n] : hidden_starts[n + 1]]; top_ids and top_scores are (n, k), counts int64 (n,),
    of which those below 0 stay so: their users are passed over.
    """
    tile = max(1, tile_words // (blocks.shape[1] * LANES))
    waiting, left = np.empty(users.shape[0], dtype=np.int64), 0
    for n in range(users.shape[0]):
        if counts[n] >= 0:
            counts[n], waiting[left] = 0, n
            left += 1
    room = np.empty(room_for(blocks, top_ids.shape[1]))
    for first in range(0, blocks.shape[0], tile):
        last = min(first + tile, blocks.shape[0])
        kept = 0
        for w in range(left):
            n = waiting[w]
            counts[n], reached = scan(
                users[n], item_factors, hot_rows, blocks, scales, block_norms, block_errors, order,
                hidden[hidden_starts[n] : hidden_starts[n + 1]], first, last, counts[n], top_ids[n],
                top_scores[n], room,
            )  # fmt: skip
            if reached == last:
                waiting[kept] = n
                kept += 1
        left = kept
