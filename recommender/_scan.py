"""Compiled scans over an index: blocks in descending order of norm, approximate scores first, exact ones where they
matter.

All write the k items of largest exact score, best first, leave out `hidden`, and say how many they wrote. By
Cauchy-Schwarz no item of a block scores more than |user| * block_norm, so a scan ends at the first block that cannot
reach the k-th best. Within a block an item goes on the short list (see `_shortlist`) if its approximate score reaches
the k-th best once the largest possible error is added: what packing lost, by Cauchy-Schwarz on the residuals, and what
float32 sums can lose (Higham, Accuracy and Stability of Numerical Algorithms, 3.1: gamma, for any order of summation).

A `scan_*` goes through blocks first to last only, with `count` items in the top lists already, and returns (count, the
block it stopped before), so that a batch can take a tile of blocks, small enough to stay cached, to all users in turn.

Arguments: user (factors,), item_factors (items, factors) in catalog order, hot_rows (n, factors), the first n in the
order of the index, float32; blocks int32 (blocks, words, LANES) and scales float32 (blocks, LANES), packed by
`_packing`; block_norms and block_errors float64 (blocks,), the largest norm in a block and the largest distance of an
item from its packed form; order int32 (LANES * blocks,), catalog indices, -1 for padding; hidden sorted int32; top_ids
int32 and top_scores float64 (k,).
"""

from __future__ import annotations

import numpy as np

from recommender._compile import kernel
from recommender._dot_bytes import dot_bytes
from recommender._kernels import LANES
from recommender._shortlist import ROOM, entry_limit, mark_hidden, note_lanes, settle


@kernel(fast=False)
def low_half(packed):  # type: ignore[no-untyped-def]
    """The float32 whose upper 16 bits are the lower 16 bits of an int32."""
    return np.int32(packed << 16).view(np.float32)


@kernel(fast=False)
def high_half(packed):  # type: ignore[no-untyped-def]
    """The int32 read as a float32: its lower 16 bits belong to the other half and are part of the rounding error."""
    return np.int32(packed).view(np.float32)


@kernel(fast=True)
def score_halves(user, block, limit, scores):  # type: ignore[no-untyped-def]
    """Approximate scores of one block of items: scores[l] = sum_f user[f] * factor f of lane l; returns how many reach
    limit (float32).

    user float32 (2 * pairs,), block int32 (pairs, LANES) holding factors 2p and 2p + 1 in the low and high half of
    pair p, scores float32 (LANES,); pairs is a multiple of 8. Sixteen factors a step keep the sums in registers, and
    halves of a number halve what has to come from memory, which is what bounds the scan.
    """
    for lane in range(LANES):
        scores[lane] = np.float32(0.0)
    for p in range(0, block.shape[0], 8):
        u = user[2 * p : 2 * p + 16]
        u0, u1, u2, u3, u4, u5, u6, u7 = u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7]
        v0, v1, v2, v3, v4, v5, v6, v7 = u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]
        for lane in range(LANES):
            a, b, c, d = block[p, lane], block[p + 1, lane], block[p + 2, lane], block[p + 3, lane]
            e, f, g, h = block[p + 4, lane], block[p + 5, lane], block[p + 6, lane], block[p + 7, lane]
            scores[lane] += (
                u0 * low_half(a)
                + u1 * high_half(a)
                + u2 * low_half(b)
                + u3 * high_half(b)
                + u4 * low_half(c)
                + u5 * high_half(c)
                + u6 * low_half(d)
                + u7 * high_half(d)
                + v0 * low_half(e)
                + v1 * high_half(e)
                + v2 * low_half(f)
                + v3 * high_half(f)
                + v4 * low_half(g)
                + v5 * high_half(g)
                + v6 * low_half(h)
                + v7 * high_half(h)
            )
    hits = 0
    for lane in range(LANES):
        hits += not scores[lane] < limit  # so that a NaN of an overflow is looked at as well
    return hits


@kernel(fast=False)
def scan_halves(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, first, last, count, top_ids,
    top_scores,
):  # fmt: skip
    """Scan blocks first to last of factors that are packed as halves; scales are not used."""
    factors = user.shape[0]
    padded = np.zeros(2 * blocks.shape[1], dtype=np.float32)
    square = 0.0
    for f in range(factors):
        padded[f] = user[f]
        square += np.float64(user[f]) * np.float64(user[f])
    user_norm = np.sqrt(square)
    gamma = (factors + 24) * 6.1e-8
    scores = np.empty(LANES, dtype=np.float32)
    places, uppers = np.empty(ROOM, dtype=np.int32), np.empty(ROOM)
    lows = np.full(top_ids.shape[0], -np.inf)
    lows[:count] = top_scores[:count]
    filter_, noted = mark_hidden(hidden), 0
    for b in range(first, last):
        reach = user_norm * block_norms[b]
        if reach * (1.0 + 1.0e-9) < lows[-1]:
            last = b
            break
        slack = user_norm * block_errors[b] * (1.0 + 1.0e-9) + gamma * reach + 1.0e-30
        limit = entry_limit(lows[-1], slack)
        if score_halves(padded, blocks[b], limit, scores) > 0:
            noted = note_lanes(order, b * LANES, scores, slack, limit, hidden, filter_, lows, places, uppers, noted)
            if noted > ROOM - LANES:
                count = settle(
                    user, item_factors, hot_rows, order, places, uppers, noted, lows, count, top_ids, top_scores
                )
                noted = 0
    count = settle(user, item_factors, hot_rows, order, places, uppers, noted, lows, count, top_ids, top_scores)
    return count, last


@kernel(fast=False)
def rank_halves(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """`scan_halves` over all blocks; returns the count."""
    return scan_halves(
        user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, 0, blocks.shape[0], 0,
        top_ids, top_scores,
    )[0]  # fmt: skip


@kernel(fast=False)
def rank_many_halves(  # type: ignore[no-untyped-def]
    users, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden_starts, hidden, top_ids,
    top_scores, counts, tile_words,
):  # fmt: skip
    """`rank_halves` for each of users float32 (n, factors), the same answers, tile_words of the blocks at a time.

    User n hides hidden[hidden_starts[n] : hidden_starts[n + 1]]; top_ids and top_scores are (n, k), counts int64 (n,).
    """
    tile = max(1, tile_words // (blocks.shape[1] * LANES))
    counts[:] = 0
    waiting = np.arange(users.shape[0])
    left = users.shape[0]
    for first in range(0, blocks.shape[0], tile):
        last = min(first + tile, blocks.shape[0])
        kept = 0
        for w in range(left):
            n = waiting[w]
            counts[n], reached = scan_halves(
                users[n], item_factors, hot_rows, blocks, scales, block_norms, block_errors, order,
                hidden[hidden_starts[n] : hidden_starts[n + 1]], first, last, counts[n], top_ids[n], top_scores[n],
            )  # fmt: skip
            if reached == last:
                waiting[kept] = n
                kept += 1
        left = kept


@kernel(fast=False)
def pack_user(user, words):  # type: ignore[no-untyped-def]
    """Round a user to signed bytes, four an int32 word; returns (step, sum of the bytes, distance from the user).

    user float32 (factors,) is step * byte + residual; words int32 (ceil(factors / 4) or more,) is written.
    """
    largest = 0.0
    for f in range(user.shape[0]):
        largest = max(largest, abs(np.float64(user[f])))
    step = largest / 127.0 if largest > 0.0 else 1.0
    words[:] = 0
    total = np.int32(0)
    square = 0.0
    for f in range(user.shape[0]):
        byte = np.int32(np.floor(user[f] / step + 0.5))
        total += byte
        residual = user[f] - step * byte
        square += residual * residual
        words[f // 4] |= np.int32((byte & 0xFF) << (8 * (f % 4)))
    return step, total, np.sqrt(square)


@kernel(fast=True)
def unpack_scores(dots, scales, step, offset, limit, scores):  # type: ignore[no-untyped-def]
    """Turn products of bytes into scores: step * scales[l] * (dots[l] - offset); returns how many reach limit."""
    for lane in range(LANES):
        scores[lane] = np.float32(dots[lane] - offset) * (step * scales[lane])
    hits = 0
    for lane in range(LANES):
        hits += not scores[lane] < limit  # so that a NaN of an overflow is looked at as well
    return hits


@kernel(fast=False)
def scan_bytes(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, first, last, count, top_ids,
    top_scores,
):  # fmt: skip
    """Scan blocks first to last of factors that are packed as bytes, for which `dot_bytes` must be available."""
    factors = user.shape[0]
    words = np.empty(blocks.shape[1], dtype=np.int32)
    step, total, user_error = pack_user(user, words)
    offset = np.int32(128 * total)
    square = 0.0
    for f in range(factors):
        square += np.float64(user[f]) * np.float64(user[f])
    user_norm = np.sqrt(square)
    gamma = (factors + 24) * 6.1e-8
    dots, scores = np.empty(LANES, dtype=np.int32), np.empty(LANES, dtype=np.float32)
    places, uppers = np.empty(ROOM, dtype=np.int32), np.empty(ROOM)
    lows = np.full(top_ids.shape[0], -np.inf)
    lows[:count] = top_scores[:count]
    filter_, noted = mark_hidden(hidden), 0
    for b in range(first, last):
        reach = user_norm * block_norms[b]
        if reach * (1.0 + 1.0e-9) < lows[-1]:
            last = b
            break
        lost = user_norm * block_errors[b] + user_error * (block_norms[b] + block_errors[b])
        slack = lost * (1.0 + 1.0e-9) + gamma * reach + 1.0e-30
        dot_bytes(words, blocks[b], dots)  # type: ignore[call-arg]  # numba supplies the context
        limit = entry_limit(lows[-1], slack)
        if unpack_scores(dots, scales[b], np.float32(step), offset, limit, scores) > 0:
            noted = note_lanes(order, b * LANES, scores, slack, limit, hidden, filter_, lows, places, uppers, noted)
            if noted > ROOM - LANES:
                count = settle(
                    user, item_factors, hot_rows, order, places, uppers, noted, lows, count, top_ids, top_scores
                )
                noted = 0
    count = settle(user, item_factors, hot_rows, order, places, uppers, noted, lows, count, top_ids, top_scores)
    return count, last


@kernel(fast=False)
def rank_bytes(  # type: ignore[no-untyped-def]
    user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, top_ids, top_scores
):
    """`scan_bytes` over all blocks; returns the count."""
    return scan_bytes(
        user, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden, 0, blocks.shape[0], 0,
        top_ids, top_scores,
    )[0]  # fmt: skip


@kernel(fast=False)
def rank_many_bytes(  # type: ignore[no-untyped-def]
    users, item_factors, hot_rows, blocks, scales, block_norms, block_errors, order, hidden_starts, hidden, top_ids,
    top_scores, counts, tile_words,
):  # fmt: skip
    """`rank_bytes` for each of users float32 (n, factors), the same answers, tile_words of the blocks at a time.

    User n hides hidden[hidden_starts[n] : hidden_starts[n + 1]]; top_ids and top_scores are (n, k), counts int64 (n,).
    """
    tile = max(1, tile_words // (blocks.shape[1] * LANES))
    counts[:] = 0
    waiting = np.arange(users.shape[0])
    left = users.shape[0]
    for first in range(0, blocks.shape[0], tile):
        last = min(first + tile, blocks.shape[0])
        kept = 0
        for w in range(left):
            n = waiting[w]
            counts[n], reached = scan_bytes(
                users[n], item_factors, hot_rows, blocks, scales, block_norms, block_errors, order,
                hidden[hidden_starts[n] : hidden_starts[n + 1]], first, last, counts[n], top_ids[n], top_scores[n],
            )  # fmt: skip
            if reached == last:
                waiting[kept] = n
                kept += 1
        left = kept
