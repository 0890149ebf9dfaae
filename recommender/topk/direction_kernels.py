"""Compiled scan for the rows of nearest direction: rows of length one, their leading coordinates first.

Where all rows are equally long, no bound on length ends a scan (`scan_kernels`). But in coordinates of falling energy,
in which the leading ones hold most of every row, what the others can add is small by Cauchy-Schwarz, and most blocks
are out after their head, the first words of each item.

Arguments as in `scan_kernels`, with rows float32 (items, factors) in catalog order, and block_tails float64 (blocks,),
the largest length of what is beyond the head; hidden is sorted.
"""

from __future__ import annotations

import numpy as np

from recommender.kernel import kernel
from recommender.topk.approximate_kernels import pack_user, unpack_scores
from recommender.topk.dot_bytes import dot_bytes
from recommender.topk.score_kernels import LANES, exact_score, insert_ranked
from recommender.topk.shortlist_kernels import ROOM, entry_limit, mark_hidden, score_shortlist, shortlist_block


@kernel(fast=False)
def byte_sum(words, count):
    """Sum of the signed bytes of the first words of a packed row."""
    total = np.int32(0)
    for w in range(count):
        for byte in range(4):
            total += np.int32(words[w] << (24 - 8 * byte)) >> 24
    return total


@kernel(fast=False)
def scan_directions(
    row, rows, no_rows, blocks, scales, block_norms, block_errors, block_tails, head, order, hidden, own, first, last,
    count, top_ids, top_scores,
):  # fmt: skip
    """Scan blocks first to last with `count` items in the top lists already; returns the count. no_rows float32
    (0, factors) stands for hot rows, which there are none of; head is in words.

    `own` is the block of the row itself, whose neighbours are likely to be there: it comes before all others, so that
    most of these are out at once.
    """
    factors, width = row.shape[0], blocks.shape[1]
    words, dots, rest = np.empty(width, np.int32), np.empty(LANES, np.int32), np.empty(LANES, np.int32)
    places, scores = np.empty(ROOM, np.int32), np.empty(LANES, np.float32)
    upper_bounds, lower_bounds = np.empty(ROOM), np.empty(top_ids.shape[0])
    gamma = (factors + 24) * 6.1e-8
    step, total, error = pack_user(row, words)
    offset, head_offset = np.int32(128 * total), np.int32(128 * byte_sum(words, head))
    square = 0.0
    for f in range(min(4 * head, factors), factors):
        square += np.float64(row[f]) * np.float64(row[f])
    tail = np.sqrt(square) * (1.0 + 1.0e-9)
    for n in range(top_ids.shape[0]):
        lower_bounds[n] = top_scores[n] if n < count else -np.inf
    filter_, noted = mark_hidden(hidden), np.int64(0)
    for turn in range(first - (first == 0), last):
        b = turn if turn >= 0 else own
        if turn == own or (turn == 0 and noted > 0):
            count = score_shortlist(
                row, rows, no_rows, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
            )
            noted = np.int64(0)
            if turn == own:
                continue
        lost = block_errors[b] + error * (block_norms[b] + block_errors[b])
        slack = lost * (1.0 + 1.0e-6) + gamma * 1.01 + 1.0e-30  # rows are one long up to rounding
        limit = entry_limit(lower_bounds[-1], slack + tail * block_tails[b])
        dot_bytes(words[:head], blocks[b][:head], dots)  # type: ignore[call-arg]  # numba supplies the context
        if not unpack_scores(dots, scales[b], np.float32(step), head_offset, limit, scores):
            continue
        dot_bytes(words[head:], blocks[b][head:], rest)
        for lane in range(LANES):
            dots[lane] += rest[lane]
        limit = entry_limit(lower_bounds[-1], slack)
        if unpack_scores(dots, scales[b], np.float32(step), offset, limit, scores):
            if noted > ROOM - LANES:
                count = score_shortlist(
                    row, rows, no_rows, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
                )
                noted = np.int64(0)
            noted = shortlist_block(
                order, b * LANES, scores, slack, limit, hidden, filter_, lower_bounds, places, upper_bounds, noted
            )
    return score_shortlist(
        row, rows, no_rows, order, places, upper_bounds, noted, lower_bounds, count, top_ids, top_scores
    )


@kernel(fast=False)
def nearest_directions(
    targets, rows, no_rows, blocks, scales, block_norms, block_errors, block_tails, head, order, place_of, starts,
    hidden, tile, top_ids, top_scores, counts,
):  # fmt: skip
    """`scan_directions` for rows[targets[n]], targets int32 (n,), `tile` blocks at a time, so that these stay cached.

    place_of int32 (items,) is the inverse of order; target n hides hidden[starts[n] : starts[n + 1]]. top_ids and
    top_scores are (n, k), counts int64 (n,).
    """
    for n in range(targets.shape[0]):
        counts[n] = 0
    for first in range(0, blocks.shape[0], tile):
        last = min(first + tile, blocks.shape[0])
        for n in range(targets.shape[0]):
            counts[n] = scan_directions(
                rows[targets[n]], rows, no_rows, blocks, scales, block_norms, block_errors, block_tails, head, order,
                hidden[starts[n] : starts[n + 1]], place_of[targets[n]] // LANES, first, last, counts[n], top_ids[n],
                top_scores[n],
            )  # fmt: skip


@kernel(fast=False)
def rank_cosines(targets, item_factors, norms, near, close, near_counts, margin, top_ids, top_scores, counts):
    """Write the k items of largest cosine to item_factors[targets[n]] among near int32 (n, wide), of which there are
    near_counts; cosines and ties as in `score_kernels.rank_cosine`. Returns how many are left to a scan of everything.

    close float64 (n, wide), descending, are products that are off by less than half of margin. Where the last of a full
    row is within margin of the k-th, another item may be as near, and counts[n] is -1.
    """
    k, wide = top_ids.shape[1], near.shape[1]
    left = 0
    for n in range(targets.shape[0]):
        counts[n] = 0
        row = item_factors[targets[n]]
        row_norm = np.sqrt(exact_score(row, row))
        if row_norm == 0.0:
            continue
        if near_counts[n] == wide and wide > k and close[n, wide - 1] >= close[n, k - 1] - margin:
            counts[n] = -1
            left += 1
            continue
        count = np.int64(0)
        for place in range(near_counts[n]):
            item = near[n, place]
            score = exact_score(row, item_factors[item]) / (row_norm * norms[item])
            last = top_scores[n, k - 1]
            if count == k and (score < last or (score == last and item > top_ids[n, k - 1])):
                continue
            count = insert_ranked(item, score, count, top_ids[n], top_scores[n])
        counts[n] = count
    return left
